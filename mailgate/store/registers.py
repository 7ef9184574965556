"""Knows the tables of what is remembered beside mail and tickets. Each constraint says who relies on it."""

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from mailgate.store.columns import Instant, Key, index_where, metadata

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("address", Text, nullable=False),  # in lower case
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("status", String(16), nullable=False),  # the enhanced status code
    Column("reason", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("ticket_id", Key, ForeignKey("tickets.id")),
    UniqueConstraint("address"),  # an address is suppressed once, however many mails to it bounced
)

# Retention: whether anybody refers to a ticket that is to go.
index_where("ticket_id IS NOT NULL", "ix_suppressions_ticket_id", suppressions.c.ticket_id)

digests = Table(
    "digests",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("local_date", String(10), nullable=False),
    Column("window_start", Instant, nullable=False),
    Column("window_end", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("name", "local_date"),  # flows.digest: exactly one a local day
)

audits = Table(
    "audits",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),  # the operator, as the host knows them
    Column("action", String(32), nullable=False),
    Column("account", Text, nullable=False),
    Column("subject", Text, nullable=False),  # what it was done to
    Column("details", JSON, nullable=False),
)
Index("ix_audits_at", audits.c.at)  # the list, and what is old enough to go

# Mail servers that a process leaves alone for now: what `mailgate outbox` and others are shown.
outages = Table(
    "outages",
    metadata,
    Column("id", Key, primary_key=True),
    Column("server", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("probe_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("server", "node"),  # each tells of a server once
)

compatibility = Table(
    "compatibility",
    metadata,
    Column("revision", String(32), primary_key=True),  # of the schema as it is
    Column("oldest", String(32), nullable=False),  # a program that knows this revision works on it
)
