"""Knows Outlook's own form of a mail, `winmail.dat` ([MS-OXTNEF]): its text and the files packed in it.

Read from its beginning to its end, once, without recursion: a mail in it waits until the one around it is
read. What is broken is not read at all: the packed file then goes on as it came.
"""

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import IntEnum

from mailgate.mail import charset, limits, mapi, rtf
from mailgate.mail.mapi import Property
from mailgate.mail.octets import Octets

_SIGNATURE = 0x223E9F78
_EMBEDDED = 5  # the method of an attachment that is a mail


class _Level(IntEnum):
    """What an attribute is of."""

    MESSAGE = 1
    ATTACHMENT = 2


class _Attribute(IntEnum):
    """The attributes that are read; of the others there is a property in the list."""

    CODE_PAGE = 0x00069007
    BODY = 0x0002800C
    PROPERTIES = 0x00069003
    ATTACHMENT_BEGINS = 0x00069002
    ATTACHMENT_TITLE = 0x00018010
    ATTACHMENT_CONTENT = 0x0006800F
    ATTACHMENT_PROPERTIES = 0x00069005


@dataclass(frozen=True, slots=True)
class Packed:
    """A file in the pack."""

    name: str = ""
    content: bytes = b""
    content_type: str = ""
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """What was packed: the text in the first of its forms that there is, and the files."""

    text: str = ""
    markup: str = ""
    files: tuple[Packed, ...] = ()


def read(content: bytes) -> Pack | None:
    """What is in the pack; None if it is broken, or none."""
    waiting: deque[tuple[bytes | memoryview, str]] = deque([(content, "")])
    whole = Pack()
    files: list[Packed] = []
    try:
        while waiting:
            packed, title = waiting.popleft()
            mail = _Mail(packed)
            if title:
                files.append(Packed(title + ".txt", mail.text.encode(), "text/plain"))
            else:
                whole = Pack(mail.text, mail.markup)
            files.extend(mail.files)
            waiting.extend(mail.mails)
            if len(files) + len(waiting) > limits.PARTS:
                return None
    except (EOFError, ValueError):
        return None
    return replace(whole, files=tuple(files))


@dataclass(slots=True)
class _Growing:
    """An attachment as it is read: its attributes come one after the other."""

    title: str = ""
    content: memoryview = field(default_factory=lambda: memoryview(b""))
    properties: dict[int, mapi.Value] = field(default_factory=dict)


class _Mail:
    """One mail in the pack."""

    def __init__(self, content: bytes | memoryview) -> None:
        self._page = "cp1252"
        self._body = memoryview(b"")
        self._properties: dict[int, mapi.Value] = {}
        self._attached: list[_Growing] = []
        self._read(Octets(content))
        self.text = mapi.text(self._properties, Property.BODY, self._page) or self._plain(self._body)
        self.markup = mapi.text(self._properties, Property.HTML, self._markup_page())
        if not (self.text or self.markup):
            self.text = rtf.text(rtf.unpacked(bytes(mapi.binary(self._properties, Property.RTF))))
        self.files: list[Packed] = []
        self.mails: list[tuple[memoryview, str]] = []
        for one in self._attached:
            self._finish(one)

    def _read(self, octets: Octets) -> None:
        if octets.long() != _SIGNATURE:
            raise ValueError("no pack of Outlook's")
        octets.short()
        while len(octets):
            level, attribute = _Level(octets.byte()), octets.long()
            value = octets.take(octets.long())
            octets.short()  # a checksum, which some programs reckon wrongly
            if level is _Level.MESSAGE:
                self._message(attribute, value)
            else:
                self._attachment(attribute, value)

    def _message(self, attribute: int, value: memoryview) -> None:
        match attribute:
            case _Attribute.CODE_PAGE:
                self._page = f"cp{int.from_bytes(value[:4], 'little')}"
            case _Attribute.BODY:
                self._body = value
            case _Attribute.PROPERTIES:
                with suppress(EOFError, ValueError):  # the files in the pack are worth more than its text
                    self._properties.update(mapi.read(value))
            case _:
                pass

    def _attachment(self, attribute: int, value: memoryview) -> None:
        if attribute == _Attribute.ATTACHMENT_BEGINS or not self._attached:
            self._attached.append(_Growing())
        if len(self._attached) > limits.PARTS:
            raise ValueError("more files than a mail has")
        one = self._attached[-1]
        match attribute:
            case _Attribute.ATTACHMENT_TITLE:
                one.title = self._plain(value)
            case _Attribute.ATTACHMENT_CONTENT:
                one.content = value
            case _Attribute.ATTACHMENT_PROPERTIES:
                one.properties.update(mapi.read(value))
            case _:
                pass

    def _plain(self, value: memoryview) -> str:
        return charset.decoded(bytes(value).rstrip(b"\0"), self._page)[0]

    def _markup_page(self) -> str:
        page = mapi.number_of(self._properties, Property.CODE_PAGE)
        return f"cp{page}" if page else self._page

    def _finish(self, one: _Growing) -> None:
        def told(number: Property) -> str:
            return mapi.text(one.properties, number, self._page)

        name = (
            told(Property.LONG_NAME) or one.title or told(Property.SHORT_NAME) or told(Property.DISPLAY_NAME)
        )
        content = one.content or mapi.binary(one.properties, Property.ATTACHED)
        if mapi.number_of(one.properties, Property.METHOD) == _EMBEDDED:
            self.mails.append((content, name or "message"))
            return
        self.files.append(Packed(name, bytes(content), told(Property.MIME_TYPE), told(Property.CONTENT_ID)))
