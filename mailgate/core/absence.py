"""Knows the subjects that answering machines give their answers, in many languages.

The weakest evidence there is: a person writes about absences and automatic replies too. So the words must
stand where a machine puts them, and go on as a machine goes on.
"""

import re

from mailgate.core.phrases import AWAY, IS_AWAY, UNTIL


def absent(subject: str) -> bool:
    """Whether the subject is an answering machine's."""
    told = " ".join(subject.lower().replace("\u2019", "'").split()).strip(" [](*)-!.\"'\u3010\u3011")
    if told.endswith("?"):
        return False
    if not told.startswith(_ANSWERED):
        return bool(_AWAY.match(told) or _IS_AWAY.match(told))
    return bool(_AWAY.match(told.partition(":")[2].lstrip()))


def _one_of(words: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_ANSWERED = ("re:", "aw:", "sv:", "antw:", "odp:", "rif:", "r:", "vs:")
_AFTER = rf"(?=$|[^\w\s'&/]|\s[^\w\s'&]|\s(?:{_one_of(UNTIL)})(?:\W|$)|\s\d)"
_AWAY = re.compile(rf"auto:|away (?:until|till) |(?:{_one_of(AWAY)}){_AFTER}")
_IS_AWAY = re.compile(rf"(?:\S{{1,40}} ){{0,4}}(?:{_one_of(IS_AWAY)}){_AFTER}")
