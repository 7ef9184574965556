"""Knows when business time runs: opening hours in a zone, holidays, exceptional dates.

An interval belongs to the date on which it opens, with all of it: a night shift that opens on the eve of a
holiday runs on into it, one that would open on the holiday is not worked (`policies.md`, Business time 1).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

from mailgate.core import zone
from mailgate.core.instant import MINUTE, from_ticks, ticks
from mailgate.core.opentime import Interval, OpenTime

MIDNIGHT = 24 * 60
LATEST_CLOSE = 2 * MIDNIGHT
BUSINESS_HOURS = "business hours"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_WEEKEND = frozenset({5, 6})
_EPOCH_WEEKDAY = date(1970, 1, 1).weekday()


class CalendarError(ValueError):
    """A calendar that cannot be reckoned with; the message says what is wrong with it.

    Args:
        on: the day of the week or the ISO date whose hours are wrong; empty where it is no single day.
    """

    def __init__(self, wrong: str, on: str = "") -> None:
        super().__init__(wrong)
        self.on = on


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """Open from one minute of a date up to another, which is not part of it: 09:00-17:00 is 540 to 1020.

    Args:
        closes: up to 2880, 48:00; from 1440 on it is a time of the next date.

    Raises:
        CalendarError: it is empty, or opens outside its date, or closes later than 48:00.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        """Refuses an interval that no date can have."""
        if not 0 <= self.opens < MIDNIGHT:
            raise CalendarError(f"{self} opens outside its date")
        if self.closes <= self.opens:
            raise CalendarError(f"{self} closes before it opens; past midnight write 22:00-30:00")
        if self.closes > LATEST_CLOSE:
            raise CalendarError(f"{self} closes later than 48:00")

    def __str__(self) -> str:
        return f"{_written(self.opens)}-{_written(self.closes)}"


@dataclass(frozen=True, slots=True, order=True)
class Holiday:
    """A local date on which nothing opens, with its name for people."""

    on: date
    name: str


