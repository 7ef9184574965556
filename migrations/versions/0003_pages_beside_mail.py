"""A page may go by a notification service instead of mail."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("via", sa.Text(), server_default=sa.text("''"), nullable=False))
