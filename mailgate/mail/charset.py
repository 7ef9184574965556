"""Knows how bytes become text when what they are labelled as is missing, wrong or made up.

What a label stands for is in `label`. Bytes that say what they are by themselves (a byte order mark, escape
sequences, valid UTF-8 beyond ASCII) are believed before any label, for labels are what programs get wrong.
Decoding never fails: what cannot be read is U+FFFD.
"""

import codecs

from mailgate.mail import escape
from mailgate.mail.label import USUAL, codec, is_vague
from mailgate.mail.oneline import one_line

_SHOWN = 40  # characters of a label
_SAMPLE = 8 * 1024  # bytes shown to the guesser
_SURE = 0.4  # below this confidence a guess is no better than the most usual 8-bit set
_FAIRLY = 0.1  # the same of bytes that are mostly beyond ASCII
_TELLING = 3  # characters beyond ASCII that are no accident
_PLAIN_LABELS = frozenset({"", "us-as", "utf-8", "iso-8", "windo"})
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WITH_ZEROS = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32"})
_ESCAPED = frozenset({"iso2022_jp", "iso2022_kr", "iso2022_cn", "hz", "utf-7"})
_TWO_BYTES = frozenset({"gb18030", "big5hkscs", "cp949", "johab", "cp932", "euc_jis_2004"})
# Whose letters lie where the standard has nothing but controls: text that uses these is of the vendor's set.
_VENDORS = {
    "iso8859_2": "cp1250",
    "iso8859_6": "cp1256",
    "iso8859_7": "cp1253",
    "iso8859_8": "cp1255",
    "iso8859_13": "cp1257",
    "iso8859_15": "cp1252",
}
_SECOND = {"big5hkscs": "cp950", "euc_jis_2004": "cp932", "cp932": "euc_jis_2004", "johab": "cp949"}
_BEYOND = bytes(range(0x80, 0x100))
_CONTROLS = bytes(set(range(0x80, 0xA0)) - {0x85})


def decoded(content: bytes, label: str, *, guess: bool = True) -> tuple[str, str]:
    """The text of the bytes, and what was wrong with their label; empty for nothing.

    Args:
        guess: whether a statistic of the bytes may be asked where all else fails; it takes a millisecond.
    """
    plain = content.isascii()
    if (
        plain
        and b"\x1b" not in content
        and label[:5].lower() in _PLAIN_LABELS
        and (label or b"~{" not in content)
    ):
        return content.decode("ascii"), ""
    name = codec(label)
    marked = _marked(content)
    if marked:
        return content.decode(marked, "replace"), ""
    if name in _WITH_ZEROS and b"\0" not in content[:_SAMPLE]:
        name = ""  # `unicode`, says the page; its bytes are of some other set
    if not name or is_vague(label):
        text = _guessed(content, guess=guess)
        return text, _unlabelled(label, plain=plain, known=bool(name))
    return _labelled(content, name, label, guess=guess)


def _marked(content: bytes) -> str:
    """The codec that a byte order mark names."""
    for mark, name in _MARKS:
        if content.startswith(mark) and (name == "utf-8-sig" or b"\0" in content[:_SAMPLE]):
            return name
    return ""


def _unlabelled(label: str, *, plain: bool, known: bool) -> str:
    if label and not known:
        return f"unknown charset {_shown(label)!r}"
    if plain:
        return ""
    return f"the text is not {_shown(label)}" if label else "8-bit text without a charset"


def _shown(label: str) -> str:
    """A label for people: a broken one may hold anything, half of the header with it."""
    return one_line(label, _SHOWN)


def _labelled(content: bytes, name: str, label: str, *, guess: bool) -> tuple[str, str]:
    wrong = f"the text is not {_shown(label)}"
    if name in _ESCAPED:
        return _escaped(content, name, wrong, guess=guess)
    foreign = name == USUAL and guess and _is_mostly_beyond(content[:_SAMPLE])  # to western languages
    if foreign or (b"\x1b" in content and escape.named(content)):
        return _guessed(content, guess=guess), wrong
    if name == "utf-8":
        return _utf8(content, wrong, guess=guess)
    text = _really_utf8(content, name)
    if text is not None:
        return text, wrong
    name = _meant(content, name)
    for codec_name in filter(None, (name, _SECOND.get(name))):
        text = _strict(content, codec_name)
        if text is not None:
            return text, "" if codec_name == name else wrong
    return content.decode(name, "replace"), wrong


