"""Who refers to a row that is to go is found by an index: retention deletes without reading whole tables."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"
adds_only = True

_REFERENCES = (
    ("ix_spool_raw_id", "spool", "raw_id", False),
    ("ix_held_raw_id", "held", "raw_id", False),
    ("ix_decisions_ticket_id", "decisions", "ticket_id", True),
    ("ix_messages_raw_id", "messages", "raw_id", True),
    ("ix_messages_outbox_id", "messages", "outbox_id", True),
    ("ix_suppressions_ticket_id", "suppressions", "ticket_id", True),
)


def upgrade() -> None:
    for name, table, column, partly in _REFERENCES:
        some = sa.text(f"{column} IS NOT NULL") if partly else None
        op.create_index(name, table, [column], sqlite_where=some, postgresql_where=some)