@dataclass(frozen=True, slots=True, order=True)
class Exceptional:
    """A local date with hours of its own, holiday or not; without openings it is closed. `name` says why."""

    on: date
    openings: tuple[Opening, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of time that counts as a whole or not at all; `reason` says why."""

    start: datetime
    end: datetime
    counts: bool
    reason: str

    @property
    def length(self) -> timedelta:
        """How long it lasted."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Calendar:
    """When business time runs.

    Args:
        name: what its policy calls it.
        zone: an IANA name, or a fixed offset such as `UTC-08:00`.
        week: the openings of Monday to Sunday.
        holidays: in the order of their dates; a date may have several.
        exceptions: dates with hours of their own; they beat the week and the holidays.
        business_day: the length of a business day in milliseconds; None for that of an ordinary day.

    Raises:
        CalendarError: there is no such zone, it never opens, openings overlap, or its days differ in length
            and no business day is declared.
    """

    name: str
    zone: str
    week: tuple[tuple[Opening, ...], ...]
    holidays: tuple[Holiday, ...] = ()
    exceptions: tuple[Exceptional, ...] = ()
    business_day: int | None = None
    day_length: int = field(init=False, repr=False, compare=False)
    is_always_open: bool = field(init=False, repr=False, compare=False)
    _dates: "_Dates" = field(init=False, repr=False, compare=False)
    _open_time: OpenTime = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Checks the calendar, and makes it ready to reckon."""
        _check_week(self.week)
        for one in self.exceptions:
            _check_date(one.openings, one.on.isoformat())
        dates = _Dates(self)
        whole_week = all(openings == (Opening(0, MIDNIGHT),) for openings in self.week)
        derived = {
            "day_length": self.business_day or _ordinary_day(self.week),
            "is_always_open": whole_week and not self.holidays and not self.exceptions,
            "_dates": dates,
            "_open_time": OpenTime(dates.intervals),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)  # frozen for everybody else

    def elapsed(self, start: datetime, end: datetime) -> int:
        """The open milliseconds from one instant to a later one."""
        return self.elapsed_ticks(ticks(start), ticks(end))

    def add(self, start: datetime, amount: int) -> datetime:
        """The earliest instant at which so many open milliseconds have elapsed since the start (rule 4).

        Raises:
            OverflowError: that is after the year 9999.
        """
        return from_ticks(self.add_ticks(ticks(start), amount))

    def elapsed_ticks(self, start: int, end: int) -> int:
        """`elapsed`, on milliseconds since 1970."""
        return max(end - start, 0) if self.is_always_open else self._open_time.elapsed(start, end)

    def add_ticks(self, start: int, amount: int) -> int:
        """`add`, on milliseconds since 1970."""
        return start + max(amount, 0) if self.is_always_open else self._open_time.add(start, amount)

    def stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        """The time from one instant to a later one, piece by piece without a gap."""
        done, last = ticks(start), ticks(end)
        openings = ((done, last),) if self.is_always_open else self._open_time.intervals(done, last)
        for opens, closes in openings:
            yield from self._closed(done, opens)
            if opens < closes:
                yield Stretch(from_ticks(opens), from_ticks(closes), counts=True, reason=BUSINESS_HOURS)
            done = closes
        yield from self._closed(done, last)

    def openings(self, on: date) -> tuple[Opening, ...]:
        """What opens on a date: its own hours, none on a holiday, those of its day of the week."""
        return self._dates.openings(zone.day_number(on))

    def _closed(self, start: int, end: int) -> Iterator[Stretch]:
        """A closed piece, cut at each midnight where the reason changes."""
        cuts = list(self._dates.reasons(start, end)) if start < end else []
        ends = [begins for begins, _ in cuts[1:]] + [end]
        for (begins, reason), ends_at in zip(cuts, ends, strict=False):
            yield Stretch(from_ticks(begins), from_ticks(ends_at), counts=False, reason=reason)


class _Dates:
    """What holds on each local date: when it opens, and why it is closed."""

    __slots__ = ("_exceptions", "_holidays", "_week", "_zone")

    def __init__(self, calendar: Calendar) -> None:
        self._zone = _zone(calendar.zone)
        self._week = calendar.week
        self._exceptions = {zone.day_number(one.on): one for one in calendar.exceptions}
        self._holidays: dict[int, str] = {}
        for holiday in calendar.holidays:
            day = zone.day_number(holiday.on)
            known = self._holidays.get(day)
            self._holidays[day] = f"{known}, {holiday.name}" if known else holiday.name

    def openings(self, day: int) -> tuple[Opening, ...]:
        """What opens on a date."""
        exceptional = self._exceptions.get(day)
        if exceptional is not None:
            return exceptional.openings
        return () if day in self._holidays else self._week[(day + _EPOCH_WEEKDAY) % 7]

    def intervals(self, first: int, last: int) -> Iterator[Interval]:
        """What opens on the dates from one to another, in milliseconds UTC."""
        for day in range(first, last + 1):
            for opening in self.openings(day):
                opens = zone.moment(self._zone, day, opening.opens)
                closes = zone.closing(self._zone, day, opening.closes)
                if opens < closes:  # a jump of the clocks can swallow the whole of it
                    yield opens, closes

    def reasons(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """From which instant on the closed time between two instants is closed for which reason."""
        reason = self._why_closed(zone.day_of(self._zone, start))
        yield start, reason
        for day in range(zone.day_of(self._zone, start) + 1, zone.day_of(self._zone, end - 1) + 1):
            midnight = zone.moment(self._zone, day, 0)
            if self._why_closed(day) != reason and start < midnight < end:
                reason = self._why_closed(day)
                yield midnight, reason

    def _why_closed(self, day: int) -> str:
        exceptional = self._exceptions.get(day)
        if exceptional is not None and not exceptional.openings:
            return exceptional.name or "closed on this date"
        if exceptional is not None:
            return ", ".join(filter(None, ("outside the hours of this date", exceptional.name)))
        if day in self._holidays:
            return f"holiday: {self._holidays[day]}"
        weekday = (day + _EPOCH_WEEKDAY) % 7
        if self._week[weekday]:
            return "outside business hours"
        return "weekend" if weekday in _WEEKEND else f"closed on {WEEKDAYS[weekday]}"


def _zone(name: str) -> tzinfo:
    try:
        return zone.zone(name)
    except ValueError as error:
        raise CalendarError(str(error)) from None


def _check_week(week: tuple[tuple[Opening, ...], ...]) -> None:
    if len(week) != len(WEEKDAYS):
        raise CalendarError("a week has seven days")
    if not any(week):
        raise CalendarError("it never opens")
    for openings, name in zip(week, WEEKDAYS, strict=True):
        _check_date(openings, name)
    for at, name in enumerate(WEEKDAYS):
        yesterday, today = week[at - 1], week[at]
        if yesterday and today and yesterday[-1].closes - MIDNIGHT > today[0].opens:
            raise CalendarError(f"{yesterday[-1]} on {WEEKDAYS[at - 1]} runs into {today[0]} on {name}", name)


def _check_date(openings: tuple[Opening, ...], name: str) -> None:
    for earlier, later in pairwise(openings):
        if later.opens < earlier.closes:
            raise CalendarError(f"{earlier} and {later} on {name} overlap or are out of order", name)


def _ordinary_day(week: tuple[tuple[Opening, ...], ...]) -> int:
    lengths = {sum(one.closes - one.opens for one in openings) for openings in week if openings}
    if len(lengths) > 1:
        raise CalendarError("its days differ in length, so it must say what a business day is")
    return lengths.pop() * MINUTE


def _written(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
