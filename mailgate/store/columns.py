"""Knows what all tables share: kinds of column that both databases hold alike, and how things are named."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Index, Integer, MetaData, TypeDecorator, text

from mailgate.core.instant import from_ticks, ticks

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows only in a column of type INTEGER; PostgreSQL's INTEGER ends at two thousand million.
Key = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """A datetime in UTC, stored as whole milliseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Milliseconds for the database."""
        return None if value is None else ticks(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """The instant that a row holds."""
        return None if value is None else from_ticks(value)


def index_where(rows: str, name: str, *columns: Column[Any]) -> None:
    """An index of some rows only: small, and not written for the others."""
    Index(name, *columns, sqlite_where=text(rows), postgresql_where=text(rows))
