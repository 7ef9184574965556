"""Knows what comes of a mail at each stage and fault of its server: each cell of the table in relay.md."""

import re
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailgate.core.outgoing import Care, MailKind
from mailgate.core.relay import Claim, OutboxState
from mailgate.core.route import SmarthostRoute, Tls
from mailgate.flows.relay import Relay
from mailgate.flows.settlement import Surroundings
from mailgate.smarthost import Manners, Smarthost, Smarthosts, Timeouts
from mailgate.store import mailq
from mailgate.store.posting import post
from mailgate.store.unit import Database, Unit
from tests.outgoing import ACKNOWLEDGEMENT
from tests.sink import Answers, Drips, Fault, Hangs, HangsUp, Sink, Stage, serving

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CERTIFICATE = Path(__file__).parents[1] / "dialogs" / "door.pem"
PAGE = Path(__file__).parents[2] / "docs" / "relay.md"
LONG = b"250-" + b"x" * 76 + b"\r\n"
FAULTS: dict[str, Fault] = {
    "RST": HangsUp(kept=True, reset=True),
    "FIN": HangsUp(kept=True),
    "hang": Hangs(),
    "421": Answers(b"421 4.3.2 going down"),
    "450": Answers(b"450 4.2.0 later"),
    "550": Answers(b"550 5.7.1 no"),
    "drip": Drips(0.1),
    "no CRLF": Hangs(b"250 2.0.0 ok"),
    "10 MB": Answers(LONG * (10_000_000 // len(LONG)) + b"250 ok"),
}
OPENING = {Stage.BANNER, Stage.EHLO, Stage.STARTTLS, Stage.AUTH}
REPLY = replace(
    ACKNOWLEDGEMENT,
    kind=MailKind.RELAYED_REPLY,
    cause="reply:1",
    care=Care.AT_LEAST_ONCE,
    message_id="2@x",
    content=b"Subject: Re: [ACME-1] Help\r\n\r\nTurn it off and on.\r\n",
)


def table() -> list[tuple[Stage, str, str]]:
    """Each cell of the page: stage, fault, what comes of it."""
    head, _, *rows = re.findall(r"^\|(.*)\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    faults = [one.strip() for one in head.split("|")][1:]
    cells = []
    for row in rows:
        stage, *ends = (one.strip() for one in row.split("|"))
        cells += [(Stage(stage), fault, end) for fault, end in zip(faults, ends, strict=True)]
    return cells


class Post:
    """A relay that sends to the sink, secured and with a password, and is impatient at one stage only."""

    def __init__(self, database: Database, sink: Sink, stage: Stage) -> None:
        short, long = 0.5, 20.0
        patience = Timeouts(
            connect=short if stage in OPENING else long,
            command=short if stage in {Stage.MAIL, Stage.RCPT, Stage.DATA} else long,
            answer=short if stage is Stage.DOT else long,
            goodbye=short,
        )
        trust = ssl.create_default_context(cafile=CERTIFICATE)
        route = SmarthostRoute("localhost", sink.port, Tls.REQUIRED, "me", "secret")
        server = Smarthost(
            route,
            "support.example.com",
            Manners(patience, connections=1),
            trust,
            lambda: self.now,
            lambda: 0.0,
        )
        self.database = database
        self.now = NOON
        settled = Surroundings(self._failed, lambda _event, _label: None, lambda: self.now, lambda: 0.0)
        self.relay = Relay(database, Smarthosts([server]), settled)
        self.told: list[tuple[str, ...]] = []

    async def sends(self, now: datetime) -> mailq.Queued:
        """Sends what is due; how it stands with the first mail then."""
        self.now = now
        while (next_at := await self.relay.sweep()) and next_at <= now:
            pass
        await self.relay.idle()
        async with self.database.read() as unit:
            found = await mailq.entry(unit, 1)
        assert found
        return found

    async def _failed(self, _unit: Unit, claim: Claim, _reply: str) -> None:
        self.told.append(claim.mail.recipients)


def secured() -> Sink:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return Sink(tls=context, credentials="PLAIN AG1lAHNlY3JldA==")


# What the words of the page mean for an automatic mail: state, attempts counted, copies that arrived.
FIRST = {
    "sent": (OutboxState.SENT, 1, 1),
    "refused": (OutboxState.FAILED, 1, 0),
    "deferred": (OutboxState.WAITING, 1, 0),
    "unreached": (OutboxState.WAITING, 0, 0),
    "uncertain": (OutboxState.UNCERTAIN, 1, 1),  # the sink keeps the mail; it might as well not have
}
# The same after the server has recovered and the rest is over.
THEN = {
    "sent": (OutboxState.SENT, 1, 1),
    "refused": (OutboxState.FAILED, 1, 0),
    "deferred": (OutboxState.SENT, 2, 1),
    "unreached": (OutboxState.SENT, 1, 1),
    "uncertain": (OutboxState.UNCERTAIN, 1, 1),
}


@pytest.mark.parametrize(("stage", "fault", "end"), table())
async def test_what_comes_of_a_mail_is_what_the_page_says(
    stage: Stage, fault: str, end: str, sqlite_database: Database
) -> None:
    """behaviour.md 5.4"""
    word, _, kept = end.partition(", ")
    async with sqlite_database.write() as unit:
        await post(unit, NOON, [(None, ACKNOWLEDGEMENT)])
    async with serving(secured()) as sink:
        desk = Post(sqlite_database, sink, stage)
        sink.inject(stage, FAULTS[fault])
        first = await desk.sends(NOON)
        if stage is Stage.QUIT:
            await desk.relay.stop(grace=5)
        assert (first.state, first.attempts, len(sink.copies)) == FIRST[word]
        assert desk.told == ([ACKNOWLEDGEMENT.recipients] if word == "refused" else [])

        async with sqlite_database.write() as unit:
            await post(unit, NOON, [(None, REPLY)])
        then = await desk.sends(NOON + timedelta(minutes=1))
        await desk.relay.stop(grace=5)

    own = [copy for copy in sink.copies if copy.content == ACKNOWLEDGEMENT.content]
    assert (then.state, then.attempts, len(own)) == THEN[word]
    assert sink.connections == (1 if kept else 2)


@pytest.mark.parametrize("fault", [one for stage, one, end in table() if end == "uncertain"])
async def test_what_a_person_wrote_goes_again_where_nobody_knows(
    fault: str, sqlite_database: Database
) -> None:
    """behaviour.md 5.4: at least once, with the same Message-ID."""
    async with sqlite_database.write() as unit:
        await post(unit, NOON, [(None, REPLY)])
    async with serving(secured()) as sink:
        desk = Post(sqlite_database, sink, Stage.DOT)
        sink.inject(Stage.DOT, FAULTS[fault])
        first = await desk.sends(NOON)
        then = await desk.sends(NOON + timedelta(minutes=1))
        await desk.relay.stop(grace=5)

    assert (first.state, first.attempts) == (OutboxState.WAITING, 1)
    assert (then.state, then.attempts) == (OutboxState.SENT, 2)
    assert [copy.content for copy in sink.copies] == [REPLY.content] * 2
