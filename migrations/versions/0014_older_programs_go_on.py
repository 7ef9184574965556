"""How far back a program may be and still work on this schema, so that nodes are upgraded one by one."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
adds_only = True


def upgrade() -> None:
    op.create_table(
        "compatibility",
        sa.Column("revision", sa.String(32), primary_key=True),
        sa.Column("oldest", sa.String(32), nullable=False),
    )
