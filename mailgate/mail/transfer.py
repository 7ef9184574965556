"""Knows the transfer encodings (RFC 2045 section 6) and reads each as far as it can be read."""

import binascii
import re
from itertools import islice

_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)
_PADDING = re.compile(rb"=+")
_SOFT_BREAK = re.compile(rb"=[ \t]+(\r?\n)")
_BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t]+([^\r\n]{1,200}?)[ \t]*\r?\n", re.MULTILINE)
_LAST_LINE = re.compile(rb"^end[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_RESTARTS = 64  # base64 texts that follow each other in one part
_FILES = 50  # uuencoded files in one text
_IDENTITY = frozenset(
    {"", "7bit", "8bit", "binary", "7-bit", "8-bit", "none", "utf-8", "us-ascii", "7bits", "8bits"}
)


def decoded(content: bytes, encoding: str) -> tuple[bytes, str]:
    """The bytes that were encoded, and what was wrong with them; empty for nothing."""
    if encoding in _IDENTITY:
        return content, ""
    match encoding:
        case "quoted-printable":
            if b"=" in content:
                content = binascii.a2b_qp(_SOFT_BREAK.sub(rb"=\1", content))
            return content, ""
        case "base64":
            return _base64(content)
        case "x-uuencode" | "uuencode" | "x-uue" | "uue" | "x-uu":
            start = _BEGIN.search(content)
            return _uudecoded(content[start.end() :] if start else content), ""
        case _:
            return content, f"unknown transfer encoding {encoding[:40]!r}"


def uuencoded(content: bytes) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]]:
    """The text without the files that were uuencoded into it, and those files: name and bytes."""
    kept: list[bytes] = []
    files: list[tuple[bytes, bytes]] = []
    end = 0
    for start in islice(_BEGIN.finditer(content), _FILES):
        if start.start() < end:
            continue
        last = _LAST_LINE.search(content, start.end())
        if not last:
            break
        kept.append(content[end : start.start()])
        files.append((start[1], _uudecoded(content[start.end() : last.start()])))
        end = last.end()
    return b"".join((*kept, content[end:])), tuple(files)


def _base64(content: bytes) -> tuple[bytes, str]:
    letters = content.translate(None, _NOT_BASE64)
    whole = letters.rstrip(b"=")
    if b"=" not in whole:
        return _quads(whole)
    texts = [_quads(text) for text in islice((t for t in _PADDING.split(whole, _RESTARTS) if t), _RESTARTS)]
    return b"".join(octets for octets, _ in texts), "base64 with padding in its midst"


def _quads(letters: bytes) -> tuple[bytes, str]:
    if len(letters) % 4 == 1:
        return binascii.a2b_base64(letters[:-1] + b"=" * (-(len(letters) - 1) % 4)), "base64 that breaks off"
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)), ""


def _uudecoded(content: bytes) -> bytes:
    octets: list[bytes] = []
    for line in content.splitlines():
        if line[:3] == b"end" or not line.strip():
            continue
        octets.append(_uuline(line))
    return b"".join(octets)


def _uuline(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        length = (line[0] - 32) & 63
        try:  # some encoders pad a line wrongly: believe the length that it states
            return binascii.a2b_uu(line[: 1 + (length * 4 + 5) // 3])
        except binascii.Error:
            return b""
