"""Escalation ladders at work, with the instant at which the next step of each is due."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()  # milliseconds since 1970


def upgrade() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ticket_id", KEY, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("ladder", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT),
        sa.Column("ended", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_escalations"),
        sa.UniqueConstraint("ticket_id", "cause", name="uq_escalations_ticket_id_cause"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_escalations_ticket_id"),
    )
    op.create_index(
        "ix_escalations_next_at",
        "escalations",
        ["next_at"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
