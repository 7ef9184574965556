"""Knows the notification services that the operator named, as ways for a page to go beside mail."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Webhook:
    """Takes a page as signed JSON.

    Args:
        url: may hold a token, so it is shown nowhere.
        secret: what signs; the receiver knows it too.
        timeout: seconds of patience with it.
    """

    name: str
    url: str = field(repr=False)
    secret: bytes = field(repr=False)
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class Messenger:
    """Takes a page through Apprise.

    Args:
        url: Apprise's, which holds the keys of the account there and is shown nowhere.
        timeout: seconds of patience with it.
    """

    name: str
    url: str = field(repr=False)
    timeout: float = 10.0


Notifier = Webhook | Messenger
