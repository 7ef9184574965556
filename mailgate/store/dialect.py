"""Knows what SQLite and PostgreSQL say differently, so that the statements of store/ are written once.

Making a statement costs more than running it: what differs by dialect is made once for each, with `once`.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TypeVar

from sqlalchemy import JSON, ColumnElement, FromClause, Table, Text, bindparam, cast, func, literal
from sqlalchemy.dialects import postgresql, sqlite

from mailgate.store.unit import Unit

Insert = sqlite.Insert | postgresql.Insert
T = TypeVar("T")

_SQLITE = "sqlite"
_SOME = 1000  # values in one statement: SQLite takes 32766, PostgreSQL 65535


def is_sqlite(unit: Unit) -> bool:
    """Whether a transaction that writes is the only one there is."""
    return unit.dialect.name == _SQLITE


def once(build: Callable[[str], T]) -> Callable[[Unit], T]:
    """What `build` makes of the name of a dialect, made once for each; given for the dialect of a unit."""
    built = cache(build)
    return lambda unit: built(unit.dialect.name)


def insert(dialect: str, table: Table) -> Insert:
    """An INSERT that can say what to do about a row that is there already."""
    return sqlite.insert(table) if dialect == _SQLITE else postgresql.insert(table)


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in as many parts as one statement takes."""
    for start in range(0, len(values), _SOME):
        yield values[start : start + _SOME]


def listed(dialect: str, name: str) -> FromClause:
    """The rows of the parameter `name`, written by `as_list`, to join with; `cell` reads its columns.

    One parameter however many rows there are; each is then sought by the index of the other side, which
    SQLite does not do for `(a, b) IN (...)`.
    """
    rows = bindparam(name, type_=Text)
    elements = func.json_each(rows) if dialect == _SQLITE else func.json_array_elements(cast(rows, JSON))
    return elements.table_valued("value").alias("listed")


def as_list(rows: Sequence[Sequence[str]]) -> str:
    """The rows as a parameter of `listed`."""
    return json.dumps(rows, ensure_ascii=False)


def cell(source: FromClause, column: int) -> ColumnElement[str]:
    """One column of `listed`, counted from 0."""
    return source.c.value.op("->>")(literal(column))
