"""Knows how many promises are made to fall due under two servers of one database, and what becomes of them.

The second of them is killed at moments that chance chooses, and started again; the first one lives.
"""

import asyncio
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from mailgate.config import load
from mailgate.core.change import PolicyVersion
from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.event import Event, TicketEscalated, TicketOpened
from mailgate.core.instant import ticks
from mailgate.core.ladder import Escalation
from mailgate.core.message import Mailbox
from mailgate.core.ticket import Status, Ticket, TicketId
from mailgate.store.apply import keep_policies
from mailgate.store.journal import record
from mailgate.store.numbers import reserve
from mailgate.store.unit import Database
from tests.acceptance.installation import Installation
from tests.flood import parcels, pour

Desks = tuple[Installation, Installation]
Connection = psycopg.Connection[tuple[int, ...]]

_AT_ONCE = 500  # tickets in one transaction
_GLANCE = 0.05  # seconds between two looks at the journal
_SEEN = "SELECT id, at FROM journal WHERE id > %s AND kind = ANY(%s) ORDER BY id"
_EVENTS = """
SELECT count(*), count(DISTINCT ticket_id), coalesce(max(recorded - at), 0) FROM journal WHERE kind = %s
"""
_MAILS = "SELECT count(*), count(DISTINCT cause) FROM outbox"
_MILLISECOND = timedelta(milliseconds=1)

MISSED, WARNED, PAGED = "target_missed", "target_warned", "page_sent"


@dataclass(frozen=True)
class Plan:
    """What is asked of the servers.

    Args:
        promises: how many fall due, evenly spread over `within` from `first` on.
        warned: how long before its due instant each is warned of; None for no warning.
        paged: whether a step of a ladder is due with each.
        mails: how many mails come in meanwhile, one after the other, to the one and the other server.
        pause: seconds between two kills, at most; 0 for no kill.
    """

    promises: int
    first: datetime
    within: timedelta
    warned: timedelta | None = None
    paged: bool = False
    mails: int = 0
    pause: float = 3.0

    @property
    def kinds(self) -> tuple[str, ...]:
        """What happens to each promise, as the journal calls it."""
        return (MISSED, *([WARNED] if self.warned else []), *([PAGED] if self.paged else []))


@dataclass(frozen=True)
class Outcome:
    """What became of the promises.

    Args:
        events: by kind, how many there are, and of how many tickets.
        latest: of all events, the longest time from the instant it was due until it was detected.
        seen: the same until it was committed, give or take a glance.
        mails: how many mails were queued, and of how many causes.
    """

    events: Mapping[str, tuple[int, int]]
    latest: timedelta
    seen: timedelta
    mails: tuple[int, int]
    kills: int

    def faults(self, plan: Plan, patience: timedelta) -> list[str]:
        """What is not as it was promised."""
        found = []
        for kind, (events, tickets) in self.events.items():
            found += [f"{plan.promises - tickets} of {kind} never"] if tickets != plan.promises else []
            found += [f"{events - tickets} of {kind} twice"] if events != tickets else []
        mails, causes = self.mails
        found += [f"{mails - causes} mails twice"] if mails != causes else []
        found += [f"the latest was detected after {self.latest}"] if self.latest > patience else []
        return found


def two(folder: Path, url: str) -> Desks:
    """Two installations on one database and with one signing key, at work."""
    first, second = (Installation(folder / name, database=url) for name in ("first", "second"))
    for one in (first, second):
        one.folder.mkdir()
        one.write()
    first.start()
    (second.folder / "var").mkdir()
    shutil.copy(first.folder / "var" / "secret.key", second.folder / "var" / "secret.key")
    second.start()
    return first, second


async def promise(url: str, desk: Installation, plan: Plan, now: datetime) -> None:
    """Opens a ticket for each promise, as if a mail had come now."""
    policy = load(desk.config).desk.policies["particle"]
    database = Database(url)
    try:
        for start in range(0, plan.promises, _AT_ONCE):
            places = range(start, min(start + _AT_ONCE, plan.promises))
            async with database.write() as unit:
                version = PolicyVersion(policy.digest, policy.name, policy.content)
                await keep_policies(unit, now, [version])
                names = (await reserve(unit, {"acme": len(places)}))["acme"]
                opened = [
                    _ticket(name, policy.digest, _clock(plan, place, now))
                    for place, name in zip(places, names, strict=True)
                ]
                await record(unit, now, [event for one in opened for event in _events(one, plan, now)])
    finally:
        await database.close()


