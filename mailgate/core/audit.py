"""Knows what is kept of a command that an operator gave: who, when, what, to what. Never a word of a mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """A command that changed something, or let somebody have a copy of everything."""

    HELD_RELEASE = "held_release"
    HELD_RETRY = "held_retry"
    HELD_DROP = "held_drop"
    OUTBOX_RETRY = "outbox_retry"
    OUTBOX_DROP = "outbox_drop"
    SUPPRESSED_LIFT = "suppressed_lift"
    DIGEST_SEND = "digest_send"
    KEYS_ROTATE = "keys_rotate"
    KEYS_RETIRE = "keys_retire"
    DB_UPGRADE = "db_upgrade"
    DB_BACKUP = "db_backup"
    DB_RESTORE = "db_restore"
    PRUNE = "prune"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Audit:
    """An entry of the audit trail.

    Args:
        actor: who gave the command, as the machine knows them.
        action: an `Action`, or one that only a newer program knows.
        account: whose mail it was about; empty where it was about no account, or about all.
        subject: what it was done to: a number, an address, a file.
        details: what else is worth knowing; it becomes JSON.
    """

    at: datetime
    actor: str
    action: str
    account: str = ""
    subject: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
