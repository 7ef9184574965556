"""Knows how a mistake in the configuration is told: file, line, key, what is wrong, what would be right."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

_MOST_NAMED = 12


_PASSWORD = re.compile(r"(://[^\s:/@]*:)[^\s@]+")


def masked(text: str) -> str:
    """The text without the passwords of the URLs in it: what is said of a mistake is seen by many."""
    return _PASSWORD.sub(r"\1...", text) if "://" in text else text


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. It prints as `file:line: key: what is wrong: what would be right`.

    Args:
        line: counted from 1; 0 where the file as a whole is meant.
        key: as it would be written in TOML, `acme.aliases[1]`; empty where no key is meant.
    """

    file: Path
    line: int
    key: str
    wrong: str
    right: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "wrong", masked(self.wrong))

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return ": ".join(filter(None, (place, self.key, self.wrong, self.right)))


class ConfigurationError(Exception):
    """The configuration holds mistakes; `problems` are all that one reading found, in the order of files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def suggestion(name: str, known: Iterable[str], *, else_say: str = "") -> str:
    """What would be right instead of a name that nobody knows: the nearest one, or the whole list.

    Args:
        else_say: what to say when nothing is near and the list would be long.
    """
    names = sorted(known)
    lowered = {one.lower(): one for one in names}
    near = get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{lowered[near[0]]}'?"
    if else_say or not names:
        return else_say or "there is none yet"
    listed = ", ".join(f"'{one}'" for one in names[:_MOST_NAMED])
    return f"one of {listed}" + (" ..." if len(names) > _MOST_NAMED else "")
