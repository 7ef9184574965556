"""Knows whether the service is fit for work: the database answers, and what waits is moving."""

from datetime import datetime, timedelta

from mailgate.core.instant import written
from mailgate.store.levels import levels
from mailgate.store.unit import Database

LONGEST_WAIT = timedelta(minutes=5)
"""How long a mail may wait to be decided; usually it is milliseconds."""


async def backlog_moves(database: Database, now: datetime) -> str:
    """What is wrong where the oldest mail in the spool waits for too long; empty where none does.

    Raises:
        StoreError: the database does not answer.
    """
    async with database.read() as unit:
        oldest = (await levels(unit, now)).oldest_spooled
    if oldest is None or now - oldest < LONGEST_WAIT:
        return ""
    return f"a mail accepted at {written(oldest)} is not decided yet"
