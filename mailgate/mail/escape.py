"""Knows text that switches its character set by escape sequences, where the codecs of Python do not reach.

ISO-2022-JP as mail programs write it, with the vendor's characters and half-width katakana (RFC 1468 and its
followers), ISO-2022-CN as far as it is GB 2312 (RFC 1922), HZ (RFC 1843). Never fails: what cannot be read is
U+FFFD. A line begins in ASCII.
"""

import re
from collections.abc import Callable

_ESCAPE = re.compile(rb"\x1b(\$\(?[@A-D]|\([BIJH]|\.[AF]|\$[)*+][AC-M]|N)|([\x0e\x0f\n])")
_JAPANESE = re.compile(rb"\x1b(?:\$[@B]|\([IJ]|\$\([D@B])")
_KOREAN = b"\x1b$)C"
_CHINESE = re.compile(rb"\x1b\$[)*][AEGH]")
_HZ = re.compile(rb"~\{(?:[\x21-\x7e][\x21-\x7e]){1,100}~\}")
_SAMPLE = 8 * 1024  # bytes in which HZ is looked for
_HIGH = bytes(byte | 0x80 for byte in range(256))

Charset = Callable[[bytes], str]


def named(content: bytes) -> str:
    """The charset that the escape sequences in the text are of: a codec of `label`; empty for none."""
    if b"\x1b" in content:
        if _KOREAN in content[:1024]:
            return "iso2022_kr"
        if _CHINESE.search(content):
            return "iso2022_cn"
        return "iso2022_jp" if _JAPANESE.search(content) else ""
    return "hz" if b"~{" in content and content.isascii() and _HZ.search(content[:_SAMPLE]) else ""


def read(content: bytes) -> str:
    """The text of bytes in ISO-2022-JP, its vendors' forms, or ISO-2022-CN."""
    pieces: list[str] = []
    current: Charset = _ascii
    shifted: Charset = _ascii
    end = 0
    for mark in _ESCAPE.finditer(content):
        pieces.append(current(content[end : mark.start()]))
        end = mark.end()
        if mark[2] == b"\n":
            pieces.append("\n")
            current = _ascii
        elif mark[2]:
            current = shifted if mark[2] == b"\x0e" else _ascii
        elif mark[1][:2] in {b"$)", b"$*"}:
            shifted = _SHIFTED.get(mark[1], _unknown)
        else:
            current = _SETS.get(mark[1], _unknown)
    pieces.append(current(content[end:]))
    return "".join(pieces)


def _ascii(octets: bytes) -> str:
    return octets.decode("cp932", "replace") if octets else ""


def _katakana(octets: bytes) -> str:
    return octets.translate(_HIGH).decode("cp932", "replace")


def _kanji(octets: bytes) -> str:
    """JIS X 0208 with the rows that vendors added: as Shift_JIS, which has a codec for them."""
    shifted = bytearray()
    for lead, trail in zip(octets[::2], octets[1::2], strict=False):
        first = (lead + 1) // 2 + (0x70 if lead < 0x5F else 0xB0)  # noqa: PLR2004 - where Shift_JIS has a gap
        # Shift_JIS leaves DEL out
        second = trail + ((0x1F if trail < 0x60 else 0x20) if lead % 2 else 0x7E)  # noqa: PLR2004
        shifted += bytes((first & 0xFF, second & 0xFF))
    return shifted.decode("cp932", "replace")


def _supplement(octets: bytes) -> str:
    """JIS X 0212, which EUC-JP writes with a single shift before each character."""
    high = octets.translate(_HIGH)
    return b"".join(b"\x8f" + high[at : at + 2] for at in range(0, len(high) - 1, 2)).decode(
        "euc_jp", "replace"
    )


def _simplified(octets: bytes) -> str:
    return octets.translate(_HIGH).decode("gb2312", "replace")


def _hangul(octets: bytes) -> str:
    return octets.translate(_HIGH).decode("euc_kr", "replace")


def _unknown(octets: bytes) -> str:
    return "\ufffd" * ((len(octets) + 1) // 2)


_SETS: dict[bytes, Charset] = {
    b"(B": _ascii,
    b"(J": _ascii,
    b"(H": _ascii,
    b"(I": _katakana,
    b"$@": _kanji,
    b"$B": _kanji,
    b"$(@": _kanji,
    b"$(B": _kanji,
    b"$(D": _supplement,
    b"$A": _simplified,
    b"$(A": _simplified,
    b"$(C": _hangul,
}
_SHIFTED: dict[bytes, Charset] = {b"$)A": _simplified, b"$)C": _hangul}
