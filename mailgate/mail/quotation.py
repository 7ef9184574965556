"""Knows what of a mail its writer added: the text without the mail it answers and without the signature.

What it goes by, in this order: what a mail program's markup says; a line that introduces a quotation
(mail.attribution); header lines, or "original message" on a rule (mail.original); `>` before lines.
Answers between quoted lines are kept together with those. In doubt nothing is cut.
"""

from collections.abc import Iterable, Sequence

from mailgate.mail import attribution, original, signature
from mailgate.mail.attribution import Introduction
from mailgate.mail.line import Line, Mark, words_of

_INTRODUCTION = 6  # lines that may stand between a mail program's mark and the quotation it introduces
_INSIDE = 4  # lines that an introduction takes inside of what it introduces
_LOOKS = 100  # close looks at lines of one mail; one that needs more was not written by hand
_FEW = 2  # quoted lines that are a quotation without an introduction


def own_words(lines: Sequence[Line], *, forwards: bool) -> str:
    """The words of the writer; empty where a mail is a quotation or a signature and nothing else.

    Args:
        lines: the text of the mail.
        forwards: whether the mail passes on another one; then that one belongs to what it says.
    """
    whole = list(lines)
    suspects = [] if forwards else _suspects(whole)
    introductions = _introductions(whole, suspects)
    above = signature.without(_above(whole, suspects, introductions))
    kept = _unquoted(above, introductions)
    if kept is not above:
        kept = signature.without(kept)
    return "\n".join(map(str.rstrip, map(words_of, kept))).strip("\n")


def _suspects(lines: Sequence[Line]) -> list[int]:
    """The numbers of the lines that can have to do with a quotation: cheap questions, asked of every line."""
    return [
        number
        for number, (text, depth, mark) in enumerate(lines)
        if depth
        or mark is not Mark.NONE
        or ":" in text
        or "@" in text
        or "\uff1a" in text
        or text[:1] in original.RULES
        or text[-1:] == "-"
        or text.endswith(attribution.WITHOUT_COLON)
    ]


def _introductions(lines: Sequence[Line], suspects: list[int]) -> list[Introduction]:
    """What introduces quotations in the lines, in order; of a quotation only its beginning is looked at."""
    found: list[Introduction] = []
    looks = _LOOKS
    for number in suspects:
        introduction = None
        if lines[number].mark is Mark.INTRODUCTION:
            introduction = _marked(lines, number)
        elif looks and attribution.possible(lines[number]):
            looks -= 1
            introduction = attribution.at(lines, number)
        elif looks and lines[number].depth == 1 and (not number or not lines[number - 1].depth):
            looks -= 1
            introduction = _inside(lines, number)
        if introduction:
            found.append(introduction)
    return found


def _inside(lines: Sequence[Line], number: int) -> Introduction | None:
    """The introduction with which the quotation that begins there begins itself."""
    inner = [Line(text.lstrip("> "), depth - 1) for text, depth, _ in lines[number : number + _INTRODUCTION]]
    for end in range(_INSIDE):
        if end < len(inner) and not inner[end].depth and attribution.possible(inner[end]):
            introduction = attribution.at(inner, end)
            if introduction and introduction.certain and not introduction.start:
                return Introduction(number, number + introduction.end, quoted=True)
    return None


def _marked(lines: Sequence[Line], number: int) -> Introduction | None:
    """From the line that a mail program marked to the quotation that follows; nothing if none does."""
    for end in range(number, min(len(lines), number + _INTRODUCTION)):
        if lines[end].depth:
            return Introduction(number, end, quoted=True)
    return None


def _above(lines: list[Line], suspects: list[int], introductions: list[Introduction]) -> list[Line]:
    """What stands above the mail that is answered, where that one follows as a whole."""
    whole = next((one for one in introductions if one.before or not one.quoted), None)
    looks = _LOOKS
    for number in suspects:
        if whole and number >= whole.end:
            break
        text, depth, mark = lines[number]
        if not depth and original.passed_on(text):
            return lines
        begins = mark is Mark.QUOTATION
        if looks and not begins and (not depth or original.groupwise(text)) and original.possible(text):
            looks -= 1
            begins = original.begins(lines, number)
        if begins:
            return lines[: original.start(lines, number)]
    if whole is None:
        return lines
    return [*lines[: whole.start], *([Line(whole.before)] if whole.before else [])]


def _unquoted(lines: list[Line], introductions: list[Introduction]) -> list[Line]:
    """The lines without a quotation before or after them; one between them is what they answer."""
    if not introductions and not any(line.depth for line in lines):
        return lines
    introducing = _numbers(one for one in introductions if one.quoted)
    quoted = _quoted(lines, introductions) - introducing
    own = [
        number
        for number, line in enumerate(lines)
        if line.text.strip() and number not in quoted and number not in introducing
    ]
    if not quoted:
        return lines
    if not own:
        return []
    by_programs = _numbers(one for one in introductions if one.quoted and one.certain)
    first, last = min(own[0], *(introducing - by_programs), len(lines)), own[-1]
    end = last + 1 if _certain(quoted, introducing, last, len(lines)) else len(lines)
    inside = [number for number in quoted if number < end]
    if inside and max(inside) < first and _certain(quoted, introducing, -1, first):
        return lines[first:end]
    return [line for number, line in enumerate(lines[:end]) if number not in by_programs]


def _numbers(introductions: Iterable[Introduction]) -> set[int]:
    """The numbers of their lines."""
    return {number for one in introductions for number in range(one.start, one.end)}


def _quoted(lines: list[Line], introductions: list[Introduction]) -> set[int]:
    """The numbers of the lines that are quoted; without `>` only right below what a program introduces."""
    found = {number for number, line in enumerate(lines) if line.depth}
    for one in introductions:
        number = one.end if one.quoted and one.certain else len(lines)
        while number < len(lines) and (
            not lines[number].text.strip() or lines[number].text.startswith(attribution.BARS)
        ):
            if lines[number].text.strip():
                found.add(number)
            number += 1
    return found


def _certain(quoted: set[int], introductions: set[int], after: int, before: int) -> bool:
    """Whether what is quoted between two lines is a mail's quotation and not the writer's own."""
    few = sum(1 for number in quoted if after < number < before)
    return few >= _FEW or (few > 0 and any(after < number < before for number in introductions))
