"""Kills mailgate while it works, again and again, and proves that nothing was lost and nothing done twice.

    python -m campaign --rounds 300 [--postgresql] [--seed S] [--keep FOLDER]
    python -m campaign --from-seed S [--postgresql]
    python -m campaign --failpoints [--postgresql | --sqlite]
    python -m campaign --at after_insert:kill:2
    python -m campaign --mutations [NAME ...]

What is shown, and how: docs/campaign.md. Ends with 1 if an invariant is broken; says which, and the seed.
"""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from campaign import mutations, points, rounds
from campaign.plan import calm, drawn
from campaign.tally import Tally
from mailgate.failpoint import arm

_TERMINATED = 128 + signal.SIGTERM


def main(arguments: Sequence[str]) -> int:
    """Does what is asked for; returns the exit code."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # or the servers would live on
    if options.mutations is not None:
        return mutations.run(options.mutations, _say)
    folder = Path(options.keep or tempfile.mkdtemp(prefix="mailgate-campaign-"))
    databases = [True] if options.postgresql else [False]
    if options.failpoints and not (options.postgresql or options.sqlite):
        databases = [False, True]
    code = 0
    for postgresql in databases:
        began = time.monotonic()
        place = folder / ("postgresql" if postgresql else "sqlite")
        tally = _played(options, place, postgresql=postgresql)
        _say(f"{tally.told}\n{time.monotonic() - began:.0f} s")
        code = code or _judged(tally, place, postgresql=postgresql)
    if not (code or options.keep):
        shutil.rmtree(folder)
    return code


def _played(options: argparse.Namespace, folder: Path, *, postgresql: bool) -> Tally:
    patience: float = options.patience
    if options.failpoints:
        aims = points.every(options.seed, postgresql=postgresql)
        return points.run(aims, folder, _say, postgresql=postgresql)
    if options.at:
        aims = [
            points.named(options.seed + number, words, postgresql=postgresql)
            for number, words in enumerate(options.at)
        ]
        return asyncio.run(rounds.run(aims, folder, _say, patience, postgresql=postgresql))
    if options.from_seed is None:
        seeds = range(options.seed, options.seed + options.rounds)
    else:
        seeds = range(options.from_seed, options.from_seed + 1)
    plans = [calm(seed) if options.calm else drawn(seed, postgresql=postgresql) for seed in seeds]
    return asyncio.run(rounds.run(plans, folder, _say, patience, postgresql=postgresql))


def _judged(tally: Tally, folder: Path, *, postgresql: bool) -> int:
    last = tally.rounds[-1]
    if not last.breaches:
        return 0
    _say("\n".join(last.breaches))
    again = f"--from-seed {last.seed}{' --postgresql' if postgresql else ''}"
    _say(f"Broken; the installation is in {folder}. Its last round again: {again}")
    return 1


def _say(line: str) -> None:
    print(line, flush=True)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m campaign", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--rounds", type=int, default=10, help="so many; without anything, ten")
    what.add_argument("--from-seed", type=int, metavar="S", help="that one round alone")
    what.add_argument("--failpoints", action="store_true", help="each place, on both databases")
    what.add_argument(
        "--at", action="append", type=_place, metavar="NAME:ACTION:N", help="one place; may be repeated"
    )
    what.add_argument(
        "--mutations", nargs="*", metavar="NAME", help="each deliberate breakage, which must be caught"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--postgresql", action="store_true", help="on a PostgreSQL of its own, with a standby, not on SQLite"
    )
    where.add_argument("--sqlite", action="store_true", help="on SQLite alone")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="of the first round; each has the next one"
    )
    parser.add_argument("--keep", default="", metavar="FOLDER", help="leave everything there; a new folder")
    parser.add_argument("--calm", action="store_true", help="nothing is killed")
    parser.add_argument("--patience", type=float, default=60, help="seconds until all must be at rest")
    return parser.parse_args(arguments)


def _place(words: str) -> str:
    try:
        arm(words or "nowhere")
    except ValueError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None
    arm("")  # it is the server under test that is to stumble
    return words


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
