"""Clocks that rest while their ticket waits; when a ticket was answered and resolved, where it went on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()  # milliseconds


def upgrade() -> None:
    op.add_column("clocks", sa.Column("rests", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("clocks", sa.Column("carried", INSTANT, server_default=sa.text("0"), nullable=False))
    op.add_column("tickets", sa.Column("answered", INSTANT))
    op.add_column("tickets", sa.Column("resolved", INSTANT))
    op.add_column("tickets", sa.Column("merged_into", KEY))
    op.execute(
        "UPDATE tickets SET answered = (SELECT min(journal.at) FROM journal"
        " WHERE journal.ticket_id = tickets.id AND journal.kind = 'staff_replied')"
        " WHERE status <> 'new'"
    )
