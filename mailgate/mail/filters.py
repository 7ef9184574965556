"""Knows what a template may do with a value, and what is done with every value before it is shown."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from markupsafe import Markup, escape

from mailgate.core import localtime
from mailgate.mail.oneline import one_line

_LONGEST_VALUE = 1000
_TEXT_WIDTH = 76
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Lines(str):
    """Text that a template asked to be shown on several lines."""

    __slots__ = ()


def plain(value: object) -> str:
    """A value as plain text shows it: on one line unless the template said otherwise."""
    if isinstance(value, Lines):
        return value
    return _one_line(str(value))


def marked_up(value: object) -> str:
    """A value as HTML shows it: on one line unless it is markup already, and escaped by Jinja2 afterwards."""
    if isinstance(value, Markup):
        return value
    return _one_line(str(value))


def _one_line(text: str) -> str:
    """`one_line` without a call for what nearly every value is already."""
    if len(text) < _LONGEST_VALUE and text.isascii() and text.isprintable() and "  " not in text:
        return text
    return one_line(text, _LONGEST_VALUE)


def _lines(text: str) -> Lines:
    """The text as it was written, line by line."""
    return Lines(_visible(text))


def _broken(text: str) -> Markup:
    """The same in HTML: escaped, with its line breaks and its indentation."""
    escaped = str(escape(_visible(text)))
    return Markup(escaped.replace("  ", "&nbsp; ").replace("\n", "<br>\n"))  # noqa: S704 - escaped just above


def _wrapped(text: str, indent: int = 0, hanging: int | None = None) -> Lines:
    """One paragraph in lines of at most 76 characters; `hanging` indents those after the first."""
    line = one_line(text, _LONGEST_VALUE)
    first, rest = " " * indent, " " * (indent if hanging is None else hanging)
    lines, current = [], first
    for word in line.split(" "):
        if len(current) + 1 + len(word) > _TEXT_WIDTH and current.strip():
            lines.append(current)
            current = rest
        current += word if not current.strip() else f" {word}"
    return Lines("\n".join((*lines, current)))


def _sentence(words: str) -> str:
    """The words as a sentence: a capital at its start, a stop at its end."""
    line = one_line(words, _LONGEST_VALUE)
    return line[:1].upper() + line[1:] + ("" if line.endswith((".", "!", "?")) else ".") if line else ""


def _until(due: datetime, now: datetime) -> str:
    """`in 3 h 20 min`, or `2 h ago`."""
    length = localtime.stretch(due - now)
    return f"in {length}" if due >= now else f"{length} ago"


def _share(part: int, whole: int, of: int = 100) -> int:
    """How much of `of` the part is of the whole, at least 1 where there is any."""
    return max(1, round(part * of / whole)) if part and whole else 0


def _column(value: object, width: int) -> Lines:
    """The value cut or filled up with blanks, so that columns stand under each other."""
    return Lines(one_line(str(value), width).ljust(width))


def _bar(part: int, whole: int, width: int = 20) -> str:
    """`###############-----`: how much of the whole the part is."""
    filled = _share(part, whole, width)
    return "#" * filled + "-" * (width - filled)


def _size(octets: int) -> str:
    """`12 kB`, as a person says how large a file is."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1000)):
        if octets >= factor:
            return f"{octets / factor:.3g} {unit}"
    return f"{octets} bytes"


def _visible(text: str) -> str:
    return _UNSEEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").rstrip())


FILTERS: Mapping[str, Callable[..., object]] = {
    "told": localtime.told,
    "told_short": localtime.told_short,
    "told_brief": localtime.told_brief,
    "told_day": localtime.told_day,
    "place": localtime.place,
    "stretch": localtime.stretch,
    "sentence": _sentence,
    "until": _until,
    "share": _share,
    "size": _size,
}
TEXT_FILTERS: Mapping[str, Callable[..., object]] = {
    "lines": _lines,
    "wrapped": _wrapped,
    "column": _column,
    "bar": _bar,
}
HTML_FILTERS: Mapping[str, Callable[..., object]] = {"lines": _broken}
