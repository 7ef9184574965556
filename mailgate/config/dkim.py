"""Knows the tables `[[dkim]]`: the keys that mail going out is signed with, and their names in DNS."""

import re
from collections.abc import Iterable, Iterator

from pydantic import Field, field_validator

from mailgate.config.fields import BesideFile
from mailgate.config.problem import Problem
from mailgate.config.toml import Document, Section, reject

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")  # RFC 6376 section 3.1


class DkimTable(Section):
    """`[[dkim]]`: one key; every mail is signed with each of them."""

    selector: str = Field(description="the name of the key in DNS", examples=["mg1"])
    key_file: BesideFile = Field(
        description="the private key, which `mailgate dkim keygen` makes", examples=["../var/dkim-mg1.key"]
    )

    @field_validator("selector")
    @classmethod
    def _sayable(cls, text: str) -> str:
        if not is_selector(text):
            raise reject(f'"{text}" is no selector', 'lower-case letters, digits and `-`, such as "mg1"')
        return text


def is_selector(text: str) -> bool:
    """Whether a key can be published below that name."""
    return bool(_SELECTOR.fullmatch(text))


def selector_problems(document: Document, tables: Iterable[DkimTable]) -> Iterator[Problem]:
    """Selectors that are named twice: below one name stands one key."""
    seen: set[str] = set()
    for at, table in enumerate(tables):
        if table.selector in seen:
            wrong = f'"{table.selector}" is named twice'
            yield document.problem(("dkim", at, "selector"), wrong, "a selector of its own for each key")
        seen.add(table.selector)
