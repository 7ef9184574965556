"""Knows how to reckon with open intervals of time: prefix sums of their lengths and binary search.

Whole milliseconds UTC, nothing else: no zones, no dates. An addition costs two searches, whatever its length.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator

from mailgate.core.instant import DAY

Interval = tuple[int, int]
"""Open from the first millisecond up to the second, which is not part of it."""

IntervalsOn = Callable[[int, int], Iterable[Interval]]
"""The intervals that open on the dates from one to another, both counted from 1970-01-01, in order."""

_SHORTEST = 2 * 366  # dates of a span: the next one or two years are asked for most
_FIRST_DAY = -719_160  # 0001-01-03 and
_LAST_DAY = 2_932_893  # 9999-12-28: every zone can still be asked


class OpenTime:
    """The open time of a calendar. It knows a span of dates and lengthens it when asked beyond.

    A new span replaces the old one in one assignment, so a second thread sees one or the other, both right.
    """

    __slots__ = ("_intervals_on", "_span")

    def __init__(self, intervals_on: IntervalsOn) -> None:
        self._intervals_on = intervals_on
        self._span = _Span(0, 0, ())

    def elapsed(self, start: int, end: int) -> int:
        """The open milliseconds from one instant to a later one."""
        if end <= start:
            return 0
        span = self._covering(start, end)
        return span.before(end) - span.before(start)

    def add(self, start: int, amount: int) -> int:
        """The earliest instant at which so much open time has elapsed since the start.

        Raises:
            OverflowError: that is after the year 9999.
        """
        if amount <= 0:
            return start
        span = self._span
        if not span.start <= start < span.end:
            span = self._covering(start, start)
        at = bisect_right(span.opens, start) - 1
        wanted = amount
        if at >= 0:
            closes = span.closes[at]
            # `min` costs a tenth of the whole addition here.
            wanted += span.sums[at] + (start if start < closes else closes) - span.opens[at]  # noqa: FURB136
        reached = bisect_left(span.sums, wanted, at + 1)
        if reached == len(span.sums):
            self._span = self._longer(span, start, amount)
            return self.add(start, amount)
        return span.closes[reached - 1] - span.sums[reached] + wanted

    def intervals(self, start: int, end: int) -> Iterator[Interval]:
        """The open intervals between two instants, cut to them."""
        span = self._covering(start, end)
        for at in range(bisect_right(span.closes, start), len(span.opens)):
            if span.opens[at] >= end:
                return
            yield max(start, span.opens[at]), min(end, span.closes[at])

    def _covering(self, start: int, end: int) -> "_Span":
        span = self._span
        if span.start <= start and end < span.end:
            return span
        first, last = start // DAY - 3, end // DAY + 3
        length = span.last - span.first
        if abs(first - span.first) <= 2 * length:  # near what is known: keep it, and double it
            first = min(first - length, span.first) if first < span.first else span.first
            last = max(last + length, span.last) if last > span.last else span.last
        self._span = span = self._span_of(first, max(last, first + _SHORTEST))
        return span

    def _longer(self, span: "_Span", start: int, amount: int) -> "_Span":
        """Doubles the span until the amount fits: a few times, whatever the amount."""
        while span.last < _LAST_DAY:
            span = self._span_of(span.first, 2 * span.last - span.first)
            if span.sums[-1] - span.before(start) >= amount:
                return span
        raise OverflowError("it would be after the year 9999")

    def _span_of(self, first: int, last: int) -> "_Span":
        first, last = max(first, _FIRST_DAY), min(last, _LAST_DAY)
        return _Span(first, last, _merged(self._intervals_on(first, last)))


class _Span:
    """The intervals that open on the dates from `first` to `last`.

    `opens[i]` to `closes[i]` is the i-th, `sums[i]` the open time before it; `sums` has one more.
    What lies from `start` up to `end` is known whole: an interval lasts two days at most, and no place on
    Earth is a day away from UTC.
    """

    __slots__ = ("closes", "end", "first", "last", "opens", "start", "sums")

    def __init__(self, first: int, last: int, intervals: Iterable[Interval]) -> None:
        self.first, self.last = first, last
        self.start, self.end = (first + 2) * DAY, last * DAY
        self.opens: list[int] = []
        self.closes: list[int] = []
        self.sums = [0]
        for opens, closes in intervals:
            self.opens.append(opens)
            self.closes.append(closes)
            self.sums.append(self.sums[-1] + closes - opens)

    def before(self, instant: int) -> int:
        """The open time of the span before an instant."""
        at = bisect_right(self.opens, instant) - 1
        if at < 0:
            return 0
        return self.sums[at] + min(instant, self.closes[at]) - self.opens[at]


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same open time without overlaps and without seams."""
    merged: list[Interval] = []
    for opens, closes in intervals:
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
        else:
            merged.append((opens, closes))
    return merged
