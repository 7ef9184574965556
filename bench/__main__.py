"""Runs the measurements: all of them with small numbers, or one of them with options of its own.

    python -m bench                       all, small, within two or three minutes
    python -m bench NAME [OPTION ...]     one, at its own size; NAME --help tells its options

Each runs in a process of its own. One that finds less than it asks for ends with 3. Asked for by NAME, so
does this; among all, whose numbers are too small to judge by, it is only said.
"""

import subprocess
import sys
import time
from collections.abc import Sequence

BELOW = 3  # the exit code of a measurement that finds less than it asks for
SMALL: dict[str, tuple[str, ...]] = {
    "calendar": ("--rounds", "1"),
    "cases": ("--cases", "1000", "--rounds", "1"),
    "parse": ("--rounds", "1"),
    "bombs": ("--rounds", "1"),
    "fuzz": ("--count", "4000"),
    "compose": ("--mails", "300", "--rounds", "3"),
    "accept": ("--mails", "1000", "--rounds", "3"),
    "relay": ("1000",),
    "deadlines": ("--open", "50000", "--due", "200"),
    "replay": ("--mails", "2000"),
    "proof": ("--tickets", "2000"),
    "road": ("--mails", "500", "--rounds", "2"),
    "promises": ("--promises", "500", "--within", "5"),
    "dialogues": ("--count", "300"),
    "overload": ("--sessions", "30", "--megabytes", "10", "--budget", "64"),
    "loss": ("--mails", "500", "--kills", "2"),
    "soak": ("--minutes", "0.3"),
}
"""Every measurement, and how it is asked for a quick look."""


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        return everything()
    name, *options = arguments
    if name in {"-h", "--help"}:
        print(f"{__doc__}\nThe measurements: {', '.join(SMALL)}")
        return 0
    if name not in SMALL:
        print(f"{name!r} is no measurement: choose from {', '.join(SMALL)}", file=sys.stderr)
        return 2
    return measure(name, options)


def everything() -> int:
    ended = {name: _measured(name, options) for name, options in SMALL.items()}
    slow = [name for name, code in ended.items() if code == BELOW]
    broken = [name for name, code in ended.items() if code not in {0, BELOW}]
    if slow:
        print(f"Less than is asked for, by small numbers on this machine: {', '.join(slow)}.")
    if broken:
        print(f"Failed: {', '.join(broken)}.")
    return 1 if broken else 0


def measure(name: str, options: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", f"bench.{name}", *options], check=False).returncode


def _measured(name: str, options: Sequence[str]) -> int:
    print(f"== {name} {' '.join(options)}", flush=True)
    began = time.perf_counter()
    code = measure(name, options)
    print(f"   ({time.perf_counter() - began:.0f} s)\n", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
