"""Knows the whole schema: who imports it has every table in `metadata`, whichever file names the table."""

from mailgate.store import registers, tables
from mailgate.store.columns import metadata

__all__ = ["metadata", "registers", "tables"]
