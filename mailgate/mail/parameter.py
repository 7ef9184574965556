"""Knows the parameters of a structured field (RFC 2045 section 5.1, RFC 2231) and their broken mixtures.

Read so that no input costs more than its length: one pass over the quotes and semicolons.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote_to_bytes

from mailgate.mail import charset, encodedword, limits, wording
from mailgate.mail.label import codec

_MARKS = re.compile(r'["\\;]')
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*)"?(.*)', re.DOTALL)
_ESCAPE = re.compile(r"\\([\\\"])")  # of anything else a backslash is one: `C:\a.txt`
_CHARSET = re.compile(rb"([A-Za-z0-9][A-Za-z0-9:._-]{1,39})'(?:[A-Za-z0-9-]{0,20}')?")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_KEY = re.compile(r"\s*([A-Za-z0-9!#$&+.^_`{}~-]{1,40})(\*?)(?:(\d{1,3})(\*?))?\s*$")
_FORGIVEN = 8  # missing semicolons in one segment

Pieces = dict[int, tuple[bytes, bool]]
"""The numbered pieces of one value, each with whether it is percent-encoded; number -1 is a plain value."""


def read(value: bytes, label: str = "") -> tuple[str, dict[str, str]]:
    """What comes before the first semicolon, in lower case, and the parameters by name in lower case.

    Args:
        label: the charset to try for bare 8-bit bytes.
    """
    if b";" not in value and b"=" not in value:
        return wording.line(value.decode("latin-1")).lower(), {}
    segments = list(_segments(value.decode("latin-1")))
    first, _, rest = segments[0].strip().partition(" ")
    found: dict[str, Pieces] = {}
    if "=" in rest:
        _collect(rest, found, "")
    elif "=" in first:  # the value itself is missing
        _collect(first, found, "")
        first = ""
    last = ""
    for segment in segments[1 : limits.PARAMETERS + 1]:
        last = _collect(segment, found, last)
    return wording.line(first).lower(), {name: _joined(pieces, label) for name, pieces in found.items()}


def _segments(text: str) -> Iterator[str]:
    """The text between semicolons that stand outside quotes."""
    start, quoted, escaped = 0, False, -1
    for mark in _MARKS.finditer(text):
        at = mark.start()
        if at == escaped:
            continue
        if mark[0] == "\\":
            escaped = at + 1 if quoted else -1
        elif mark[0] == '"':
            quoted = not quoted
        elif not quoted:
            yield text[start:at]
            start = at + 1
    if quoted:  # a quotation mark without its pair
        yield from text[start:].split(";")
    else:
        yield text[start:]


def _collect(segment: str, found: dict[str, Pieces], last: str) -> str:
    """Adds what a segment gives: one `name=value`, more where semicolons are missing. Returns the last name.

    A segment without a name goes on with the value before it: an unquoted file name with a semicolon in it.
    """
    for _ in range(_FORGIVEN):
        name, equals, value = segment.partition("=")
        key = _KEY.match(name)
        if not (equals and key):
            if last and segment.strip() and -1 in found[last]:
                before, _ = found[last][-1]
                found[last][-1] = (before + b";" + segment.rstrip().encode("latin-1"), False)
            return last
        last = key[1].lower()
        text, segment = _value(value)
        number = int(key[3]) if key[3] else 0 if key[2] else -1
        encoded = bool(key[4]) or (bool(key[2]) and not key[3])
        found.setdefault(last, {}).setdefault(number, (text.encode("latin-1"), encoded))
        if "=" not in segment:
            break
    return last


def _value(value: str) -> tuple[str, str]:
    if value.lstrip()[:1] != '"':
        return value.strip(), ""
    quoted = _QUOTED.match(value)
    if not quoted:
        return value.strip(), ""
    return _ESCAPE.sub(r"\1", quoted[1]), quoted[2]


def _joined(pieces: Pieces, bare: str = "") -> str:
    """One value from its pieces: RFC 2231 sections 3 and 4, and encoded words where they should not be."""
    numbered = [pieces[number] for number in sorted(pieces) if number >= 0]
    if not numbered:
        return _plain(pieces[-1][0], bare)
    first, encoded = numbered[0]
    told = _CHARSET.match(first) if encoded or _PERCENT.search(first) else None
    label = told[1].decode("latin-1") if told and codec(told[1].decode("latin-1")) else ""
    if told and label:
        numbered[0] = (first[told.end() :], True)
    elif encoded:  # a charset that nobody knows, or none
        numbered[0] = (first.split(b"'", 2)[2] or first.strip(b"'") if first.count(b"'") > 1 else first, True)
    octets = b"".join(unquote_to_bytes(piece) if percent else piece for piece, percent in numbered)
    if b"=?" in octets:
        return encodedword.decoded(octets, label)
    return wording.line(charset.decoded(octets, label, guess=False)[0])


def _plain(value: bytes, bare: str) -> str:
    """A value in one piece; some programs write RFC 2231 there without saying so."""
    if b"%" in value and b"=?" not in value:
        told = _CHARSET.match(value)
        if told and codec(told[1].decode("latin-1")):
            return _joined({0: (value, True)})
        octets = unquote_to_bytes(value)
        if not octets.isascii() and value.isascii():
            with suppress(UnicodeDecodeError):
                return wording.line(octets.decode("utf-8"))
    return encodedword.decoded(value, bare)
