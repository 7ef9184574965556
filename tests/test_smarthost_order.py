"""Knows in which order several mail servers are tried, and when one is left alone."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from mailgate.core.breaker import FAILURES
from mailgate.core.relay import OPEN_WAY, Attempt, Ending, Outage, WayOut
from mailgate.core.route import SmarthostRoute, Tls
from mailgate.smarthost import Manners, Smarthost, Smarthosts, Timeouts
from tests.outgoing import ACKNOWLEDGEMENT
from tests.sink import Answers, Fault, HangsUp, Sink, Stage, serving

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MANNERS = Manners(Timeouts(connect=5, command=5, answer=5, goodbye=0.3))


async def sure() -> bool:
    return True


@pytest.fixture
async def sinks() -> AsyncIterator[tuple[Sink, Sink]]:
    async with serving(Sink()) as first, serving(Sink()) as second:
        yield first, second


@contextmanager
def nobody() -> Iterator[int]:
    """A port of loopback on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def servers(*ports: int) -> Smarthosts:
    return Smarthosts([server(port) for port in ports])


def server(port: int) -> Smarthost:
    route = SmarthostRoute("127.0.0.1", port, Tls.OFF)
    return Smarthost(route, "us.example", MANNERS, None, lambda: NOON, lambda: 0.0)


async def carried(courier: Smarthosts | Smarthost, times: int = 1) -> Attempt:
    """What came of the last of these mails."""
    outcomes = [await courier.carry(ACKNOWLEDGEMENT, sure) for _ in range(times)]
    return outcomes[-1]


async def test_the_first_server_gets_everything_while_it_can(sinks: tuple[Sink, Sink]) -> None:
    first, second = sinks
    courier = servers(first.port, second.port)
    await carried(courier, 3)
    await courier.close()

    assert (len(first.copies), second.connections) == (3, 0)


@pytest.mark.parametrize(
    ("stage", "fault"),
    [
        (Stage.BANNER, HangsUp()),
        (Stage.BANNER, Answers(b"554 no service")),
        (Stage.EHLO, Answers(b"421 busy")),
        (Stage.MAIL, Answers(b"421 busy")),
    ],
)
async def test_the_next_gets_what_the_first_never_heard_of(
    sinks: tuple[Sink, Sink], stage: Stage, fault: Fault
) -> None:
    first, second = sinks
    first.inject(stage, fault)
    courier = servers(first.port, second.port)

    outcome = await carried(courier)
    await courier.close()

    assert outcome.ending is Ending.SENT
    assert (len(first.copies), len(second.copies)) == (0, 1)


async def test_the_next_gets_what_comes_while_nobody_is_at_the_first(sinks: tuple[Sink, Sink]) -> None:
    with nobody() as port:
        courier = servers(port, sinks[1].port)
        outcome = await carried(courier, 2 * FAILURES)
        way = courier.way_out()
        await courier.close()

    assert outcome.ending is Ending.SENT
    assert (len(way.outages), way.is_open) == (1, True)


@pytest.mark.parametrize(
    ("stage", "fault", "ending"),
    [
        (Stage.MAIL, Answers(b"550 no"), Ending.REFUSED),
        (Stage.MAIL, Answers(b"450 later"), Ending.DEFERRED),
        (Stage.RCPT, Answers(b"550 who?"), Ending.REFUSED),
        (Stage.DATA, HangsUp(), Ending.DEFERRED),
        (Stage.DOT, HangsUp(kept=True), Ending.UNCERTAIN),
        (Stage.DOT, HangsUp(kept=False), Ending.UNCERTAIN),
        (Stage.DOT, Answers(b"554 spam"), Ending.REFUSED),
    ],
)
async def test_no_other_server_is_asked_once_one_has_answered_for_the_mail(
    sinks: tuple[Sink, Sink], stage: Stage, fault: Fault, ending: Ending
) -> None:
    """behaviour.md 5.4: never a second server after an uncertain dot, nor after a 5xx."""
    first, second = sinks
    first.inject(stage, fault)
    courier = servers(first.port, second.port)

    outcome = await carried(courier)
    await courier.close()

    assert outcome.ending is ending
    assert second.connections == 0


async def test_where_nobody_is_anywhere_the_mail_is_nobodys(sinks: tuple[Sink, Sink]) -> None:
    with nobody() as port:
        courier = servers(port, port)
        outcome = await carried(courier, FAILURES)
        way = courier.way_out()
        await courier.close()

    refused = f"127.0.0.1 port {port}: Connection refused"
    outage = Outage(f"smtp://127.0.0.1:{port}", NOON, NOON + timedelta(seconds=5), refused)
    assert outcome == Attempt(Ending.UNREACHED, refused)
    assert way == WayOut((outage, outage), is_open=False)


async def test_a_server_that_is_left_alone_is_not_asked(sinks: tuple[Sink, Sink]) -> None:
    sink = sinks[0]
    sink.inject(Stage.BANNER, Answers(b"421 busy"), FAILURES)
    smarthost = server(sink.port)

    outcome = await carried(smarthost, 3 * FAILURES)
    await smarthost.close()

    assert outcome == Attempt(Ending.UNREACHED, "421 busy")
    assert sink.connections == FAILURES


async def test_a_server_that_is_back_is_found_by_a_probe_and_takes_mail(sinks: tuple[Sink, Sink]) -> None:
    """The probe asks for no mail; its connection takes the next one."""
    sink, now = sinks[0], NOON
    sink.inject(Stage.BANNER, Answers(b"421 busy"), FAILURES + 1)

    def clock() -> datetime:
        """Jumps by a minute each time somebody asks, so that every probe is due."""
        nonlocal now
        now += timedelta(minutes=1)
        return now

    route = SmarthostRoute("127.0.0.1", sink.port, Tls.OFF)
    smarthost = Smarthost(route, "us.example", MANNERS, None, clock, lambda: 0.0)
    courier = Smarthosts([smarthost])
    await carried(courier, FAILURES)
    closed = courier.way_out()
    async with asyncio.timeout(5):
        while not courier.way_out().is_open:  # noqa: ASYNC110 - there is nothing to be told by
            await asyncio.sleep(0.01)
    outcome = await carried(courier)
    await courier.close()

    assert not closed.is_open
    assert outcome.ending is Ending.SENT
    assert courier.way_out() == OPEN_WAY
    assert [copy.connection for copy in sink.copies] == [FAILURES + 2]


async def test_a_server_that_greets_and_then_leaves_each_time_is_left_alone(sinks: tuple[Sink, Sink]) -> None:
    """421 to RCPT counts for each mail that met it, and after a few there are no more of these."""
    sink = sinks[0]
    sink.inject(Stage.RCPT, Answers(b"421 busy"), 100)
    courier = servers(sink.port)

    endings = [(await carried(courier)).ending for _ in range(20)]
    await courier.close()

    assert sink.copies == []
    assert endings.count(Ending.DEFERRED) < 20


async def test_one_mail_that_gets_no_answer_does_not_close_the_way_for_others(
    sinks: tuple[Sink, Sink],
) -> None:
    sink = sinks[0]
    courier = servers(sink.port)
    for _ in range(2 * FAILURES):
        sink.inject(Stage.DOT, HangsUp())
        await carried(courier)
    way = courier.way_out()
    await courier.close()

    assert way == OPEN_WAY
