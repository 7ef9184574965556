"""How often business time is added and measured in a second, on one core; and whether ten years cost more.

    python -m bench calendar [--rounds 5]

The common calendar is 09:00-17:00 from Monday to Friday in a zone whose clocks change, with holidays. A busy
one has lunch, nights, half days and days of its own. Beside them stands the same addition by stepping over
minutes, which is how it is often done.
"""

import argparse
import statistics
import sys
import time
from datetime import UTC, date, datetime, timedelta

from mailgate.core.calendar import Calendar, Exceptional, Holiday, Opening
from mailgate.core.instant import from_ticks, ticks
from mailgate.core.zone import zone

HOUR = 3_600_000
ADDITIONS = 100_000
FLOOR = 1_000_000  # additions a second
MOST = 1.5  # times what an hour costs, for ten years
START = ticks(datetime(2026, 3, 6, 15, 0, tzinfo=UTC))
AMOUNTS = {"1 hour": HOUR, "5 days": 40 * HOUR, "10 years": 2610 * 8 * HOUR}


def office() -> Calendar:
    holidays = [Holiday(date(year, 12, day), "Christmas") for year in range(2010, 2051) for day in (25, 26)]
    return Calendar("office", "Europe/Berlin", ((Opening(540, 1020),),) * 5 + ((), ()), tuple(holidays))


def busy() -> Calendar:
    day = (Opening(8 * 60, 12 * 60), Opening(13 * 60, 17 * 60), Opening(22 * 60, 26 * 60))
    own = [Exceptional(date(year, 12, 24), day[:1], "half day") for year in range(2010, 2051)]
    return Calendar("busy", "America/New_York", (day,) * 5 + ((), ()), office().holidays, tuple(own))


def additions(calendar: Calendar, amount: int) -> float:
    """How many additions of an amount are done in a second."""
    add = calendar.add_ticks
    began = time.perf_counter()
    for step in range(ADDITIONS):
        add(START + step, amount)
    return ADDITIONS / (time.perf_counter() - began)


def measurements(calendar: Calendar, amount: int) -> float:
    """How often in a second the open time up to where an addition leads is measured."""
    elapsed, due = calendar.elapsed_ticks, calendar.add_ticks(START, amount)
    began = time.perf_counter()
    for step in range(ADDITIONS):
        elapsed(START + step, due)
    return ADDITIONS / (time.perf_counter() - began)


def stepping(calendar: Calendar, amount: int) -> float:
    """The same by stepping over minutes."""
    where, holidays = zone(calendar.zone), {holiday.on for holiday in calendar.holidays}
    at, left = from_ticks(START), amount // 60_000
    began = time.perf_counter()
    while left:
        local = at.astimezone(where)
        minute = local.hour * 60 + local.minute
        openings = () if local.date() in holidays else calendar.week[local.weekday()]
        left -= any(one.opens <= minute < one.closes for one in openings)
        at += timedelta(minutes=1)
    return 1 / (time.perf_counter() - began)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    calendar = office()
    began = time.perf_counter()
    calendar.add_ticks(START, AMOUNTS["10 years"])
    print(f"ready for ten years in {(time.perf_counter() - began) * 1000:.0f} ms")
    speeds = told(calendar, rounds)
    told(busy(), rounds)
    slow = stepping(calendar, AMOUNTS["5 days"])
    times = speeds["5 days"] / slow
    print(f"  5 days: {slow:12,.0f} a second by stepping over minutes, {times:,.0f} times slower")
    longest = speeds["1 hour"] / speeds["10 years"]
    print(f"ten years cost {longest:.2f} times an hour (at most {MOST}); {FLOOR:,} a second are asked for")
    return 0 if min(speeds.values()) >= FLOOR and longest <= MOST else 3


def told(calendar: Calendar, rounds: int) -> dict[str, float]:
    """Says how many additions and measurements are done in a second, and returns the additions."""
    speeds = {}
    for name, amount in AMOUNTS.items():
        speeds[name] = statistics.median(additions(calendar, amount) for _ in range(rounds))
        measured = statistics.median(measurements(calendar, amount) for _ in range(rounds))
        print(
            f"{calendar.name:>8}, {name:>8}: {speeds[name]:11,.0f} additions, {measured:11,.0f} measurements"
        )
    return speeds


if __name__ == "__main__":
    sys.exit(main())
