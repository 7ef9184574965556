"""Knows how an attempt to send a mail can end, and what follows from it.

The courier returns an Outcome and never raises; `next_step` is the whole retry policy.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mailgate.core.outgoing import Outgoing


class Ending(StrEnum):
    """How one attempt ended."""

    SENT = "sent"  # 2xx after the final dot
    REFUSED = "refused"  # 5xx: it will never succeed
    DEFERRED = "deferred"  # 4xx, or nobody there, before the final dot: safe to try again
    UNCERTAIN = "uncertain"  # the final dot went out and no answer came back


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. `reply` is the remote server's last line, or the fault in words, one line."""

    ending: Ending
    reply: str = ""
    refused: tuple[str, ...] = ()  # recipients that got a 5xx while others were accepted


BeforeDot = Callable[[], Awaitable[bool]]
"""Commits the moment before the final dot; False: the claim was lost, do not send."""


class Courier(Protocol):
    """Takes a mail out into the world. The one port that tests may fake."""

    async def carry(self, mail: Outgoing, before_dot: BeforeDot) -> Outcome:
        """Sends the mail, calling `before_dot` before the end of data is sent; never raises."""
        ...

    async def close(self) -> None:
        """Gives back its connections."""
        ...
