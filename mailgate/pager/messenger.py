"""Knows how a page goes through Apprise, to Slack, PagerDuty, Opsgenie, SMS and a hundred more by URL.

Apprise is an optional extra. Its URLs hold secrets, and its log lines may show them, so it writes none.
It says whether a page was taken and not why, so everything that it does not take is tried again.
"""

import asyncio
import importlib.util
import json
import logging
from typing import TYPE_CHECKING

from mailgate.core.notifier import Messenger, Notifier, Webhook
from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import Attempt, Ending

if TYPE_CHECKING:
    import apprise

_MISSING = "Apprise is not installed: pip install 'mailgate[apprise]'"
_UNREADABLE = "Apprise cannot make anything of its URL"


def why_unusable(notifier: Notifier) -> str:
    """Why no page can go to a notification service; empty where one can."""
    if isinstance(notifier, Webhook):
        return ""
    if importlib.util.find_spec("apprise") is None:
        return _MISSING
    return "" if _opened(notifier) else _UNREADABLE


async def sent_through(messenger: Messenger, mail: Outgoing) -> Attempt:
    """One attempt."""
    page = json.loads(mail.content)
    try:
        async with asyncio.timeout(messenger.timeout):
            # A thread of its own: the libraries below it wait for their sockets.
            return await asyncio.to_thread(_notify, messenger, page["summary"], page["text"])
    except TimeoutError:
        return Attempt(Ending.DEFERRED, f"no answer within {messenger.timeout:g} seconds")


def _notify(messenger: Messenger, title: str, body: str) -> Attempt:
    why = why_unusable(messenger)
    notifications = None if why else _opened(messenger)
    if notifications is None:
        return Attempt(Ending.REFUSED, why)
    if notifications.notify(title=title, body=body):
        return Attempt(Ending.SENT, "taken by Apprise")
    return Attempt(Ending.DEFERRED, "the service did not take it; Apprise does not say why")


def _opened(messenger: Messenger) -> "apprise.Apprise | None":
    """What notifies that one service; None where its URL names none."""
    import apprise  # noqa: PLC0415 - optional, and most of a second

    for library in ("apprise", "urllib3.connectionpool"):
        logging.getLogger(library).disabled = True
    asset = apprise.AppriseAsset(app_id="mailgate", plugin_paths=[], async_mode=False)
    notifications = apprise.Apprise(asset=asset)
    return notifications if notifications.add(messenger.url) else None
