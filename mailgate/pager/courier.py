"""Knows which notification service a page goes to, and that each attempt ends with an outcome.

A page may arrive twice and never not at all: whatever breaks on the way is tried again, and a service that
minds knows a page again by its id.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from mailgate.core.notifier import Messenger, Notifier, Webhook
from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import Attempt, BeforeDot, Ending
from mailgate.pager.messenger import sent_through
from mailgate.pager.webhook import Webhooks


class Pager:
    """A courier for pages that go by a notification service (`core.outgoing.Outgoing.via`).

    Args:
        notifiers: those of today's configuration, by name.
        now: the time, which is signed with each page.
    """

    def __init__(self, notifiers: Callable[[], Mapping[str, Notifier]], now: Callable[[], datetime]) -> None:
        self._notifiers = notifiers
        self._webhooks = Webhooks(now)

    async def carry(self, mail: Outgoing, before_dot: BeforeDot) -> Attempt:
        """Takes the page to its service; every fault ends it."""
        notifier = self._notifiers().get(mail.via)
        if notifier is None:
            return Attempt(Ending.REFUSED, f"there is no [notify.{mail.via}] in mailgate.toml any more")
        if not await before_dot():
            return Attempt(Ending.DEFERRED, "the claim was lost before the page was sent")
        try:
            return await self._sent(notifier, mail)
        except Exception as fault:  # noqa: BLE001 - the one broad except of this door: whatever a library raises
            # may show the URL, and must not keep other pages from going.
            return Attempt(Ending.DEFERRED, f"a fault on the way: {type(fault).__name__}")

    async def close(self) -> None:
        """Gives back its connections."""
        await self._webhooks.close()

    async def _sent(self, notifier: Notifier, mail: Outgoing) -> Attempt:
        match notifier:
            case Webhook():
                return await self._webhooks.post(notifier, mail)
            case Messenger():
                return await sent_through(notifier, mail)
