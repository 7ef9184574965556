"""Knows encoded words (RFC 2047), also the ones that break its rules: split characters, blanks, bad padding.

An encoded word is decoded once; what comes out is text and is never decoded again (a nested one stays as
it is, so no header line can be smuggled in two layers).
"""

import binascii
import re

from mailgate.mail import charset, limits, wording
from mailgate.mail.label import USUAL, codec

# Charset, optional language (RFC 2231 section 5), encoding, text up to `?=`; `?` inside Q text is forgiven.
_WORD = re.compile(rb"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,3})\?=")
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)


def decoded(value: bytes, label: str = "", *, guess: bool = False) -> str:
    """The text of a field as one clean line.

    Args:
        label: the charset to try for bare 8-bit bytes.
        guess: whether such bytes are worth a statistic, if that fails too.
    """
    if b"=?" not in value:
        return wording.line(_bare(value, label, guess=guess))
    return wording.line("".join(_pieces(value, label)))


def _pieces(value: bytes, label: str) -> list[str]:
    pieces: list[str] = []
    waiting, waiting_label = b"", b""  # the decoded bytes of words in one charset that stand side by side
    end = 0
    for number, word in enumerate(_WORD.finditer(value)):
        if number >= limits.ENCODED_WORDS:
            break
        between = value[end : word.start()]
        name = word[1].lower()
        if between.strip() or name != waiting_label:
            pieces.append(_text(waiting, waiting_label))
            waiting = b""
        if between.strip() or not end:  # white space between two encoded words is not text; section 6.2
            pieces.append(_bare(between, label, guess=False))
        waiting += _octets(word[2], word[3])
        waiting_label = name
        end = word.end()
    pieces.append(_text(waiting, waiting_label))
    pieces.append(_bare(value[end:], label, guess=False))
    return pieces


def _octets(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"qQ":
        return binascii.a2b_qp(text, header=True)
    letters = text.translate(None, _NOT_BASE64)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _text(octets: bytes, name: bytes) -> str:
    return charset.decoded(octets, name.decode("latin-1"), guess=False)[0] if octets else ""


def _bare(value: bytes, label: str, *, guess: bool) -> str:
    """8-bit bytes in a header are UTF-8 (RFC 6532), else what the mail's text is said to be."""
    if value.isascii():
        return value.decode("ascii")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        told = codec(label) not in {"utf-8", USUAL}  # what every program says tells nothing
        return charset.decoded(value, label if told else "", guess=guess)[0]
