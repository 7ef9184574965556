"""Knows rich text (RTF) as far as its words go, also packed as Outlook packs it ([MS-OXRTFCP]).

For a mail whose words are nowhere else. One pass over the marks, with a stack for the groups; no style is
kept.
"""

import re

from mailgate.mail import charset, limits
from mailgate.mail.octets import Octets

_PACKED, _PLAIN = b"LZFu", b"MELA"
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096
_MARK = re.compile(rb"\\(?:'([0-9a-fA-F]{2})|([a-zA-Z]{1,32})(-?\d{1,10})? ?|([^a-zA-Z]))|([{}])|[\r\n]+")
_BREAKS = {b"par": "\n", b"line": "\n", b"row": "\n", b"sect": "\n", b"tab": "\t", b"cell": "\t"}
_SIGNS = {b"emdash": "\u2014", b"endash": "\u2013", b"lquote": "\u2018", b"rquote": "\u2019"}
_SIGNS |= {b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022"}
# Groups that hold no words of the text.
_ASIDE = frozenset(
    [b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer", b"fldinst"]
)


def unpacked(content: bytes) -> bytes:
    """The rich text in what Outlook packed; empty if it is broken."""
    octets = Octets(content)
    try:
        octets.long()
        size, kind = octets.long(), bytes(octets.take(4))
        octets.long()  # a checksum
    except EOFError:
        return b""
    rest = octets.take(len(octets))
    if kind == _PLAIN:
        return bytes(rest[:size])
    return _inflated(rest, min(size, limits.MARKUP_CHARS)) if kind == _PACKED else b""


def _inflated(packed: memoryview, size: int) -> bytes:
    """What was packed by references to what came before; as far as it is whole."""
    out = bytearray(_DICTIONARY)
    end = len(_DICTIONARY) + size
    at = 0
    while at < len(packed) and len(out) < end:
        control = packed[at]
        at += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += packed[at : at + 1]
                at += 1
                continue
            reference = int.from_bytes(packed[at : at + 2])
            at += 2
            behind = (len(out) - (reference >> 4)) % _WINDOW
            if not 0 < behind <= len(out):  # the end
                return bytes(out[len(_DICTIONARY) : end])
            for _ in range((reference & 15) + 2):
                out.append(out[-behind])
    return bytes(out[len(_DICTIONARY) : end])


def text(content: bytes) -> str:
    """The words of rich text."""
    return _Reading().words(content)


class _Reading:
    """One reading: the groups that are open, and the words so far."""

    def __init__(self) -> None:
        self._aside = False
        self._groups: list[bool] = []
        self._pieces: list[str] = []
        self._waiting: list[bytes] = []  # bytes in the code page, of which a character may have two
        self._page = "cp1252"
        self._replaced = 0  # of the characters that follow, those that stand for one in Unicode

    def words(self, content: bytes) -> str:
        end = 0
        for mark in _MARK.finditer(content):
            self._say(content[end : mark.start()])
            end = mark.end()
            if mark[5]:
                self._group(mark[5])
            elif mark[1]:
                self._say(bytes.fromhex(mark[1].decode("ascii")))
            elif mark[2]:
                self._control(mark[2], mark[3])
            elif mark[4] == b"*":
                self._aside = True
            elif mark[4]:
                self._say(b" " if mark[4] == b"~" else mark[4] if mark[4] in b"\\{}" else b"")
        self._say(content[end:])
        self._tell("")
        # A character beyond the first plane comes in two halves.
        return "".join(self._pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _group(self, mark: bytes) -> None:
        if mark == b"{":
            self._groups.append(self._aside)
        elif self._groups:
            self._aside = self._groups.pop()

    def _say(self, octets: bytes) -> None:
        kept = octets[self._replaced :]
        self._replaced -= len(octets) - len(kept)
        if not self._aside:
            self._waiting.append(kept)

    def _tell(self, words: str) -> None:
        if self._waiting:
            self._pieces.append(charset.decoded(b"".join(self._waiting), self._page, guess=False)[0])
            self._waiting.clear()
        if not self._aside:
            self._pieces.append(words)

    def _control(self, word: bytes, number: bytes | None) -> None:
        if word in _ASIDE:
            self._aside = True
        elif word == b"ansicpg" and number:
            self._page = f"cp{number.decode('ascii')}"
        elif word == b"u" and number:
            self._tell(chr(int(number) & 0xFFFF))
            self._replaced = 1
        else:
            words = _BREAKS.get(word) or _SIGNS.get(word)
            if words:
                self._tell(words)
