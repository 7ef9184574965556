"""Knows the time by which all nodes go: the one of their database, carried on by a clock that never leaps.

Whoever takes a lease, accepts a mail or calls a target missed does it at an instant that all nodes agree on,
whatever the clock of its machine says.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from mailgate.core.instant import whole

_NOTICED = timedelta(seconds=2)
_log = structlog.get_logger()


class SharedClock:
    """What time it is; the machine's own until it is set.

    Args:
        own: what the machine's clock says.
        steady: seconds of a clock that only goes forward.
    """

    def __init__(self, own: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self.steady = steady
        self._own = own
        self._set: tuple[datetime, float] | None = None
        self._wrong = False

    def __call__(self) -> datetime:
        """This instant."""
        if self._set is None:
            return self._own()
        said, at = self._set
        return whole(said + timedelta(seconds=self.steady() - at))

    def set(self, said: datetime, asked: float, answered: float) -> None:
        """The database said so at some instant between those two of the steady clock.

        It is moved no further than that answer proves it wrong, so that it does not tremble.
        """
        if self._set is None:
            self._set = (said, (asked + answered) / 2)
        else:
            earliest = said + timedelta(seconds=self.steady() - answered)
            latest = said + timedelta(seconds=self.steady() - asked)
            self._set = (min(max(self(), earliest), latest), self.steady())
        self._tell()

    def _tell(self) -> None:
        """Says once that the machine's clock is wrong, and once that it is right again."""
        ahead = self._own() - self()
        wrong = abs(ahead) > _NOTICED
        if wrong and not self._wrong:
            way = "ahead" if ahead > _NOTICED else "behind"
            _log.warning(
                "This machine's clock is not the database's; mailgate goes by the database's.",
                what="clock_differs",
                reason=f"it is {abs(ahead).total_seconds():.0f} s {way}",
            )
        self._wrong = wrong
