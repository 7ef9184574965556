"""Knows how a database fails, in the few words that callers act upon; no driver's exception leaves store/.

A caller at the SMTP door answers 4xx to each of them: none says that a mail is bad.
What is not listed here (a missing table, a NOT NULL without a value) is a bug and stays the exception it is.
"""

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class StoreError(Exception):
    """The store could not do what was asked. The text is one line for a log."""


class StoreUnavailableError(StoreError):
    """No database, or none that answers in time; the same request may succeed later."""


class StoreFullError(StoreError):
    """The disk under the database is full."""


class ConflictError(StoreError):
    """Somebody else did the same thing first; the transaction was rolled back and may be tried again."""


class UnsafeDatabaseError(StoreError):
    """The database does not keep what it commits; mailgate refuses to run on it."""


class OutdatedDatabaseError(StoreError):
    """The schema is older than the program."""


class NewerDatabaseError(StoreError):
    """The schema is newer than the program."""


_SQLITE_FAULTS = {
    sqlite3.SQLITE_FULL: StoreFullError,
    sqlite3.SQLITE_BUSY: StoreUnavailableError,
    sqlite3.SQLITE_CANTOPEN: StoreUnavailableError,
    sqlite3.SQLITE_CORRUPT: StoreUnavailableError,
    sqlite3.SQLITE_INTERRUPT: StoreUnavailableError,
    sqlite3.SQLITE_IOERR: StoreUnavailableError,
    sqlite3.SQLITE_LOCKED: StoreUnavailableError,
    sqlite3.SQLITE_NOMEM: StoreUnavailableError,
    sqlite3.SQLITE_NOTADB: StoreUnavailableError,
    sqlite3.SQLITE_PROTOCOL: StoreUnavailableError,
    sqlite3.SQLITE_READONLY: StoreUnavailableError,
}
_SQLITE_PRIMARY_CODE = 0xFF  # the low byte of an extended result code
_SQLITE_TAKEN = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}

# PostgreSQL's appendix A: unique violation, serialization failure, deadlock.
_POSTGRESQL_TAKEN = {"23505", "40001", "40P01"}
_POSTGRESQL_FULL = {"53100"}
READ_ONLY = "25006"
"""A transaction that may only read wanted to write: the server is a standby, or is to become one."""


def translated(fault: SQLAlchemyError) -> StoreError | None:
    """The fault in the words of this module; None for one that is a bug."""
    text = str(fault.orig if isinstance(fault, DBAPIError) else fault).strip().partition("\n")[0]
    kind = _kind(fault)
    return kind(text) if kind else None


def from_sqlite(fault: sqlite3.Error, about: str = "") -> StoreError:
    """The same of SQLite's own driver, of the database and nothing else; `about` goes before."""
    kind = _sqlite_kind(getattr(fault, "sqlite_errorcode", None)) or StoreUnavailableError
    return kind(f"{about}{fault}")


def _kind(fault: SQLAlchemyError) -> type[StoreError] | None:
    if isinstance(fault, PoolTimeoutError):
        return StoreUnavailableError
    if not isinstance(fault, DBAPIError):
        return None
    match fault.orig:
        case sqlite3.Error() as sqlite:
            return _sqlite_kind(getattr(sqlite, "sqlite_errorcode", None))
        case psycopg.Error() as postgresql:
            left = postgresql.sqlstate == READ_ONLY and fault.connection_invalidated
            return StoreUnavailableError if left else _postgresql_kind(postgresql)
        case _:
            return StoreUnavailableError if fault.connection_invalidated else None


def _sqlite_kind(code: int | None) -> type[StoreError] | None:
    if code is None:
        return None
    if code in _SQLITE_TAKEN:
        return ConflictError
    return _SQLITE_FAULTS.get(code & _SQLITE_PRIMARY_CODE)


def _postgresql_kind(fault: psycopg.Error) -> type[StoreError] | None:
    if fault.sqlstate in _POSTGRESQL_TAKEN:
        return ConflictError
    if fault.sqlstate in _POSTGRESQL_FULL:
        return StoreFullError
    if isinstance(fault, psycopg.OperationalError | psycopg.InterfaceError):  # no server, no answer in time
        return StoreUnavailableError
    return None
