"""People beside the requester; who saw which mail; what a mail is like; addresses that bounced."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()  # milliseconds since 1970


def upgrade() -> None:
    op.add_column("tickets", sa.Column("people", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("messages", sa.Column("readers", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("messages", sa.Column("fingerprint", sa.BigInteger()))
    op.create_index(
        "ix_messages_sender",
        "messages",
        ["sender", "at"],
        sqlite_where=sa.text("direction = 'in'"),
        postgresql_where=sa.text("direction = 'in'"),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("ticket_id", KEY),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
        sa.UniqueConstraint("address", name="uq_suppressions_address"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_suppressions_ticket_id"),
    )
