"""A database as the first schema had it, with what the program of that time wrote into it."""

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, insert

from mailgate.core.instant import read, ticks, written
from mailgate.store import migrate
from mailgate.store.unit import Database
from tests.conftest import MIGRATIONS
from tests.core.desks import NOON, POLICY

AT = ticks(NOON)
LATER_KEYS = ("version", "roles", "requirements", "project", "options", "remarks", "ladders", "paging")
DUE, WARN = NOON + timedelta(hours=4), NOON + timedelta(hours=3)
ANSWER = NOON + timedelta(hours=3, minutes=30)
RAISE = NOON + timedelta(hours=1)


def old_policy() -> str:
    """The content of a version that was kept before the language grew."""
    content = json.loads(POLICY.content)
    return json.dumps({key: value for key, value in content.items() if key not in LATER_KEYS})


CONTENT = old_policy()
DIGEST = sha256(CONTENT.encode()).hexdigest()


def clock(due: datetime = DUE, warn_at: datetime = WARN, **changed: Any) -> dict[str, Any]:
    """A clock as an event had it: it knew of no rests, and carried nothing over."""
    told = {
        "kind": "response",
        "priority": "P2",
        "state": "running",
        "started": NOON,
        "due": due,
        "warn_at": warn_at,
        "warned": None,
        "stopped": None,
        "detected": None,
        "epoch": 1,
        **changed,
    }
    return {key: written(one) if isinstance(one, datetime) else one for key, one in told.items()}


def ticket(number: int) -> dict[str, Any]:
    """A ticket as its opening had it: it knew of no answer."""
    return {
        "id": number,
        "account": "acme",
        "number": number,
        "title": "Printer on fire",
        "priority": "P2",
        "status": "new",
        "requester": {"address": "bob@acme.example", "name": "Bob"},
        "opened": written(NOON),
        "policy": DIGEST,
        "plan": "gold",
        "asked": "P2",
        "region": "",
        "channel": "email",
        "role": "support",
        "environment": "",
        "fields": {},
        "assignee": None,
        "clocks": [clock()],
        "thread": ["m1@acme.example"],
    }


def opening(number: int) -> tuple[str, datetime, dict[str, Any]]:
    return "ticket_opened", NOON, {"ticket": ticket(number), "reason": "a new matter"}


MET = clock(state="met", warned=WARN, stopped=ANSWER)
URGENT = clock(
    priority="P1", started=RAISE, due=RAISE + timedelta(hours=1), warn_at=RAISE + timedelta(minutes=45)
)
REPLY = {"staff": "sam@example.com", "clocks": [MET], "reason": "a reply"}
JOURNALS: dict[int, tuple[str, str, dict[str, Any], list[tuple[str, datetime, dict[str, Any]]]]] = {
    1: (
        "open",
        "P2",
        MET,
        [
            opening(1),
            ("target_warned", WARN, {"clock": clock(warned=WARN)}),
            ("staff_replied", ANSWER, REPLY),
        ],
    ),
    2: (
        "new",
        "P1",
        URGENT,
        [
            opening(2),
            ("customer_replied", RAISE, {"sender": "bob@acme.example", "reason": "a reply"}),
            (
                "priority_raised",
                RAISE,
                {"before": "P2", "after": "P1", "clocks": [URGENT], "reason": "the customer says so"},
            ),
        ],
    ),
    3: (
        "new",
        "P2",
        clock(warned=WARN),
        [
            opening(3),
            ("staff_replied", ANSWER, REPLY),
            ("response_withdrawn", ANSWER, {"clocks": [clock(warned=WARN)], "reason": "never delivered"}),
        ],
    ),
}
"""By ticket: status, priority, the clock as its row had it, the journal."""


OTHERS: dict[str, dict[str, Any]] = {
    "outbox": {
        "ticket_id": 1,
        "account": "acme",
        "kind": "acknowledgement",
        "cause": "one",
        "care": "at_most_once",
        "reverse_path": "",
        "recipients": ["bob@acme.example"],
        "message_id": "o1",
        "subject": "",
        "packed": b"x",
        "state": "sent",
        "created": AT,
    },
    "messages": {
        "account": "acme",
        "ticket_id": 1,
        "direction": "out",
        "kind": "acknowledgement",
        "at": AT,
        "outbox_id": 1,
        "sender": "",
        "subject": "",
        "message_id": "o1",
    },
    "decisions": {
        "spool_id": 1,
        "account": "acme",
        "at": AT,
        "outcome": "new_ticket",
        "rule": "2.9",
        "reason": "a new matter",
        "ticket_id": 1,
    },
    "held": {
        "spool_id": 1,
        "raw_id": 1,
        "account": "acme",
        "kind": "held",
        "at": AT,
        "sender": "",
        "subject": "",
        "reason": "",
        "state": "held",
    },
    "digests": {
        "name": "daily",
        "local_date": "2026-11-20",
        "window_start": AT,
        "window_end": AT,
        "at": AT,
    },
}
MAILS: dict[str, dict[str, Any]] = {
    "raw_mails": {"sha256": "0" * 64, "size": 1, "packed": b"x"},
    "spool": {
        "raw_id": 1,
        "received": AT,
        "reverse_path": "",
        "recipients": ["acme@support.example.com"],
        "peer": "",
        "greeting": "",
        "state": "done",
    },
    "policies": {"digest": DIGEST, "name": "plain", "content": CONTENT, "first_used": AT},
    "counters": {"account": "acme", "last_number": 3},
}


async def make(database: Database, folder: Path) -> None:
    """Makes the first schema in an empty database, and fills it."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    shutil.copy(MIGRATIONS / "env.py", versions.parent)
    shutil.copy(next(MIGRATIONS.glob("versions/0001*.py")), versions)
    await migrate.upgrade(database, versions.parent)
    old = MetaData()
    async with database.write() as unit:
        await unit.run_sync(old.reflect)
        for name, row in [*MAILS.items(), *_of_tickets(), *OTHERS.items()]:
            await unit.execute(insert(old.tables[name]).values(row))


def _of_tickets() -> Iterator[tuple[str, dict[str, Any]]]:
    for number, (status, priority, last, entries) in JOURNALS.items():
        row = {**ticket(number), "status": status, "priority": priority, "opened": AT}
        requester = row["requester"]
        row |= {"requester": requester["address"], "requester_name": requester["name"]}
        yield "tickets", {name: value for name, value in row.items() if name not in {"clocks", "thread"}}
        kept = {name: _kept(name, value) for name, value in last.items()}
        due = kept["due"] if last["warned"] else kept["warn_at"]
        yield "clocks", {"ticket_id": number, "next_at": None if last["stopped"] else due, **kept}
        for kind, at, body in entries:
            dates = {"at": ticks(at), "recorded": ticks(at)}
            yield "journal", {"ticket_id": number, "kind": kind, "body": body, **dates}


def _kept(name: str, value: Any) -> Any:
    is_instant = name in {"started", "due", "warn_at", "warned", "stopped", "detected"}
    return ticks(read(value)) if is_instant and value else value
