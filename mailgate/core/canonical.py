"""Knows how a value is written so that equal values are equal texts: canonical JSON.

What a field has by default is left out: a field that a later version of mailgate adds leaves the text of a
value that says nothing of it, and its digest, as they were.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from typing import Any


def canonical(value: Any) -> str:
    """The value, made of dataclasses, mappings, tuples and dates, as JSON."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return dict(_said(value))
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _said(value: Any) -> Iterator[tuple[str, Any]]:
    for one in fields(value):
        if one.init and (held := getattr(value, one.name)) != _default(one):
            yield one.name, _plain(held)


def _default(one: "Field[Any]") -> Any:
    if one.default_factory is not MISSING:
        return one.default_factory()
    return one.default
