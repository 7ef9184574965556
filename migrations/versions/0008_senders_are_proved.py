"""What was found about who sent a mail stays with it; null: it was not asked, or before it could be."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
adds_only = True


def upgrade() -> None:
    op.add_column("messages", sa.Column("authentication", sa.JSON))
