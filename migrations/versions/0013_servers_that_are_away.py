"""Which mail servers are left alone for now, and what an attempt that found none says of a mail: nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
adds_only = True


def upgrade() -> None:
    op.add_column("outbox", sa.Column("unreached", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("outbox", sa.Column("unsure", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.create_table(
        "outages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("probe_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outages"),
        sa.UniqueConstraint("server", "node", name="uq_outages_server_node"),
    )
