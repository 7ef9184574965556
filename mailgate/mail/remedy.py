"""Knows what would be right where a template is wrong: the nearest name, or where names are listed."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError

from mailgate.mail.budget import Overspent
from mailgate.mail.sandbox import VALUES, names

_LISTED = "docs/templates.md lists what there is"
_MOST_NAMED = 12
_ATTRIBUTE = re.compile(r"'(?:[\w.]*\.)?(\w+) object' has no attribute '(\w+)'")
_FILTER = re.compile(r"No (filter|test) named '([^']*)'")


def nearest(name: str, known: Iterable[str]) -> str:
    """The nearest of the known names, or all of them where they are few."""
    listed = sorted(known)
    near = get_close_matches(name, listed, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    if not listed:
        return "there is none yet"
    return f"one of {', '.join(listed)}" if len(listed) <= _MOST_NAMED else _LISTED


def remedy(error: Exception, environment: Environment) -> str:
    """What would be right where a template failed so."""
    match error:
        case Overspent():
            return ""  # it says so itself
        case SecurityError():
            return _LISTED
        case TemplateNotFound():
            return "the name of a file of these templates, such as '_partials/frame.html'"
        case TemplateSyntaxError():
            return _other_word(str(error.message), environment)
        case RecursionError() | SyntaxError():
            return "fewer things within each other, and an end to what calls itself"
        case _:
            found = _ATTRIBUTE.search(str(error))
            return nearest(found[2], _attributes(found[1])) if found else _LISTED


def _other_word(message: str, environment: Environment) -> str:
    found = _FILTER.search(message)
    if not found:
        return "Jinja2 as its manual has it"
    return nearest(found[2], environment.filters if found[1] == "filter" else environment.tests)


def _attributes(kind: str) -> Collection[str]:
    return next((names(one) for one in VALUES if one.__name__ == kind), ())
