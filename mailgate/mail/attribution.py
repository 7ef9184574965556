"""Knows the line that introduces a quotation, `On 3 May 2026, Bob <bob@acme.example> wrote:`, in many languages."""

# ruff: noqa: E501, RUF001 - the words of many languages stand in one line a language

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailgate.mail.line import Line

_VERBS = (
    r"wrote|writes|has written|sent|schrieb|schreibt|hat\s+geschrieben|geschrieben|a\s+[ée]crit|[ée]crivait|[ée]crit|escribi[óo]|"
    r"escribe|ha\s+scritto|scrive|scritto|escreveu|schreef|geschreven|napisa[łl]\(?a?\)?|pisze|napsala?\(?a?\)?|"
    r"skrev|skriver|kirjoitti|[íi]rta|a\s+scris|пишет|написала?|написав|написала|писала?|писав|пише|yazd[ıi]|"
    r"yazm[ıi][şs]|書きました|書いた|のメール|写道|写到|寫道|作成|작성|썼습니다|님이\s?쓴|보냄|wrote\s+the\s+following"
)
_SAYS = re.compile(rf"(?:\b|(?<=[^\x00-\x7f]))(?:{_VERBS})(?:\b|(?=[^\x00-\x7f])|(?<=\)))", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>@,;:()\"]{1,128}@[^\s<>@,;:()\"]{2,200}")
_MONTHS = (
    r"jan|feb|mar|mär|apr|may|mai|maj|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|dic|fév|fev|avr|août|déc|gen|mag|giu|lug|set|ott|"
    r"out|mei|mrt|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|"
    r"січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara|led|úno|bře|dub|kvě|čer|srp|zář|říj|pro"
)
_DATE = re.compile(
    rf"\d{{1,4}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?\d{{2,4}}|\d{{1,2}}\s?[:.hu]\s?\d{{2}}\b|\b(?:19|20)\d\d\b|\d\s?[年月日년월일]"
    rf"|\b(?:{_MONTHS})\w*\.?\s+\d{{1,2}}\b|\b\d{{1,2}}\.?\s+(?:de\s+)?(?:{_MONTHS})",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"[\s>*_~–—-]*(?:on|am|le|el|il|em|no\s+dia|op|in|w\s+dniu|dnia|den|dne|d\.|på|ti|pe|ma|ke|to|la|su|lø|sø|в|во|на|від|от|у|"
    r"om|at|a|kl|em|na|pon|wt|śr|czw|pt|sob|ndz?|mo|di|mi|do|fr|sa|so|mån|tis|ons|tor|fre|lör|sön|man|tir|lør|søn|"
    r"mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс|нд|lun|mar|mer|mié|jeu|jue|gio|ven|vie|sam|sáb|sab|dim|dom|qua|qui|sex|seg|ter|"
    r"út|st|čt|pá|ne|pzt|sal|çar|per|cum|cmt|paz|在|於|于|from|von|de|da|od|van)\w*[.,]?(?:[\s\d]|$)|[\s>*_-]*\d|[\s>*_-]*\d{2,4}\s?[年년]",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"<[^<>]*@[^<>]*>\s*[:：]$")
_SHARED = re.compile(r"(?<=[^\s-])\s*-{2,3}\s*(?=On\s.{1,200}\swrote:\s*$)")
_REACH = 5  # lines, blank ones among them, that one introduction may take
_LONG = 400  # characters; a line beyond is prose
_TAIL = 160  # characters between the verb and the end: a name and an address
_COLONS = ":："


@dataclass(frozen=True, slots=True)
class Introduction:
    """An introduction from line `start` to line `end` (not included).

    Args:
        quoted: whether quoted lines follow it.
        before: words of the writer that stand on its first line.
    """

    start: int
    end: int
    quoted: bool
    before: str = ""


def at(lines: Sequence[Line], number: int) -> Introduction | None:
    """The introduction that ends with that line; None if there is none."""
    text = lines[number].text.strip(" \t*_")
    if not text or len(text) > _LONG or not _may_end(text):
        return None
    quoted = _quoted_after(lines, number)
    joined = ""
    for start in range(number, max(-1, number - _REACH), -1):
        if lines[start].depth > lines[number].depth or len(joined) > _LONG:
            break
        joined = f"{lines[start].text.strip()} {joined}".strip()
        if lines[start].text.strip() and _DATE.search(joined) and _introduces(joined, quoted=quoted):
            shared = _SHARED.search(lines[start].text)
            return Introduction(
                start, number + 1, quoted, lines[start].text[: shared.start()] if shared else ""
            )
    if quoted and text[-1] in _COLONS and _SAYS.search(text):
        return Introduction(number, number + 1, quoted)
    return None


def _may_end(text: str) -> bool:
    """Whether an introduction can end with that line; a cheap question first, for it is asked of every line."""
    return text[-1] in _COLONS or "@" in text or bool(_SAYS.search(text[-_TAIL:]))


def _introduces(joined: str, *, quoted: bool) -> bool:
    """Whether the words, which hold a date, introduce a quotation."""
    joined = joined.rstrip(" *_")
    opened = bool(_OPENS.match(joined)) or bool(_SHARED.search(joined))
    addressed = bool(_ADDRESS.search(joined))
    said = max((says.end() for says in _SAYS.finditer(joined)), default=-_TAIL)
    if len(joined) - said > _TAIL:
        return opened and addressed and (quoted or bool(_SIGNED.search(joined)))
    if joined[-1] in _COLONS:
        return opened or (addressed and quoted)
    return opened and (quoted or (addressed and len(joined) == said))


def _quoted_after(lines: Sequence[Line], number: int) -> bool:
    """Whether the next line that is not blank is quoted."""
    for line in lines[number + 1 : number + 1 + _REACH]:
        if line.text.strip():
            return line.depth > lines[number].depth or line.text[:1] == "|"
    return False
