"""Knows the kinds of column that both databases must hold alike."""

from datetime import datetime

from sqlalchemy import BigInteger, Dialect, Integer, TypeDecorator

from mailgate.core.instant import from_ticks, ticks

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
