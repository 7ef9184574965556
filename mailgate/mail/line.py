"""Knows a line of a mail's text: what it says, and what the markup says about where it comes from."""

from collections.abc import Sequence
from enum import Enum, auto
from operator import attrgetter
from typing import NamedTuple


class Mark(Enum):
    """What the markup of a mail program says about the line."""

    NONE = auto()
    INTRODUCTION = auto()  # the first line of what introduces a quotation
    QUOTATION = auto()  # all from here on is the mail that is answered
    SIGNATURE = auto()  # a line of the signature


class Line(NamedTuple):
    """A line without its end. `depth` is how often it is quoted; the marks of quotation are in the text.

    A tuple, for there are many and they are made for every mail.
    """

    text: str
    depth: int = 0
    mark: Mark = Mark.NONE


words_of = attrgetter("text")
"""The text of a line."""


def lines_of(text: str) -> list[Line]:
    """The lines of plain text, with the depth that their `>` give them."""
    texts = text.split("\n")
    if ">" not in text:
        return list(map(Line, texts))
    return [Line(line, depth_of(line) if ">" in line else 0) for line in texts]


def depth_of(text: str) -> int:
    """How often a line of plain text is quoted: the number of `>` that it begins with."""
    depth = 0
    for character in text[:80]:
        if character == ">":
            depth += 1
        elif character not in " \t":
            break
    return depth


def text_of(lines: Sequence[Line]) -> str:
    """The lines as one text."""
    return "\n".join(map(words_of, lines))
