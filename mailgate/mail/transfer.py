"""Knows the transfer encodings (RFC 2045 section 6) and reads each as far as it can be read."""

import binascii
import re
from itertools import islice

_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)
_NOT_PRINTED = _NOT_BASE64.translate(None, b" \t\r\n")
_PADDING = re.compile(rb"=+")
_SOFT_BREAK = re.compile(rb"=[ \t]+(\r?\n)")
_BEGIN = re.compile(rb"^begin(-base64)?[ \t]+[0-7]{3,4}[ \t]+([^\r\n]{1,200}?)[ \t]*\r?\n", re.MULTILINE)
_LAST_LINE = re.compile(rb"^end[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_LAST_OF_BASE64 = re.compile(rb"^====[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_CUT_OFF = re.compile(rb"(?:[!-M][ -`]{1,90}\r?\n)+[ -`]{0,90}\s*\Z")
_RESTARTS = 64  # base64 texts that follow each other in one part
_FILES = 50  # uuencoded files in one text
_FOREIGN = 8  # of so many characters of base64 one may be something else
_NAMES = {
    **dict.fromkeys(("base64", "b64", "b", "base"), "base64"),
    **dict.fromkeys(("quotedprintable", "quotedprint", "quotedprintible", "qp", "q"), "quoted-printable"),
    **dict.fromkeys(("uuencode", "xuuencode", "uue", "xuue", "xuu", "uu"), "uuencode"),
    **dict.fromkeys(("", "7bit", "8bit", "binary", "7bits", "8bits", "none", "utf8", "usascii", "raw"), ""),
}


def name_of(value: bytes) -> str:
    """The encoding that a field names, by its usual name; empty for none, in lower case what is unknown."""
    told = value.partition(b";")[0].partition(b"(")[0].decode("latin-1").strip(" \t\"'.").lower()
    return _NAMES.get("".join(filter(str.isalnum, told)), told)


def decoded(content: bytes, encoding: str) -> tuple[bytes, str]:
    """The bytes that were encoded, and what was wrong with them; empty for nothing.

    Args:
        encoding: as `name_of` says it.
    """
    match encoding:
        case "":
            return content, ""
        case "quoted-printable":
            if b"=" in content:
                content = binascii.a2b_qp(_SOFT_BREAK.sub(rb"=\1", content))
            return content, ""
        case "base64":
            return _base64(content)
        case "uuencode":
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
        stop, after = _end_of(content, start.end(), in_base64=bool(start[1]))
        if not after:
            break
        kept.append(content[end : start.start()])
        packed = content[start.end() : stop]
        files.append((start[2], _base64(packed)[0] if start[1] else _uudecoded(packed)))
        end = after
    return b"".join((*kept, content[end:])), tuple(files)


def _end_of(content: bytes, begun: int, *, in_base64: bool) -> tuple[int, int]:
    """Where an encoded file in a text stops, and where the text goes on; (0, 0) if it is none."""
    last = (_LAST_OF_BASE64 if in_base64 else _LAST_LINE).search(content, begun)
    if last:
        return last.span()
    cut = None if in_base64 else _CUT_OFF.match(content, begun)
    return (cut.end(), cut.end()) if cut else (0, 0)


def _base64(content: bytes) -> tuple[bytes, str]:
    if content.translate(None, _NOT_PRINTED) == content:
        return _texts(content)
    encoded, left_out = _without_foreign_lines(content)
    plain = content.strip()
    begun = plain.startswith(encoded[:4]) and len(encoded) % 4 == 0 and not encoded.isalpha()
    if 2 * len(encoded) < len(plain) and not (encoded and begun):
        return content, "no base64, whatever its label says"
    octets, defect = _texts(encoded)
    return octets, defect or ("base64 with other text in it" if left_out else "")


def _without_foreign_lines(content: bytes) -> tuple[bytes, bool]:
    """The lines of base64, which may hold single other marks, and whether others were left out.

    None after the end of the encoded text, where some mail systems write more.
    """
    kept: list[bytes] = []
    lines = [line for line in map(bytes.strip, content.split(b"\n")) if line]
    for line in lines:
        foreign = len(line) - len(line.translate(None, _NOT_BASE64))
        if foreign < 2 or foreign * _FOREIGN <= len(line):  # noqa: PLR2004 - a single mark is no text
            kept.append(line)
        elif kept and (kept[-1].endswith(b"=") or len(kept[-1]) < len(kept[0])):
            break
    return b"".join(kept), len(kept) < len(lines)


def _texts(content: bytes) -> tuple[bytes, str]:
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
