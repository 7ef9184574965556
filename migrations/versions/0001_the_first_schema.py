"""The first schema: mail as it came, what was decided, tickets and their clocks, mail that goes out."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()  # milliseconds since 1970


def upgrade() -> None:
    make_arrivals()
    make_tickets()
    make_ticket_history()
    make_outbox()
    make_messages()
    make_outcomes()


def make_arrivals() -> None:
    op.create_table(
        "raw_mails",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_raw_mails"),
    )
    op.create_table(
        "spool",
        sa.Column("id", KEY, nullable=False),
        sa.Column("raw_id", KEY, nullable=False),
        sa.Column("received", INSTANT, nullable=False),
        sa.Column("reverse_path", sa.Text(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("greeting", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("leased_until", INSTANT),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("released", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spool"),
        sa.ForeignKeyConstraint(["raw_id"], ["raw_mails.id"], name="fk_spool_raw_id"),
    )
    op.create_index(
        "ix_spool_waiting",
        "spool",
        ["received", "id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def make_tickets() -> None:
    op.create_table(
        "policies",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("first_used", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_policies"),
    )
    op.create_table(
        "counters",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_counters"),
    )
    op.create_table(
        "tickets",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("requester_name", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text()),
        sa.Column("opened", INSTANT, nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("account", "number", name="uq_tickets_account_number"),
        sa.ForeignKeyConstraint(["policy"], ["policies.digest"], name="fk_tickets_policy"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tickets_opened", "tickets", ["opened"])


def make_ticket_history() -> None:
    op.create_table(
        "clocks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ticket_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("due", INSTANT, nullable=False),
        sa.Column("warn_at", INSTANT),
        sa.Column("warned", INSTANT),
        sa.Column("stopped", INSTANT),
        sa.Column("detected", INSTANT),
        sa.Column("next_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_clocks"),
        sa.UniqueConstraint("ticket_id", "kind", "epoch", name="uq_clocks_ticket_id_kind_epoch"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_clocks_ticket_id"),
    )
    op.create_index(
        "ix_clocks_due",
        "clocks",
        ["due"],
        sqlite_where=sa.text("stopped IS NULL"),
        postgresql_where=sa.text("stopped IS NULL"),
    )
    op.create_index(
        "ix_clocks_next_at",
        "clocks",
        ["next_at"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "ix_clocks_stopped",
        "clocks",
        ["stopped"],
        sqlite_where=sa.text("stopped IS NOT NULL"),
        postgresql_where=sa.text("stopped IS NOT NULL"),
    )
    op.create_table(
        "journal",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ticket_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded", INSTANT, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_journal_ticket_id"),
    )
    op.create_index(
        "ix_journal_at",
        "journal",
        ["at"],
        sqlite_where=sa.text("kind = 'delivery_failed'"),
        postgresql_where=sa.text("kind = 'delivery_failed'"),
    )
    op.create_index("ix_journal_ticket_id", "journal", ["ticket_id"])


def make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ticket_id", KEY),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("care", sa.String(length=16), nullable=False),
        sa.Column("reverse_path", sa.Text(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT),
        sa.Column("dot_at", INSTANT),
        sa.Column("settled", INSTANT),
        sa.Column("reply", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("cause", name="uq_outbox_cause"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_outbox_ticket_id"),
    )
    op.create_index("ix_outbox_message_id", "outbox", ["message_id"])
    op.create_index(
        "ix_outbox_next_at",
        "outbox",
        ["next_at"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_settled",
        "outbox",
        ["settled"],
        sqlite_where=sa.text("state IN ('failed', 'uncertain')"),
        postgresql_where=sa.text("state IN ('failed', 'uncertain')"),
    )
    op.create_index(
        "ix_outbox_created",
        "outbox",
        ["created"],
        sqlite_where=sa.text("kind = 'page'"),
        postgresql_where=sa.text("kind = 'page'"),
    )
    op.create_index("ix_outbox_ticket_id", "outbox", ["ticket_id", "id"])


def make_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("ticket_id", KEY),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("raw_id", KEY),
        sa.Column("outbox_id", KEY),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("identity", sa.String(length=64)),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint(
            "account", "message_id", "identity", name="uq_messages_account_message_id_identity"
        ),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_messages_outbox_id"),
        sa.ForeignKeyConstraint(["raw_id"], ["raw_mails.id"], name="fk_messages_raw_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_messages_ticket_id"),
    )
    op.create_index("ix_messages_ticket_id", "messages", ["ticket_id", "id"])


def make_outcomes() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("spool_id", KEY, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ticket_id", KEY),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("spool_id", "account", name="uq_decisions_spool_id_account"),
        sa.ForeignKeyConstraint(["spool_id"], ["spool.id"], name="fk_decisions_spool_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_decisions_ticket_id"),
    )
    op.create_table(
        "held",
        sa.Column("id", KEY, nullable=False),
        sa.Column("spool_id", KEY, nullable=False),
        sa.Column("raw_id", KEY, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_held"),
        sa.UniqueConstraint("spool_id", "account", name="uq_held_spool_id_account"),
        sa.ForeignKeyConstraint(["raw_id"], ["raw_mails.id"], name="fk_held_raw_id"),
        sa.ForeignKeyConstraint(["spool_id"], ["spool.id"], name="fk_held_spool_id"),
    )
    op.create_index("ix_held_state", "held", ["state", "at"])
    op.create_table(
        "digests",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("local_date", sa.String(length=10), nullable=False),
        sa.Column("window_start", INSTANT, nullable=False),
        sa.Column("window_end", INSTANT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.UniqueConstraint("name", "local_date", name="uq_digests_name_local_date"),
    )
