"""Knows a phrase book: what mailgate and the policies say in English, and how a language says it.

A book is a TOML table, a phrase to a line. What stands in braces in a phrase is filled in, on both sides; a
phrase with a `{count}` may have a form for each plural of the language, named as Unicode's CLDR names them:
`"{count} hours" = { one = "{count} Stunde", other = "{count} Stunden" }`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

from mailgate.core.tongue import Phrase

PLURALS = ("zero", "one", "two", "few", "many", "other")
_SAID_AT_MOST = 1000  # characters of a sentence that is looked for among the phrases

_PIECES = frozenset(Phrase) - {
    Phrase.LOWERING,
    Phrase.NO_PRIORITY,
    Phrase.UNKNOWN_PRIORITY,
    Phrase.NOT_INCLUDED,
    Phrase.MISSING_LINE,
}
"""What is filled in where it is told; the others come filled in already."""

Forms = str | Mapping[str, str]
"""How a language says a phrase: in one way, or in one for each plural."""


class PhrasebookError(ValueError):
    """The book is no TOML.

    Args:
        line: counted from 1.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """The phrases of one language."""

    phrases: Mapping[str, Forms] = field(default_factory=dict)
    _patterns: tuple[tuple[re.Pattern[str], str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Makes of each phrase with something to fill in a pattern, by which a whole sentence is known."""
        patterns = tuple(
            (_pattern(phrase), phrase)
            for phrase, forms in self.phrases.items()
            if isinstance(forms, str) and "{" in phrase and phrase not in _PIECES
        )
        object.__setattr__(self, "_patterns", patterns)

    def say(self, phrase: str, plural: str, values: Mapping[str, object]) -> str:
        """The phrase, filled in; in English where it is not in the book."""
        forms = self.phrases.get(phrase, phrase)
        form = forms if isinstance(forms, str) else forms.get(plural, forms["other"])
        return form.format(**values)

    def said(self, sentence: str) -> str | None:
        """A whole English sentence in this language; None where the book has it not."""
        forms = self.phrases.get(sentence)
        if isinstance(forms, str):
            return forms
        if len(sentence) <= _SAID_AT_MOST:
            for pattern, phrase in self._patterns:
                found = pattern.fullmatch(sentence)
                if found:
                    return self.say(phrase, "other", found.groupdict())
        return None


def read(text: str) -> dict[str, object]:
    """The table of a book, not yet checked.

    Raises:
        PhrasebookError: it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        raise PhrasebookError(str(error).partition(" (at ")[0], line) from None


def usable(table: Mapping[str, object]) -> dict[str, Forms]:
    """The entries of a table that are phrases; the others are told by `mistakes`."""
    wrong = {phrase for phrase, _, _ in mistakes(table)}
    return {phrase: forms for phrase, forms in table.items() if phrase not in wrong}  # type: ignore[misc] # checked


def mistakes(table: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Each entry that is wrong: its phrase, what is wrong with it, what would be right."""
    for phrase, forms in table.items():
        given = forms if isinstance(forms, dict) else {"other": forms}
        said = {plural: form for plural, form in given.items() if isinstance(form, str)}
        if not said or len(said) < len(given):
            yield phrase, "is no text", 'a phrase and how it is said: "by {when}" = "bis {when}"'
        elif not set(said) <= set(PLURALS) or "other" not in said:
            right = f'"other", and beside it any of {", ".join(PLURALS[:-1])}'
            yield phrase, f"has the forms {', '.join(said)}", right
        else:
            yield from _misfilled(phrase, said)


def _misfilled(phrase: str, said: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    try:
        names = set(_names(phrase))
        filled = {name for form in said.values() for name in _names(form)}
    except ValueError as error:
        yield (
            phrase,
            f"cannot be filled in: {error}",
            "a name in braces; {{ and }} for braces themselves",
        )
        return
    if not filled <= names:
        known = ", ".join(f"{{{name}}}" for name in sorted(names)) or "nothing to fill in"
        yield phrase, f"fills in {{{min(filled - names)}}}", f"{known}, as on its left side"


def _names(form: str) -> Iterator[str]:
    for _, name, spec, conversion in Formatter().parse(form):
        if name is not None:
            if not name.isidentifier() or spec or conversion:
                raise ValueError(f"'{{{name}}}' is more than a name")
            yield name


def _pattern(phrase: str) -> re.Pattern[str]:
    """What a sentence looks like that was made of the phrase."""
    parts = [
        re.escape(text) + (f"(?P<{name}>.+?)" if name else "")
        for text, name, _, _ in Formatter().parse(phrase)
    ]
    return re.compile("".join(parts))
