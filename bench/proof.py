"""How fast every ticket is proved, `mailgate sla verify`, and in how much memory.

python -m bench proof [--tickets 20000] [--database URL of an empty database]
"""

import argparse
import asyncio
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailgate import shipped
from mailgate.config import load
from mailgate.config.policies import restored
from mailgate.core.change import PolicyVersion
from mailgate.core.event import (
    CustomerReplied,
    Event,
    StaffReplied,
    TicketOpened,
    TicketResolved,
    TicketSetWaiting,
)
from mailgate.core.history import after, course
from mailgate.core.message import Mailbox
from mailgate.core.move import Move
from mailgate.core.policy import Policy
from mailgate.core.ticket import Status, Ticket, TicketId
from mailgate.flows.verification import proofs
from mailgate.store import migrate
from mailgate.store.apply import keep_policies
from mailgate.store.journal import record
from mailgate.store.unit import Database

OPENED = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
ANSWERED = OPENED + timedelta(hours=1)
SAM, BOB = "sam@example.com", "bob@acme.example"
TOGETHER = 2000
LIFE: tuple[Event, ...] = (
    StaffReplied(ANSWERED, SAM, "a reply"),
    TicketSetWaiting(ANSWERED, SAM, "the mail m1 of Sam", "/wait"),
    CustomerReplied(ANSWERED + timedelta(hours=70), BOB, "a reply"),
    TicketResolved(ANSWERED + timedelta(hours=90), SAM, "/resolve"),
)


def lived(number: int, policy: Policy) -> list[tuple[TicketId, Event]]:
    """A ticket that was answered, waited, missed its resolution and was resolved: six events."""
    blank = Ticket(
        id=TicketId(number),
        account="acme",
        number=number,
        title="Help",
        priority="P2",
        status=Status.NEW,
        requester=Mailbox(BOB),
        opened=OPENED,
        policy=policy.digest,
        plan="enterprise",
        asked="P2",
        region="emea",
    )
    ticket = after(blank, Move(TicketOpened, OPENED, "P2"), policy)
    _, events = course(ticket, policy, LIFE)
    return [(ticket.id, event) for event in (TicketOpened(OPENED, ticket, "a new matter"), *events)]


async def fill(database: Database, tickets: int) -> None:
    policy = load(shipped.folder("config") / "mailgate.toml").desk.policies["particle"]
    async with database.write() as unit:
        await keep_policies(unit, OPENED, [PolicyVersion(policy.digest, policy.name, policy.content)])
    for first in range(1, tickets + 1, TOGETHER):
        numbers = range(first, min(first + TOGETHER, tickets + 1))
        async with database.write() as unit:
            await record(unit, OPENED, [told for number in numbers for told in lived(number, policy)])


async def measure(database: Database, tickets: int) -> None:
    await migrate.upgrade(database, shipped.folder("migrations"))
    await fill(database, tickets)
    before, begun, proved = megabytes(), time.perf_counter(), 0
    async for proof in proofs(database, restored):
        proved += proof.tickets
        assert not proof.differences
    taken = time.perf_counter() - begun
    assert proved == tickets
    print(f"{tickets} tickets proved in {taken:.1f} s: {tickets / taken:.0f} a second")
    print(f"memory: {before} MB at the beginning, {megabytes()} MB at the end")
    await database.close()


def megabytes() -> int:
    """The most that this process has ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=20_000)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{Path(folder) / 'mailgate.db'}"
        asyncio.run(measure(Database(url), asked.tickets))


if __name__ == "__main__":
    main()