def _meant(content: bytes, name: str) -> str:
    """The codec of what the bytes themselves show to have been meant by its name."""
    if name == "utf-16" and content[:_SAMPLE:2].count(0) > content[1:_SAMPLE:2].count(0):
        return "utf-16-be"  # RFC 2781 section 4.3, for want of a byte order mark
    if name in _VENDORS and content.translate(None, _CONTROLS) != content:
        return _VENDORS[name]
    return name


def _utf8(content: bytes, wrong: str, *, guess: bool) -> tuple[str, str]:
    text = _strict(content, "utf-8")
    if text is not None:
        return text, ""
    text = _from_halves(content) if b"\xed" in content else None
    if text is not None:
        return text, wrong
    # A few bad bytes among good ones: keep the good ones as they are.
    kept = content.decode("utf-8", "replace")
    return (kept if _mostly_read(kept) else _guessed(content, guess=guess)), wrong


def _from_halves(content: bytes) -> str | None:
    """UTF-8 of a program that wrote each half of a pair of surrogates for itself."""
    try:
        return content.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeError:
        return None


def _really_utf8(content: bytes, name: str) -> str | None:
    """Text whose bytes beyond ASCII happen to be valid UTF-8 is UTF-8, whatever its label says."""
    if content.isascii():
        return None
    text = _strict(content, "utf-8")
    if text is None or (name in _TWO_BYTES and sum(c > "\x7f" for c in text[:_SAMPLE]) < _TELLING):
        return None
    return text


def _escaped(content: bytes, name: str, wrong: str, *, guess: bool) -> tuple[str, str]:
    """Text in a set of seven bits: bytes beyond them, or none of its marks, give a wrong label away."""
    if not content.isascii() and b"\x1b" not in content:
        alone = len(content) - len(content.translate(None, _BEYOND)) < _TELLING
        for sibling in ("utf-8", *(() if alone else _SIBLINGS.get(name, ()))):
            text = _strict(content, sibling)
            if text is not None:
                return text, wrong
        return _guessed(content, guess=guess), wrong
    text = None if name == "iso2022_cn" else _strict(content, _STRICT.get(name, name))
    if text is not None:
        return text, ""
    if name in {"iso2022_cn", "iso2022_jp"}:
        return escape.read(content), ""
    return content.decode(name, "replace"), wrong


_STRICT = {"iso2022_jp": "iso2022_jp_ext"}
_SIBLINGS = {
    "iso2022_jp": ("euc_jis_2004", "cp932"),
    "iso2022_kr": ("cp949",),
    "iso2022_cn": ("gb18030",),
    "hz": ("gb18030",),
}


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
    name = escape.named(content)  # these bytes would pass as ASCII
    if name == "iso2022_cn":
        return escape.read(content)
    text = _strict(content, _STRICT.get(name, name)) if name else None
    if text is None and name == "iso2022_jp" and content.isascii():
        return escape.read(content)
    if text is None:
        text = _strict(content, "utf-8")
    if text is not None:
        return text
    likeliest = _likeliest(content[:_SAMPLE]) if guess else USUAL
    return content.decode(likeliest, "replace")


def _likeliest(sample: bytes) -> str:
    """The codec that a statistic of the bytes suggests; where it is unsure, what letters beyond ASCII tell.

    Where they are few, it is a western language with accents; where they are most, another script.
    """
    import chardet  # noqa: PLC0415 - a slow import, for the few mails that need it

    guess = chardet.detect(sample)
    sure = _FAIRLY if _is_mostly_beyond(sample) else _SURE
    if (guess["confidence"] or 0) < sure:
        return USUAL
    name = codec(guess["encoding"] or "")
    return USUAL if name in {"", "iso2022_cn"} else name


def _is_mostly_beyond(sample: bytes) -> bool:
    """Whether so many bytes are beyond ASCII as only other scripts have."""
    beyond = len(sample) - len(sample.translate(None, _BEYOND))
    return beyond * 5 > len(sample) * 2
