"""Knows what a template may do with a value, and what is done with every value before it is shown."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup, escape

from mailgate.core import telling
from mailgate.core.promise import Promised
from mailgate.core.tongue import Tongue
from mailgate.mail.oneline import one_line

_LONGEST_VALUE = 1000
_SHORT = 64
_TEXT_WIDTH = 76
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Lines(str):
    """Text that a template asked to be shown on several lines."""

    __slots__ = ()


def plain(value: object) -> str:
    """A value as plain text shows it: on one line unless the template said otherwise."""
    if type(value) is str and len(value) <= _SHORT:
        return _plain(value)
    if isinstance(value, Lines):
        return value
    return one_line(str(value), _LONGEST_VALUE)


def marked_up(value: object) -> str:
    """A value as HTML shows it: on one line and escaped, unless it is markup already."""
    if type(value) is str and len(value) <= _SHORT:
        return _escaped(value)
    if isinstance(value, Markup):
        return value
    return escape(one_line(str(value), _LONGEST_VALUE))


# A mail says a few short things several times, and the next mail says most of them again.


@lru_cache(maxsize=2048)
def _plain(text: str) -> str:
    return one_line(text, _LONGEST_VALUE)


@lru_cache(maxsize=2048)
def _escaped(text: str) -> Markup:
    return escape(one_line(text, _LONGEST_VALUE))


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
    lines, margin = [], " " * indent
    while len(line) > (room := _TEXT_WIDTH - len(margin)):
        end = line.rfind(" ", 0, room + 1)
        if end < 0:
            end = line.find(" ", room)  # a word that is longer than a line has one of its own
        if end < 0:
            break
        lines.append(margin + line[:end])
        line, margin = line[end + 1 :], " " * (indent if hanging is None else hanging)
    return Lines("\n".join((*lines, margin + line)))


def _sentence(words: str) -> str:
    """The words as a sentence: a capital at its start, a stop at its end."""
    line = one_line(words, _LONGEST_VALUE)
    return line[:1].upper() + line[1:] + ("" if line.endswith((".", "!", "?")) else ".") if line else ""


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


def _clickable(address: str) -> bool:
    """Whether a reader may be sent there by a link."""
    return address.startswith(("https://", "http://", "mailto:", "tel:"))


def _visible(text: str) -> str:
    return _UNSEEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").rstrip())


FILTERS: dict[str, Callable[..., object]] = {
    "sentence": _sentence,
    "share": _share,
}
TEXT_FILTERS: dict[str, Callable[..., object]] = {
    "lines": _lines,
    "wrapped": _wrapped,
    "column": _column,
    "bar": _bar,
}
HTML_FILTERS: dict[str, Callable[..., object]] = {"lines": _broken}


def spoken(tongue: Tongue) -> dict[str, Callable[..., object]]:
    """The filters that tell something in a language."""

    def in_words(target: Promised, now: datetime) -> str:
        return telling.in_words(target, now, tongue)

    def by_when(target: Promised, now: datetime) -> str:
        return telling.by_when(target, now, tongue)

    def how_much(target: Promised) -> str:
        return telling.how_much(target, tongue)

    return {
        "told": tongue.told,
        "told_brief": tongue.told_brief,
        "told_day": tongue.told_day,
        "in_words": in_words,
        "by_when": by_when,
        "how_much": how_much,
        "stretch": tongue.stretch,
        "until": tongue.until,
        "size": tongue.size,
        "said": tongue.said,
    }


TESTS: dict[str, Callable[..., bool]] = {"clickable": _clickable}
