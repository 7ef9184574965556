"""Kills mailgate while it works, again and again, and proves that nothing was lost and nothing done twice.

    python -m campaign --rounds 300 [--postgresql] [--seed S] [--keep FOLDER]
    python -m campaign --from-seed S [--postgresql]

What is shown, and how: docs/campaign.md. Ends with 1 if an invariant is broken; says which, and the seed.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from campaign import rounds
from campaign.plan import drawn


def main(arguments: Sequence[str]) -> int:
    """Does what is asked for; returns the exit code."""
    options = _options(arguments)
    folder = Path(options.keep or tempfile.mkdtemp(prefix="mailgate-campaign-"))
    began = time.monotonic()
    if options.from_seed is None:
        seeds = range(options.seed, options.seed + options.rounds)
    else:
        seeds = range(options.from_seed, options.from_seed + 1)
    plans = [drawn(seed, postgresql=options.postgresql) for seed in seeds]
    tally = asyncio.run(rounds.run(plans, folder, _say, postgresql=options.postgresql))
    _say(f"{tally.told}\n{time.monotonic() - began:.0f} s")
    failed = tally.rounds[-1].breaches
    if not failed:
        if not options.keep:
            shutil.rmtree(folder)
        return 0
    _say("\n".join(failed))
    again = " --postgresql" if options.postgresql else ""
    _say(f"Broken; the installation is in {folder}. Again: --from-seed {tally.rounds[-1].seed}{again}")
    return 1


def _say(line: str) -> None:
    print(line, flush=True)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m campaign", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own; else SQLite")
    parser.add_argument("--seed", type=int, default=1, help="of the first round; each has the next one")
    parser.add_argument("--from-seed", type=int, help="that one round alone")
    parser.add_argument("--keep", default="", metavar="FOLDER", help="leave everything there; a new folder")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
