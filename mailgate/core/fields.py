"""Knows the `Name: value` lines at the top of a mail, by which a customer says what a ticket is about.

`behaviour.md` 2.9: `Device OS: 4.2.1`, `Environment: development`. Blank lines and one greeting may stand
before and between them; the first line of prose ends them. Linear in a bounded head of the text.
"""

import re
from collections.abc import Mapping

# A head that people write is far shorter; without bounds a mail of field lines alone would be kept twice.
_MOST_LINES = 40
_MOST_TEXT = 10_000  # characters
_LONGEST_VALUE = 200  # characters
# A name is a few words that start with a letter; a bullet may stand before it; `https://` is no field.
_LINE = re.compile(r"[ \t]{0,8}(?:[*-][ \t]{1,4})?([^\W\d_][\w /.()-]{0,39}):(?!//)(.*)")
_GREETING = re.compile(r"[^:]{1,40}[,!]")


def fields(text: str) -> dict[str, str]:
    """The field lines at the top of a body, each name as it was written; the first of a name counts."""
    found: dict[str, str] = {}
    lines = [line.strip() for line in text[:_MOST_TEXT].splitlines()[:_MOST_LINES] if line.strip()]
    if lines and _GREETING.fullmatch(lines[0]):
        del lines[0]
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            break
        name, value = match[1].strip(), match[2].strip()[:_LONGEST_VALUE]
        if value and not field(found, name):
            found[name] = value
    return found


def field(values: Mapping[str, str], name: str) -> str:
    """The value of a field, whatever the case of its name; empty where there is none."""
    wanted = name.casefold()
    return next((value for key, value in values.items() if key.casefold() == wanted), "")
