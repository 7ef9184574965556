"""Knows how bytes become text when what they are labelled as is missing, wrong or made up.

A label is read as the vendor's superset that wrote it in fact: `iso-8859-1` as windows-1252, `gb2312` as
gb18030. Only codecs named here are ever looked up, so `charset="base64"` or `charset="idna"` runs nothing.
Decoding never fails: what cannot be read is U+FFFD.
"""

import re

_SAMPLE = 8 * 1024  # bytes shown to the guesser
_SURE = 0.4  # below this confidence a guess is no better than the most usual 8-bit set
_FAIRLY = 0.1  # the same of bytes that are mostly beyond ASCII
USUAL = "cp1252"

_WIDE = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 utf-8mb4 cp65001 x-utf-8",
    "utf-7": "utf-7 unicode-1-1-utf-7 x-unicode-2-0-utf-7",
    "utf-16": "utf-16 ucs-2 unicode",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "utf-32": "utf-32",
    "gb18030": "gb2312 gbk gb18030 x-gbk cp936 ms936 euc-cn gb-2312 gb-2312-80 chinese csgb2312 hz-gb-18030",
    "hz": "hz-gb-2312 hz",
    "big5hkscs": "big5 big5-hkscs x-x-big5 cn-big5 csbig5 cp950 ms950",
    "cp949": "ks-c-5601-1987 ks-c-5601 ks-c-5601-1989 euc-kr korean cp949 windows-949 ms949 uhc cseuckr",
    "iso2022_kr": "iso-2022-kr csiso2022kr",
    "cp932": "shift-jis sjis x-sjis shiftjis cp932 windows-31j ms932 ms-kanji csshiftjis",
    "euc_jis_2004": "euc-jp x-euc-jp eucjp ujis",
    "iso2022_jp_ext": "iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-ext csiso2022jp jis",
}
_NARROW = {
    "cp1252": "us-ascii ascii ansi-x3.4-1968 iso-8859-1 latin1 latin-1 iso8859-1 iso-ir-100 l1 windows-1252 "
    "cp1252 x-ansi ansi 8859-1 iso-8859-1-windows-3.1-latin-1 8bit unknown-8bit iso646-us cp-1252",
    "cp1254": "iso-8859-9 latin5 windows-1254 cp1254 iso8859-9",
    "cp874": "iso-8859-11 tis-620 windows-874 cp874 tis620",
    "cp1255": "windows-1255 cp1255",
    "iso8859_8": "iso-8859-8 iso-8859-8-i iso-8859-8-e hebrew logical visual",
    "koi8_r": "koi8-r koi8r koi8",
    "koi8_u": "koi8-u koi8-ru",
    "mac_roman": "macintosh mac x-mac-roman macroman",
    "mac_cyrillic": "x-mac-cyrillic",
    "cp866": "cp866 ibm866 866",
    "cp850": "cp850 ibm850 cp-850 850",
    "cp437": "cp437 ibm437 437",
    "cp852": "cp852 ibm852",
}
_ISO = {f"iso-8859-{n}": f"iso8859_{n}" for n in (2, 3, 4, 5, 6, 7, 10, 13, 14, 15, 16)}
_WINDOWS = {f"windows-{n}": f"cp{n}" for n in (1250, 1251, 1253, 1256, 1257, 1258)}
_ALIASES = {
    **{name: codec for codec, names in (_WIDE | _NARROW).items() for name in names.split()},
    **_ISO,
    **{name.replace("iso-", "iso"): codec for name, codec in _ISO.items()},
    **{f"latin{n}": f"iso8859_{m}" for n, m in ((2, 2), (3, 3), (4, 4), (6, 10), (9, 15))},
    **_WINDOWS,
    **{codec: codec for codec in _WINDOWS.values()},
}
_LABEL = re.compile(r"[a-z0-9][a-z0-9.+:_-]{0,39}")


def codec(label: str) -> str:
    """The codec to read a charset label with; empty for a label that names none we know."""
    found = _LABEL.search(label.lower())
    if not found:
        return ""
    return _ALIASES.get(found[0].replace("_", "-").rstrip("-:."), "")


def decoded(content: bytes, label: str, *, guess: bool = True) -> tuple[str, str]:
    """The text of the bytes, and what was wrong with their label; empty for nothing.

    Args:
        guess: whether a statistic of the bytes may be asked where all else fails; it takes a millisecond.
    """
    if content.isascii() and b"\x1b" not in content and label[:5].lower() in _PLAIN_LABELS:
        return content.decode("ascii"), ""
    name = codec(label)
    if not name:
        text = _guessed(content, guess=guess)
        return text, f"unknown charset {label[:40]!r}" if label else _unlabelled(content)
    return _labelled(content, name, label, guess=guess)


_PLAIN_LABELS = frozenset({"", "us-as", "utf-8", "iso-8", "windo"})


def _unlabelled(content: bytes) -> str:
    return "" if content.isascii() else "8-bit text without a charset"


def _labelled(content: bytes, name: str, label: str, *, guess: bool) -> tuple[str, str]:
    wrong = f"the text is not {label[:40]}"
    if name == USUAL and not content.isascii():
        # Text that happens to be valid UTF-8 in its 8-bit bytes is UTF-8, whatever its label says.
        text = _strict(content, "utf-8")
        if text is not None:
            return text, wrong
    text = _strict(content, name)
    if text is not None:
        return text, ""
    if name == "utf-8":
        # A few bad bytes among good ones: keep the good ones as they are.
        kept = content.decode("utf-8", "replace")
        if _mostly_read(kept):
            return kept, wrong
        return _guessed(content, guess=guess), wrong
    text = _strict(content, "utf-8")
    return (content.decode(name, "replace") if text is None else text), wrong


def _mostly_read(text: str) -> bool:
    """Whether more of the characters beyond ASCII were read than lost."""
    sample = text[:_SAMPLE]
    lost = sample.count("\ufffd")
    beyond = sum(1 for character in sample if character > "\x7f")
    return lost * 2 <= beyond


def _strict(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except (UnicodeError, ValueError):
        return None


def _guessed(content: bytes, *, guess: bool) -> str:
    """Text of bytes without a usable label: by escape sequences, as UTF-8, by statistics, in that order."""
    if b"\x1b$" in content or b"\x1b(J" in content:  # pure ASCII bytes that would pass as UTF-8
        text = _strict(content, "iso2022_jp_ext")
        if text is not None:
            return text
    text = _strict(content, "utf-8")
    if text is not None:
        return text
    name = _likeliest(content[:_SAMPLE]) if guess else USUAL
    return content.decode(name, "replace")


def _likeliest(sample: bytes) -> str:
    """The codec that a statistic of the bytes suggests; where it is unsure, what letters beyond ASCII tell.

    Where they are few, it is a western language with accents; where they are most, another script.
    """
    import chardet  # noqa: PLC0415 - a slow import, for the few mails that need it

    guess = chardet.detect(sample)
    beyond = sum(1 for byte in sample if byte > 127)  # noqa: PLR2004 - the end of ASCII
    sure = _FAIRLY if beyond * 5 > len(sample) * 2 else _SURE
    if (guess["confidence"] or 0) < sure:
        return USUAL
    return codec(guess["encoding"] or "") or USUAL
