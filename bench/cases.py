"""How long `sla due --jsonl` takes for one case and for many, over all policies of the starter configuration.

python -m bench cases [--cases 10000] [--rounds 3]
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from mailgate import shipped

MOST = 2.0  # seconds for 10,000 cases, once it has started
ASKED = (
    ("particle", "enterprise"),
    ("planetscale", "business"),
    ("platformsh", "standard"),
    ("pantheon-tiers", "gold"),
    ("pantheon-priority", "priority"),
)
CONFIGURATION = shipped.folder("config") / "mailgate.toml"


def cases(count: int) -> Iterator[str]:
    """Cases of every policy at every hour of many days."""
    for number in range(count):
        policy, plan = ASKED[number % len(ASKED)]
        received = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:{number % 60:02}:00Z"
        yield json.dumps(
            {
                "id": number,
                "policy": policy,
                "plan": plan,
                "priority": f"P{number % 4 + 1}",
                "channel": "web",
                "received": received,
            }
        )


def answered(count: int) -> float:
    """How many seconds a program of its own takes for so many cases."""
    asked = "\n".join(cases(count)).encode()
    program = str(Path(sys.executable).with_name("mailgate"))
    command = [program, "--config", str(CONFIGURATION), "sla", "due", "--jsonl"]
    began = time.perf_counter()
    done = subprocess.run(command, input=asked, capture_output=True, check=True)
    took = time.perf_counter() - began
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if [one["id"] for one in answers] != list(range(count)) or any("error" in one for one in answers):
        raise SystemExit("not every case was answered")
    return took


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench cases", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    start = statistics.median(answered(1) for _ in range(options.rounds))
    whole = statistics.median(answered(options.cases) for _ in range(options.rounds))
    took = whole - start
    print(f"one case {start:.2f} s, {options.cases:,} cases {took:.2f} s more (medians of {options.rounds})")
    return 3 if took > MOST * options.cases / 10_000 else 0


if __name__ == "__main__":
    sys.exit(main())