def witnessed(desks: Desks, url: str, plan: Plan, now: Callable[[], datetime]) -> Outcome:
    """What becomes of the promises, while the second desk is killed and started again and again."""
    done = threading.Event()
    kills: list[float] = []
    disturbing = (
        [threading.Thread(target=_kill, args=(desks[1], plan.pause, done, kills))] if plan.pause else []
    )
    disturbing += [threading.Thread(target=_send, args=(desk, plan.mails // 2)) for desk in desks]
    with psycopg.connect(url, autocommit=True) as connection:
        for one in disturbing:
            one.start()
        try:
            seen = _watched(connection, plan, now)
        finally:
            done.set()
            for one in disturbing:
                one.join()
        return _outcome(connection, plan, seen, len(kills))


def run(folder: Path, url: str, plan: Plan, now: Callable[[], datetime]) -> Outcome:
    """Two servers, the promises, and what becomes of them."""
    desks = two(folder, url)
    try:
        asyncio.run(promise(url, desks[0], plan, now()))
        assert now() < plan.first - (plan.warned or timedelta()), "the promises were not made in time"
        return witnessed(desks, url, plan, now)
    finally:
        for one in desks:
            if one.process is not None:
                one.stop()


def _watched(connection: Connection, plan: Plan, now: Callable[[], datetime]) -> int:
    """The longest time, in milliseconds, until an event was in the journal for everybody to see."""
    last, events, latest = 0, 0, 0
    end = plan.first + plan.within + timedelta(seconds=60)
    while events < plan.promises * len(plan.kinds) and now() < end:
        rows = connection.execute(_SEEN, [last, list(plan.kinds)]).fetchall()
        at = ticks(now())
        for id_, due in rows:
            last, latest = id_, max(latest, at - due)
        events += len(rows)
        time.sleep(_GLANCE)
    return latest


def _outcome(connection: Connection, plan: Plan, seen: int, kills: int) -> Outcome:
    rows = {kind: connection.execute(_EVENTS, [kind]).fetchone() or (0, 0, 0) for kind in plan.kinds}
    mails = connection.execute(_MAILS).fetchone() or (0, 0)
    return Outcome(
        events={kind: (row[0], row[1]) for kind, row in rows.items()},
        latest=max(row[2] for row in rows.values()) * _MILLISECOND,
        seen=seen * _MILLISECOND,
        mails=(mails[0], mails[1]),
        kills=kills,
    )


def _send(desk: Installation, mails: int) -> None:
    """Each mail until it gets its 250; what is dead meanwhile comes again."""
    start = desk.smtp * 1000  # so that no two desks are sent the same
    asyncio.run(pour(parcels(mails, start=start), desk.smtp, sessions=1))


def _kill(desk: Installation, pause: float, done: threading.Event, kills: list[float]) -> None:
    while not done.wait(_chance(pause)):
        desk.stop(signal.SIGKILL)
        kills.append(time.monotonic())
        desk.start()


def _chance(seconds: float) -> float:
    return seconds * secrets.randbelow(1000) / 1000


def _events(ticket: Ticket, plan: Plan, now: datetime) -> Iterator[tuple[TicketId, Event]]:
    yield ticket.id, TicketOpened(now, ticket, "a new matter")
    if plan.paged:
        due = ticket.clocks[0].due
        ladder = Escalation("opened", "", "a P1 ticket", due, next_at=due)
        yield ticket.id, TicketEscalated(now, ladder, "a P1 ticket")


def _ticket(name: tuple[TicketId, int], policy: str, clock: Clock) -> Ticket:
    return Ticket(
        id=name[0],
        account="acme",
        number=name[1],
        title=f"Matter {name[1]}",
        priority="P1",
        status=Status.NEW,
        requester=Mailbox("bob@acme.example", "Bob"),
        opened=clock.started,
        policy=policy,
        plan="enterprise",
        asked="P1",
        region="americas",
        clocks=(clock,),
    )


def _clock(plan: Plan, place: int, now: datetime) -> Clock:
    due = plan.first + plan.within // _MILLISECOND * place // plan.promises * _MILLISECOND
    warn_at = due - plan.warned if plan.warned else None
    return Clock(TargetKind.RESPONSE, "P1", ClockState.RUNNING, now, due, warn_at)
