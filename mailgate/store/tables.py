"""Knows the schema. Each index and constraint says who relies on it.

Instants are whole milliseconds since 1970 in UTC (core.instant), so that both databases compare them alike.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from mailgate.store.columns import Instant, Key, index_where, metadata

raw_mails = Table(
    "raw_mails",
    metadata,
    Column("id", Key, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),  # zlib; the bytes exactly as they came
)

spool = Table(
    "spool",
    metadata,
    Column("id", Key, primary_key=True),
    Column("raw_id", Key, ForeignKey("raw_mails.id"), nullable=False),
    Column("received", Instant, nullable=False),
    Column("reverse_path", Text, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("peer", Text, nullable=False),
    Column("greeting", Text, nullable=False),
    Column("state", String(16), nullable=False),  # waiting, done, quarantined
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("leased_until", Instant),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("released", Boolean, nullable=False, server_default=false()),  # an operator let its sender in
)
# The intake sweep takes the oldest waiting mail; the deadline sweep asks how far it has got.
index_where("state = 'waiting'", "ix_spool_waiting", spool.c.received, spool.c.id)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("spool_id", Key, ForeignKey("spool.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ticket_id", Key, ForeignKey("tickets.id")),
    UniqueConstraint("spool_id", "account"),  # flows.intake: one mail is decided once for each account
)

counters = Table(
    "counters",
    metadata,
    Column("account", Text, primary_key=True),
    Column("last_number", Integer, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("first_used", Instant, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Key, primary_key=True),
    Column("account", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("requester", Text, nullable=False),
    Column("requester_name", Text, nullable=False),
    Column("assignee", Text),
    Column("opened", Instant, nullable=False),
    Column("policy", String(64), ForeignKey("policies.digest"), nullable=False),
    Column("plan", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("answered", Instant),
    Column("resolved", Instant),
    Column("merged_into", Key),
    Column("people", JSON, nullable=False, server_default=text("'[]'")),  # what core.ticket.Participant says
    UniqueConstraint("account", "number"),  # a ticket's number is its name
    sqlite_autoincrement=True,  # an id is in signed addresses: never used again, whatever is deleted
)
# An answer of staff: what its readers got on the tickets that were merged into this one (behaviour.md 3.5).
index_where("merged_into IS NOT NULL", "ix_tickets_merged_into", tickets.c.merged_into)
Index("ix_tickets_opened", tickets.c.opened)  # the list of tickets, newest first; the digest's window

clocks = Table(
    "clocks",
    metadata,
    Column("id", Key, primary_key=True),
    Column("ticket_id", Key, ForeignKey("tickets.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("priority", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("started", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("warn_at", Instant),
    Column("warned", Instant),
    Column("stopped", Instant),
    Column("detected", Instant),
    Column("next_at", Instant),
    Column("rests", JSON, nullable=False, server_default=text("'[]'")),  # what core.clock.Rest says
    Column("carried", BigInteger, nullable=False, server_default=text("0")),  # milliseconds
    UniqueConstraint("ticket_id", "kind", "epoch"),  # one clock for each target of a ticket
)
# The deadline sweep reads what is due and when it must wake, never all that is open (behaviour.md 6.1).
index_where("next_at IS NOT NULL", "ix_clocks_next_at", clocks.c.next_at)
# The digest: what is missed or comes due, and what was stopped since the last one.
index_where("stopped IS NULL", "ix_clocks_due", clocks.c.due)
index_where("stopped IS NOT NULL", "ix_clocks_stopped", clocks.c.stopped)

escalations = Table(
    "escalations",
    metadata,
    Column("id", Key, primary_key=True),
    Column("ticket_id", Key, ForeignKey("tickets.id"), nullable=False),
    Column("cause", Text, nullable=False),
    Column("ladder", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("started", Instant, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("next_at", Instant),
    Column("ended", Instant),
    UniqueConstraint("ticket_id", "cause"),  # one cause begins one ladder; what ends those of a ticket
)
# The escalation sweep reads the steps that are due and when it must wake (behaviour.md 6.1, 6.4).
index_where("next_at IS NOT NULL", "ix_escalations_next_at", escalations.c.next_at)

messages = Table(
    "messages",
    metadata,
    Column("id", Key, primary_key=True),
    Column("account", Text, nullable=False),
    Column("ticket_id", Key, ForeignKey("tickets.id")),
    Column("direction", String(3), nullable=False),  # in, out
    Column("kind", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("raw_id", Key, ForeignKey("raw_mails.id")),
    Column("outbox_id", Key, ForeignKey("outbox.id")),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("identity", String(64)),
    Column("readers", JSON, nullable=False, server_default=text("'[]'")),  # addresses in lower case
    Column("fingerprint", BigInteger),
    Column("authentication", JSON(none_as_null=True)),  # what proves its sender; null: nobody asked
    # behaviour.md 2.1: two nodes that are given the same mail at once keep it once. A mail out has no
    # identity: NULL equals nothing. By its first two columns store.facts seeks References, copies and loops.
    UniqueConstraint("account", "message_id", "identity"),
)
Index("ix_messages_ticket_id", messages.c.ticket_id, messages.c.id)  # a ticket's timeline and thread
# What the same sender wrote lately (behaviour.md 5.3).
index_where("direction = 'in'", "ix_messages_sender", messages.c.sender, messages.c.at)

journal = Table(
    "journal",
    metadata,
    Column("id", Key, primary_key=True),
    Column("ticket_id", Key, ForeignKey("tickets.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("recorded", Instant, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", JSON, nullable=False),
)
# The digest: what delivery reports said since the last one.
index_where("kind = 'delivery_failed'", "ix_journal_at", journal.c.at)
Index("ix_journal_ticket_id", journal.c.ticket_id)  # a ticket's timeline

outbox = Table(
    "outbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("ticket_id", Key, ForeignKey("tickets.id")),
    Column("account", Text, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("cause", Text, nullable=False),
    Column("care", String(16), nullable=False),
    Column("reverse_path", Text, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("packed", LargeBinary, nullable=False),  # zlib; final bytes
    Column("state", String(16), nullable=False),  # waiting, sending, sent, uncertain, failed, dropped
    Column("attempts", Integer, nullable=False, server_default=text("0")),  # fences who claims it
    Column("created", Instant, nullable=False),
    Column("next_at", Instant),  # waiting: the next attempt; sending: the end of the lease
    Column("dot_at", Instant),  # committed before the final dot: a restart knows what is uncertain
    Column("settled", Instant),
    Column("reply", Text, nullable=False, server_default=text("''")),
    Column("via", Text, nullable=False, server_default=text("''")),  # a notification service; empty: mail
    Column("unreached", Integer, nullable=False, server_default=text("0")),  # attempts that found no server
    Column("unsure", JSON, nullable=False, server_default=text("'[]'")),  # who may have got it before
    UniqueConstraint("cause"),  # at most one acknowledgement for a ticket, ever (behaviour.md 5.3)
)
# The relay sweep: what may be tried now, and when to wake.
index_where("next_at IS NOT NULL", "ix_outbox_next_at", outbox.c.next_at)
# The digest: what was given up, or may have been lost, since the last one.
index_where("state IN ('failed', 'uncertain')", "ix_outbox_settled", outbox.c.settled)
# The digest: who was paged since the last one.
index_where("kind = 'page'", "ix_outbox_created", outbox.c.created)
Index("ix_outbox_ticket_id", outbox.c.ticket_id, outbox.c.id)  # a ticket's latest deliveries
Index("ix_outbox_message_id", outbox.c.message_id)  # a delivery report names the mail that failed

held = Table(
    "held",
    metadata,
    Column("id", Key, primary_key=True),
    Column("spool_id", Key, ForeignKey("spool.id"), nullable=False),
    Column("raw_id", Key, ForeignKey("raw_mails.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("kind", String(16), nullable=False),  # held, not_entitled, quarantined, operator
    Column("at", Instant, nullable=False),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False),  # held, released, dropped
    UniqueConstraint("spool_id", "account"),  # a sweep that runs twice holds once
)
Index("ix_held_state", held.c.state, held.c.at)  # the list and the digest

# Retention: whether anybody refers to a row that is to go. The database asks so of every foreign key.
Index("ix_spool_raw_id", spool.c.raw_id)
Index("ix_held_raw_id", held.c.raw_id)
index_where("ticket_id IS NOT NULL", "ix_decisions_ticket_id", decisions.c.ticket_id)
index_where("raw_id IS NOT NULL", "ix_messages_raw_id", messages.c.raw_id)
index_where("outbox_id IS NOT NULL", "ix_messages_outbox_id", messages.c.outbox_id)
