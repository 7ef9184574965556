"""Who has the mails that were kept before their readers were: its writer, or whom it went to."""

from alembic import op

revision = "0006"
down_revision = "0005"

# Addresses stand as they are compared, without case; a page by a notification service has no reader.
ARRIVED = {
    "sqlite": "UPDATE messages SET readers = json_array(lower(sender)) WHERE direction = 'in'",
    "postgresql": "UPDATE messages SET readers = json_build_array(lower(sender)) WHERE direction = 'in'",
}
SENT = """
UPDATE messages SET readers = (
    SELECT CAST(lower(CAST(outbox.recipients AS text)) AS {json})
    FROM outbox WHERE outbox.id = messages.outbox_id
) WHERE direction = 'out' AND outbox_id IN (SELECT id FROM outbox WHERE via = '')
"""


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.execute(ARRIVED[dialect])
    op.execute(SENT.format(json="text" if dialect == "sqlite" else "json"))
