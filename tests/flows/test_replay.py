"""A replay of past mail against the service that took the same mail in."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.core.address import Token, TokenRole, principal, signed_address
from mailgate.core.case import Case
from mailgate.core.change import Change
from mailgate.core.clock import Clock, TargetKind, lapsed
from mailgate.core.message import Envelope, MailObject, Message, Reading
from mailgate.core.past import PastMail, Staff, past_mail
from mailgate.core.plan import Plan
from mailgate.core.replay import replayed
from mailgate.core.scenario import Scenario
from mailgate.core.threads import threads
from mailgate.core.ticket import TicketId
from mailgate.flows.intake import Intake
from mailgate.flows.spool import Spool
from mailgate.mail.parse import parse
from mailgate.store.lists import timeline
from mailgate.store.unit import Database
from tests.core.desks import ACME, BOB, DOMAIN, EVE, KEYS, NOON, POLICY, SAM, target
from tests.flows.offices import office

EACH = {
    "P1": ("1 hour", "30 minutes", "2 days"),
    "P2": ("4 business hours", "2 business hours", "2 business days"),
    "P3": ("2 business days", "1 business day", "5 business days"),
}
KINDS = (TargetKind.RESPONSE, TargetKind.NEXT_RESPONSE, TargetKind.RESOLUTION)
ROWS = {
    priority: tuple(target(kind, words) for kind, words in zip(KINDS, several, strict=True))
    for priority, several in EACH.items()
}
RULES = replace(POLICY, plans={"gold": Plan("gold", "Gold", {"support": ROWS})})
WORDS = [f"Matter {letter}." for letter in "abcdefghijk"]  # no two alike: nothing is braked
STAFF = Staff(frozenset({SAM.address}), frozenset({DOMAIN}))


@dataclass(frozen=True)
class Step:
    """What comes after so many minutes: a mail about the ticket of that place, if there is one."""

    minutes: int
    who: str
    about: int
    subject: str


STEPS = st.lists(
    st.builds(
        Step,
        minutes=st.sampled_from([0, 1, 29, 30, 31, 60, 61, 240, 241, 480, 1440, 4000]),
        who=st.sampled_from(["customer", "customer", "staff", "staff", "machine", "stranger", "copy", "new"]),
        about=st.integers(0, 2),
        subject=st.sampled_from(["Fire", "[P1] Fire", "[P2] Fire", "Re: [P3] Fire", "[P9] Fire"]),
    ),
    min_size=1,
    max_size=10,
)


@dataclass(frozen=True)
class Sent:
    """A mail on its way in: when it is accepted, by whom it is sent and to whom."""

    at: datetime
    sender: str
    to: str
    raw: bytes


def history(steps: list[Step]) -> Iterator[Sent]:
    """The mails of the steps, written as they come; the first of all opens a ticket."""
    now, opened, last = NOON, [0], sent(NOON, 0, Step(0, "new", 0, "Fire"), None)
    yield last
    for number, step in enumerate(steps, start=1):
        now += timedelta(minutes=step.minutes)
        last = replace(last, at=now) if step.who == "copy" else sent(now, number, step, opened)
        opened += [number] * (step.who == "new")
        yield last


def sent(at: datetime, number: int, step: Step, opened: list[int] | None) -> Sent:
    place = min(step.about, len(opened) - 1) if opened else 0
    token = Token(TokenRole.STAFF, TicketId(place + 1), principal(SAM.address))
    sender = {"staff": SAM, "stranger": EVE}.get(step.who, BOB).address
    to = signed_address("acme", token, DOMAIN, KEYS) if step.who == "staff" else f"acme@{DOMAIN}"
    lines = [
        f"Received: from out.example by mx.{DOMAIN}; {format_datetime(at)}",
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {step.subject}",
        f"Message-ID: <m{number}@x.example>",
    ]
    if opened and step.who != "new":
        lines.append(f"In-Reply-To: <m{opened[place]}@x.example>")
    if step.who == "machine":
        lines.append("Auto-Submitted: auto-replied")
    return Sent(at, sender, to, "\r\n".join([*lines, "", WORDS[number], ""]).encode())


async def live(mails: list[Sent], url: str) -> list[tuple[Clock, ...]]:
    """The clocks of each ticket after the service has taken the mails in, each at its moment."""
    database, moment = Database(url), [NOON]
    told: list[Change] = []
    rooms = office()
    rooms = replace(rooms, head=replace(rooms.head, desk=replace(rooms.head.desk, policies={"plain": RULES})))

    async def read(raw: bytes) -> Reading:
        return parse(raw)

    spool = Spool(database, lambda: moment[0], lambda: None)
    intake = Intake(database, read, lambda: rooms, lambda: moment[0], told.append)
    for mail in mails:
        moment[0] = mail.at
        assert (await spool.accept(MailObject(Envelope(mail.sender, (mail.to,)), mail.raw))).accepted
        while (following := await intake.sweep()) is not None and following <= mail.at:
            pass
    found: list[tuple[Clock, ...]] = []
    async with database.read() as unit:
        while (one := await timeline(unit, "acme", len(found) + 1)) is not None:
            found.append(one.ticket.clocks)
    await database.close()
    return found


def past(mails: list[Sent], until: datetime) -> list[tuple[Clock, ...]]:
    """The clocks of each ticket by a replay of the same bytes."""
    read: list[PastMail] = []
    for number, mail in enumerate(mails):
        message = parse(mail.raw)
        assert isinstance(message, Message)
        told = past_mail(f"mail {number}", message, STAFF, until)
        assert isinstance(told, PastMail)
        read.append(told)
    found = replayed(threads(read, STAFF, ACME).threads, Scenario(RULES, Case("gold")), until)
    return [tuple(past.clock for past in one.clocks) for one in found.tickets]


def alike(clocks: tuple[Clock, ...], until: datetime) -> list[Clock]:
    """The clocks as they stand in the end; when a warning or a miss was noticed is the sweeps' affair."""
    ended = [lapsed(clock, until) for clock in clocks]
    return sorted(
        (replace(clock, warned=None, detected=None) for clock in ended),
        key=lambda clock: clock.name,
    )


@given(STEPS)
@settings(max_examples=30)
def test_a_replay_gives_the_clocks_that_the_service_had(sqlite_template: Path, steps: list[Step]) -> None:
    mails = list(history(steps))
    until = mails[-1].at + timedelta(minutes=45)
    with TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, f"{folder}/mailgate.db")
        service = asyncio.run(live(mails, f"sqlite:///{folder}/mailgate.db"))
    assert [alike(clocks, until) for clocks in past(mails, until)] == [alike(one, until) for one in service]
