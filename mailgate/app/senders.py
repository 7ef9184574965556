"""Knows how a configuration becomes who finds out who sent a mail, and when that is nobody."""

from collections.abc import Iterator

from mailgate.app.domain import resolver
from mailgate.authentication import Authenticator, organisations
from mailgate.config import Configuration
from mailgate.core.listening import Place
from mailgate.core.trust import Verify


def authenticator(configuration: Configuration) -> Authenticator:
    """Who finds out who sent a mail."""
    asked = resolver(configuration)
    trust = configuration.settings.authentication.trust
    return Authenticator(trust, lambda: asked.inquiry().ask, organisations())


def unproven_doors(configuration: Configuration) -> Iterator[Place]:
    """Where anybody on a network can hand in mail in anybody's name, and nobody looks."""
    if configuration.settings.authentication.verify is not Verify.OFF:
        return
    listener = configuration.settings.listener
    for door in (*listener.smtp, *listener.lmtp):
        if isinstance(door, Place) and not door.is_loopback:
            yield door
