"""Knows what of a mail its writer added: the text without the mail it answers and without the signature.

What it goes by, in this order: what a mail program's markup says; a line that introduces a quotation
(mail.attribution); header lines, or "original message" on a rule (mail.original); `>` before lines.
Answers between quoted lines are kept together with those. In doubt nothing is cut.
"""

from collections.abc import Sequence

from mailgate.mail import attribution, original, signature
from mailgate.mail.line import Line, Mark

_INTRODUCTION = 6  # lines that may stand between a mail program's mark and the quotation it introduces
_FEW = 2  # quoted lines that are a quotation without an introduction


def reply_text(lines: Sequence[Line], *, forwards: bool) -> str:
    """The words of the writer.

    Args:
        lines: the text of the mail.
        forwards: whether the mail passes on another one; then that one belongs to what it says.
    """
    kept = list(lines)
    if not forwards:
        kept = _unquoted(signature.without(_above(kept)))
    kept = signature.without(kept)
    if not any(line.text.strip() for line in kept):
        kept = list(lines)
    return "\n".join(line.text.rstrip() for line in kept).strip("\n").rstrip()


def _above(lines: list[Line]) -> list[Line]:
    """What stands above the mail that is answered, where that one follows as a whole."""
    for number, line in enumerate(lines):
        if line.mark is Mark.QUOTATION or (not line.depth and original.begins(lines, number)):
            return _kept(lines, original.start(lines, number), "")
        if line.depth:
            continue
        found = attribution.at(lines, number)
        if found and (found.before or not found.quoted):
            return _kept(lines, found.start, found.before)
    return lines


def _kept(lines: list[Line], cut: int, before: str) -> list[Line]:
    """The lines above the cut; all of them if there is nothing above it."""
    above = [*lines[:cut], Line(before)] if before else lines[:cut]
    return above if any(line.text.strip() for line in above) else lines


def _unquoted(lines: list[Line]) -> list[Line]:
    """The lines without a quotation before or after them; one between them is what they answer."""
    introductions = _introductions(lines)
    quoted = {
        number for number, line in enumerate(lines) if line.depth or _barred(lines, number, introductions)
    }
    own = [
        number
        for number, line in enumerate(lines)
        if line.text.strip() and number not in quoted and number not in introductions
    ]
    if not quoted or not own:
        return lines
    first, last = own[0], own[-1]
    end = last + 1 if _certain(quoted, introductions, last, len(lines)) else len(lines)
    inside = [number for number in quoted if number < end]
    if inside and max(inside) < first and _certain(quoted, introductions, -1, first):
        return lines[first:end]
    return [line for number, line in enumerate(lines[:end]) if number not in introductions]


def _introductions(lines: list[Line]) -> set[int]:
    """The numbers of the lines that introduce quotations."""
    found: set[int] = set()
    for number, line in enumerate(lines):
        if line.mark is Mark.INTRODUCTION:
            found.update(_marked(lines, number))
        elif not line.depth:
            introduction = attribution.at(lines, number)
            if introduction and introduction.quoted:
                found.update(range(introduction.start, introduction.end))
    return found


def _marked(lines: list[Line], number: int) -> range:
    """From the line that a mail program marked to the quotation that follows; nothing if none does."""
    for end in range(number, min(len(lines), number + _INTRODUCTION)):
        if lines[end].depth:
            return range(number, end)
    return range(number, number)


def _barred(lines: list[Line], number: int, introductions: set[int]) -> bool:
    """Whether the line is quoted with `|`, which counts only right below an introduction."""
    if lines[number].text[:1] != "|":
        return False
    above = number - 1
    while above >= 0 and (lines[above].text[:1] == "|" or not lines[above].text.strip()):
        above -= 1
    return above in introductions


def _certain(quoted: set[int], introductions: set[int], after: int, before: int) -> bool:
    """Whether what is quoted between two lines is a mail's quotation and not the writer's own."""
    few = sum(1 for number in quoted if after < number < before)
    return few >= _FEW or (few > 0 and any(after < number < before for number in introductions))
