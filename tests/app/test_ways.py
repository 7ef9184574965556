"""Pages on both ways at once: by SMTP and to a notification service, retried, given up, and then shown."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from starlette.responses import Response

from mailgate.app.ways import Ways
from mailgate.core.digest import Schedule
from mailgate.core.ladder import Ladder, LadderStep, Paging
from mailgate.core.notifier import Notifier, Webhook
from mailgate.core.relay import Claim, OutboxState
from mailgate.core.route import SmarthostRoute, Tls
from mailgate.flows import digest
from mailgate.flows.relay import Relay
from mailgate.flows.settlement import Surroundings
from mailgate.flows.undelivered import tell_undelivered
from mailgate.pager import Pager
from mailgate.smarthost import Smarthost
from mailgate.store import mailq
from mailgate.store.tables import journal, outbox
from mailgate.store.unit import Database, Unit
from tests.core.desks import POLICY
from tests.core.test_escalation import DESK, NIGHT
from tests.flows.test_escalation import Nightdesk
from tests.pager.receiver import Receiver, receiving
from tests.sink import Sink, serving

BOTH = replace(
    POLICY,
    ladders={"both": Ladder("both", (LadderStep(None, ("on-call", "bus")),))},
    paging=Paging({"P1": "both"}),
)
BOTH_DESK = replace(DESK, policies={"plain": BOTH})


class Office(Nightdesk):
    """A desk whose mail goes to a server and whose pages go to a service, both on loopback."""

    def __init__(self, database: Database, sink: Sink, receiver: Receiver) -> None:
        super().__init__(database, BOTH_DESK)
        hook: dict[str, Notifier] = {"bus": Webhook("bus", receiver.url, b"s" * 32, 2)}
        mail = Smarthost(SmarthostRoute("127.0.0.1", sink.port, Tls.OFF), "support.example.com")
        ways = Ways(mail, Pager(lambda: hook, lambda: self.now))
        settled = Surroundings(self._failed, lambda _event, _label: None, lambda: self.now, lambda: 0.0)
        self.relay = Relay(database, ways, settled)

    async def sends(self, now: datetime) -> datetime | None:
        """Sends all that is due; when the next attempt is."""
        self.now = now
        while (following := await self.relay.sweep()) is not None and following <= now:
            pass
        await self.relay.idle()
        async with self.database.read() as unit:
            waiting: datetime | None = await unit.scalar(
                select(outbox.c.next_at).where(outbox.c.via == "bus")
            )
        return waiting

    async def _failed(self, unit: Unit, claim: Claim, reply: str) -> None:
        await tell_undelivered(unit, claim, reply, self.office, self.now)


@asynccontextmanager
async def paging(database: Database, *answers: Response) -> AsyncIterator[tuple[Office, Sink, Receiver]]:
    async with serving(Sink()) as sink, receiving(Receiver(answers=[*answers])) as receiver:
        desk = Office(database, sink, receiver)
        try:
            await desk.opens()
            yield desk, sink, receiver
        finally:
            await desk.relay.stop(1)


def down(times: int) -> list[Response]:
    return [Response("down", 503) for _ in range(times)]


async def test_a_page_goes_by_mail_and_to_the_service_at_once(database: Database) -> None:
    """behaviour.md 6.4: by mail and to any notification service that the operator named."""
    async with paging(database) as (desk, sink, receiver):
        assert await desk.sends(NIGHT) is None

    pages = [copy for copy in sink.copies if b"Subject: PAGE [ACME-1] P1 Acme Corp" in copy.content]
    assert [copy.recipients for copy in pages] == [("sam@example.com",)]
    (told,) = map(json.loads, receiver.bodies)
    assert (told["ticket"], told["paged"]) == ("ACME-1", ["Sam Rivera", "bus"])


async def test_a_page_that_fails_is_tried_again_soon_and_with_the_same_id(database: Database) -> None:
    """behaviour.md 6.4: seconds between the first attempts, for somebody is to be woken."""
    async with paging(database, *down(2)) as (desk, _, receiver):
        assert await desk.sends(NIGHT) == NIGHT + timedelta(seconds=5)
        assert await desk.sends(NIGHT + timedelta(seconds=5)) == NIGHT + timedelta(seconds=20)
        assert await desk.sends(NIGHT + timedelta(seconds=20)) is None

    assert len({one["webhook-id"] for one in receiver.headers}) == 1
    assert len({one["webhook-timestamp"] for one in receiver.headers}) == 3
    assert len(receiver.bodies) == 3


async def test_a_service_that_asks_for_a_rest_is_given_it(database: Database) -> None:
    asks = Response(status_code=429, headers={"Retry-After": "60"})
    async with paging(database, asks) as (desk, _, _receiver):
        assert await desk.sends(NIGHT) == NIGHT + timedelta(seconds=60)


async def test_a_page_that_is_given_up_is_shown_everywhere(database: Database) -> None:
    """behaviour.md 6.4, 7.1: in the outbox, on the ticket, in the digest, and as a mail to the operators."""
    async with paging(database, *down(99)) as (desk, sink, receiver):
        last = NIGHT
        while (following := await desk.sends(last)) is not None:
            last = following
        attempts = len(receiver.bodies)
        await desk.sends(last)
        async with database.read() as unit:
            (entry,) = [one for one in await mailq.entries(unit) if one.kind == "page"]
        told = await digest.view(
            database, BOTH_DESK, Schedule(time(0), "UTC"), date(2026, 11, 21), last + timedelta(hours=1)
        )
        kinds = await desk.rows(select(journal.c.kind).order_by(journal.c.id))

    assert last == NIGHT + timedelta(hours=2)
    assert attempts == 19
    assert (entry.state, entry.recipients, entry.reply) == (OutboxState.FAILED, ("bus",), "HTTP 503 down")
    assert [(row.who, row.reason) for row in told.undeliverable] == [("bus", "failed: HTTP 503 down")]
    assert kinds[-1] == ("delivery_failed",)
    (notice,) = [copy for copy in sink.copies if copy.recipients == ("ops@example.com",)]
    assert b"A page reached nobody (Acme Corp): ACME-1 P1" in notice.content
    assert b"To: bus" in notice.content


async def test_a_page_that_is_refused_is_told_at_once_and_may_be_tried_again_by_hand(
    database: Database,
) -> None:
    """behaviour.md 6.4: never lost."""
    async with paging(database, Response("no such key", 401)) as (desk, sink, receiver):
        assert await desk.sends(NIGHT) is None
        await desk.sends(NIGHT)
        assert [copy.recipients for copy in sink.copies][-1] == ("ops@example.com",)
        async with database.write() as unit:
            (failed,) = [one for one in await mailq.entries(unit) if one.state is OutboxState.FAILED]
            assert await mailq.retry(unit, failed.id, NIGHT)
        await desk.sends(NIGHT + timedelta(hours=9))

    assert len(receiver.bodies) == 2
