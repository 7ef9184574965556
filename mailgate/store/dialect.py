"""Knows what SQLite and PostgreSQL say differently, so that the statements of store/ are written once."""

import json
from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import JSON, ColumnElement, FromClause, Table, cast, func, literal
from sqlalchemy.dialects import postgresql, sqlite

from mailgate.store.unit import Unit

Insert = sqlite.Insert | postgresql.Insert
T = TypeVar("T")

_SOME = 1000  # values in one statement: SQLite takes 32766, PostgreSQL 65535


def is_sqlite(unit: Unit) -> bool:
    """Whether a transaction that writes is the only one there is."""
    return unit.dialect.name == "sqlite"


def insert(unit: Unit, table: Table) -> Insert:
    """An INSERT that can say what to do about a row that is there already."""
    return sqlite.insert(table) if is_sqlite(unit) else postgresql.insert(table)


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in as many parts as one statement takes."""
    for start in range(0, len(values), _SOME):
        yield values[start : start + _SOME]


def listed(unit: Unit, rows: Sequence[Sequence[str]]) -> FromClause:
    """The rows as something to join with; `cell` reads its columns.

    One parameter however many rows there are; each is then sought by the index of the other side, which
    SQLite does not do for `(a, b) IN (...)`.
    """
    text = literal(json.dumps(rows, ensure_ascii=False))
    elements = func.json_each(text) if is_sqlite(unit) else func.json_array_elements(cast(text, JSON))
    return elements.table_valued("value").alias("listed")


def cell(source: FromClause, column: int) -> ColumnElement[str]:
    """One column of `listed`, counted from 0."""
    return source.c.value.op("->>")(literal(column))
