"""Knows which statements a piece of work executes, and how the database goes about them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from mailgate.store.dialect import is_sqlite
from mailgate.store.unit import Unit

Statement = tuple[str, Any]
"""Its text and its parameters."""


@contextmanager
def heard(unit: Unit) -> Iterator[list[Statement]]:
    """The statements that are executed meanwhile."""
    statements: list[Statement] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    event.listen(unit.sync_connection, "before_cursor_execute", hear)
    yield statements
    event.remove(unit.sync_connection, "before_cursor_execute", hear)


async def explained(unit: Unit, statement: Statement) -> Sequence[str]:
    """The steps that the database takes, as it says them."""
    text, parameters = statement
    if is_sqlite(unit):
        rows = await unit.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters)
        return [row.detail for row in rows]
    return list((await unit.exec_driver_sql(f"EXPLAIN {text}", parameters)).scalars())
