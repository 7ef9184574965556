"""Knows how a mail is written as bytes: a header that is ours alone, MIME bodies, seven bits on the wire.

What was built is split again by other means and compared with what was meant; a difference raises.
"""

import binascii
import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from mailgate.core.outgoing import Enclosure
from mailgate.mail import fields

LONGEST_LINE = 998  # RFC 5322 section 2.1.1
_BASE64_LINE = 76  # RFC 2045 section 6.8
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
_CONTROLS = bytes({*range(32), 127} - {ord("\t"), ord("\n")})
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"(?!@)')
_ASCII = bytes(range(128))
_EIGHT_BITS = 3  # of four octets not ASCII: quoted-printable would be longer than base64


class TamperedHeaderError(AssertionError):
    """The header of a built mail does not read as it was meant."""


class Field(NamedTuple):
    """A header field: its name, its folded body, and the addresses that it must read as.

    A tuple, for every mail has a dozen of them.
    """

    name: str
    body: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is bytes; the boundaries are drawn from `message_id`, which nobody knew before.

    Args:
        pictures: what `html` shows by Content-IDs of ours.
    """

    header: tuple[Field, ...]
    message_id: str
    text: str
    html: str
    enclosures: tuple[Enclosure, ...] = ()
    pictures: tuple[Enclosure, ...] = ()


def written(letter: Letter) -> bytes:
    """The mail in its final bytes.

    Raises:
        TamperedHeaderError: what was built does not read as it was meant.
    """
    boundary = blake2b(letter.message_id.encode(), digest_size=12).hexdigest()
    page = _text(letter.html, "html")
    if letter.pictures:  # RFC 2387: what belongs to the page stands beside it
        page = _multipart(
            "related", (page, *map(_shown, letter.pictures)), f"=_related_{boundary}", "text/html"
        )
    body = _multipart("alternative", (_text(letter.text, "plain"), page), f"=_alternative_{boundary}")
    if letter.enclosures:
        files = [_enclosed(enclosure) for enclosure in letter.enclosures]
        body = _multipart("mixed", (body, *files), f"=_mixed_{boundary}")
    head = "".join(f"{field.name}: {field.body}\r\n" for field in letter.header) + "MIME-Version: 1.0\r\n"
    content = head.encode() + body
    _verify(content, (*letter.header, Field("MIME-Version", ""), Field("Content-Type", "")))
    return content


def _multipart(subtype: str, parts: tuple[bytes, ...], boundary: str, root: str = "") -> bytes:
    mark = b"--" + boundary.encode()
    begins = f';\r\n type="{root}"' if root else ""  # RFC 2387 section 3.1
    head = f'Content-Type: multipart/{subtype}{begins};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    return b"%s%s\r\n%s\r\n%s--\r\n" % (head, mark, (b"\r\n" + mark + b"\r\n").join(parts), mark)


def _text(words: str, subtype: str) -> bytes:
    """A text part, as readable on the wire as seven bits allow."""
    if "\r" in words:
        words = words.replace("\r\n", "\n").replace("\r", "\n")
    coding, octets = _coded(words.encode("utf-8", "replace").translate(None, _CONTROLS))
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
    return head.encode() + octets


def _coded(lines: bytes) -> tuple[str, bytes]:
    octets = lines.replace(b"\n", b"\r\n")
    if not octets.isascii():
        if len(octets.translate(None, _ASCII)) * 4 > len(octets) * _EIGHT_BITS:
            return "base64", _base64(octets)
    elif b"--=_" not in octets and max(map(len, lines.split(b"\n"))) <= LONGEST_LINE:
        return "7bit", octets  # RFC 2045 section 2.7
    # `=_` cannot stand in quoted-printable, so no boundary of ours can.
    written = binascii.b2a_qp(octets, istext=True)
    if b"\r\n" not in octets:  # it ends lines as the text does, and this one has no line to end
        written = written.replace(b"\n", b"\r\n")
    return "quoted-printable", written


def _base64(octets: bytes) -> bytes:
    line = b64encode(octets)
    return b"\r\n".join(line[at : at + _BASE64_LINE] for at in range(0, len(line), _BASE64_LINE))


def _enclosed(enclosure: Enclosure) -> bytes:
    """A file. A mail or a multipart may not be in base64 (RFC 2046 section 5.2.1): it goes as octets."""
    return _file(enclosure, f"Content-Disposition: attachment{fields.filename(enclosure.filename)}")


def _shown(picture: Enclosure) -> bytes:
    """A picture in its place (RFC 2392 section 2)."""
    name = fields.filename(picture.filename)
    return _file(picture, f"Content-ID: <{picture.content_id}>\r\nContent-Disposition: inline{name}")


def _file(enclosure: Enclosure, placed: str) -> bytes:
    media_type = enclosure.content_type.lower()
    if not _MEDIA_TYPE.fullmatch(media_type) or media_type.startswith(("message/", "multipart/")):
        media_type = "application/octet-stream"
    head = f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n{placed}\r\n\r\n"
    return head.encode() + _base64(enclosure.content)


def _verify(content: bytes, meant: tuple[Field, ...]) -> None:
    """Splits the header as a stranger would, and compares it with what was meant."""
    head = content[: content.index(b"\r\n\r\n")]
    lines = head.split(b"\r\n")
    stray = not head.count(b"\r") == head.count(b"\n") == len(lines) - 1 or b"\0" in head
    if stray or max(map(len, lines)) > LONGEST_LINE or not all(map(bytes.strip, lines)):
        raise TamperedHeaderError("a header line is broken or too long")
    unfolded = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t").decode().split("\r\n")
    read = [line.partition(":") for line in unfolded]
    if [name for name, _, _ in read] != [field.name for field in meant]:
        raise TamperedHeaderError("the header has other fields than were meant")
    for (_, _, body), field in zip(read, meant, strict=True):
        if field.addresses and _addresses_in(body) != field.addresses:
            raise TamperedHeaderError(f"{field.name} has other addresses than were meant")


def _addresses_in(body: str) -> tuple[str, ...]:
    mailboxes = _QUOTED.sub("", body).split(",")
    return tuple(box.partition("<")[2].partition(">")[0] if "<" in box else box.strip() for box in mailboxes)
