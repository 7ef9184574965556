"""Knows what goes on with a mail that is passed on: its files, decoded, under names that are only labels.

Header fields of ours never travel: a part is built anew from its name, type and bytes, and a mail that is
itself a part loses them from its header (`behaviour.md` 2).
"""

import re

from mailgate.core.message import Unreadable
from mailgate.core.outgoing import Enclosure
from mailgate.mail import body, structure

_OURS = re.compile(rb"^X-Mailgate-[!-9;-~]*[ \t]*:.*\n(?:[ \t].*\n)*", re.IGNORECASE | re.MULTILINE)
_MESSAGES = frozenset({"message/rfc822", "message/global"})
_TYPES = re.compile(r"(?:application|audio|font|image|message|model|text|video)/[a-z0-9!#$&^_.+-]{1,62}")


def enclosures(raw: bytes) -> tuple[Enclosure, ...]:
    """The attachments and inline images of the mail, in order; none of a mail that is unreadable."""
    taken_apart = structure.read(raw)
    if isinstance(taken_apart, Unreadable):
        return ()
    return tuple(
        Enclosure(
            file.filename,
            file.content_type if _TYPES.fullmatch(file.content_type) else "application/octet-stream",
            _without_ours(file.content) if file.content_type in _MESSAGES else file.content,
            file.content_id,
        )
        for file in body.read(raw, taken_apart).files
    )


def _without_ours(message: bytes) -> bytes:
    """The message without the header fields that mean something to us, at any depth of it."""
    return _OURS.sub(b"", message)
