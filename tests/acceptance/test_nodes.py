"""Several nodes on one PostgreSQL server: any split of roles; killed, stopped, cut off and upgraded."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.store import migrate
from mailgate.store.unit import Database
from tests.acceptance.installation import wait_for
from tests.acceptance.nodes import SOON, Service, answer_to, in_a_thread, letter, service
from tests.line import Condition, line_to
from tests.sink import Sink
from tests.sink import serving as sinking
from tests.store.test_migrate import newer_migrations

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
TICKETS = "SELECT count(*) FROM tickets"
ACKNOWLEDGED = "SELECT count(*) FROM outbox WHERE kind = 'acknowledgement' AND state = 'sent'"


@pytest.fixture
def desk(tmp_path: Path, postgresql_url: str) -> Iterator[Service]:
    with service(tmp_path, postgresql_url) as desk:
        yield desk


@pytest.mark.parametrize(
    "split",
    [
        ("listener", "timers", "relay", "web"),
        ("listener,web", "listener,timers", "timers,relay"),
        ("listener,timers,relay,web", "listener,timers,relay"),
    ],
    ids="; ".join,
)
def test_any_split_of_roles_is_the_whole_service(desk: Service, split: tuple[str, ...]) -> None:
    nodes = [desk.node(roles) for roles in split]
    desk.started(*nodes)
    doors = [node for node, roles in zip(nodes, split, strict=True) if "listener" in roles]
    for number in range(6):
        assert answer_to(doors[number % len(doors)], letter(number)) == 250
    desk.until(ACKNOWLEDGED, 6)
    assert desk.value(TICKETS) == 6
    assert sorted(subject.rpartition("] ")[2] for subject in desk.sent()) == [f"Matter {n}" for n in range(6)]
    assert [node.stop() for node in nodes] == [0] * len(nodes)


async def test_a_mail_that_two_nodes_are_given_at_once_is_one_ticket(desk: Service) -> None:
    """behaviour.md 2.1, 5.3"""
    nodes = [desk.node(), desk.node()]
    desk.started(*nodes)
    for number in range(5):
        answers = await asyncio.gather(*(in_a_thread(node, letter(number)) for node in nodes * 2))
        assert answers == [250] * 4
    desk.until("SELECT count(*) FROM spool WHERE state = 'waiting'", 0)
    desk.until(ACKNOWLEDGED, 5)
    assert desk.value(TICKETS) == 5
    assert desk.value("SELECT count(*) FROM decisions WHERE outcome = 'duplicate'") == 15
    assert len(desk.sent()) == 5


def test_what_a_killed_node_was_deciding_is_decided_by_another(desk: Service) -> None:
    door, killed = desk.node("listener,relay"), desk.node("timers", failpoint="after_claim:kill:1")
    desk.started(door, killed)
    for number in range(3):
        assert answer_to(door, letter(number)) == 250
    assert killed.process is not None
    assert killed.process.wait(SOON) == -signal.SIGKILL
    desk.started(desk.node("timers"))
    desk.until(ACKNOWLEDGED, 3)
    assert desk.value(TICKETS) == 3


def test_a_node_that_was_stopped_past_its_lease_decides_nothing(desk: Service) -> None:
    door, stopped = desk.node("listener,relay"), desk.node("timers", failpoint="after_claim:stop:1")
    desk.started(door, stopped)
    assert answer_to(door, letter(1)) == 250
    wait_for(stopped.is_stopped, SOON, desk.logs)
    desk.started(desk.node("timers"))
    desk.until(ACKNOWLEDGED, 1)

    stopped.signal(signal.SIGCONT)
    wait_for(lambda: stopped.told("claim_lost") + stopped.told("intake_conflict") > 0, SOON, desk.logs)
    assert answer_to(door, letter(2)) == 250
    desk.until(ACKNOWLEDGED, 2)
    assert (desk.value(TICKETS), len(desk.sent())) == (2, 2)


async def test_a_node_that_was_stopped_before_its_dot_does_not_send_it(desk: Service) -> None:
    """behaviour.md 5.4"""
    async with sinking(Sink()) as sink:
        smarthost = f"smtp://127.0.0.1:{sink.port}"
        rest = desk.node("listener,timers")
        stopped = desk.node("relay", relay=smarthost, failpoint="after_354:stop:1")
        await asyncio.to_thread(desk.started, rest, stopped)
        assert await in_a_thread(rest, letter(1)) == 250
        await asyncio.to_thread(wait_for, stopped.is_stopped, SOON, desk.logs)
        await asyncio.to_thread(desk.started, desk.node("relay", relay=smarthost))
        gone = "SELECT count(*) FROM outbox WHERE state <> 'sent'"
        await asyncio.to_thread(desk.until, gone, 0)  # its lease ends after 30 seconds
        copies = len(sink.copies)

        stopped.signal(signal.SIGCONT)
        await asyncio.to_thread(wait_for, lambda: stopped.told("claim_lost") > 0, SOON, desk.logs)
        assert desk.value("SELECT max(attempts) FROM outbox") == 2
        assert copies == len(sink.copies) == desk.value("SELECT count(*) FROM outbox")


@pytest.mark.parametrize("broken", [Condition.SILENT, Condition.CUT])
def test_a_node_that_is_cut_off_says_451_and_recovers(desk: Service, broken: Condition) -> None:
    """behaviour.md 1.3"""
    with line_to(desk.database) as (line, url):
        whole, cut_off = desk.node(), desk.node(database=url)
        desk.started(whole, cut_off)
        assert answer_to(cut_off, letter(0)) == 250

        line.becomes(broken)
        assert answer_to(cut_off, letter(1)) == 451
        assert answer_to(whole, letter(1)) == 250
        assert answer_to(whole, letter(2)) == 250
        desk.until(TICKETS, 3)
        line.becomes(Condition.WHOLE)  # for who connects anew: connections that were silent stay so
        wait_for(lambda: answer_to(cut_off, letter(1)) == 250, SOON, desk.logs)
        assert answer_to(cut_off, letter(3)) == 250
        desk.until(ACKNOWLEDGED, 4)
        assert desk.value(TICKETS) == 4
        wait_for(lambda: cut_off.told("listening") > 1, SOON, desk.logs)


def test_nodes_go_on_while_the_schema_is_upgraded_and_start_again_on_it(
    desk: Service, tmp_path: Path
) -> None:
    nodes = [desk.node(), desk.node()]
    desk.started(*nodes)
    assert answer_to(nodes[0], letter(0)) == 250

    async def upgraded() -> migrate.Standing:
        database = Database(desk.database)
        standing = await migrate.upgrade(database, newer_migrations(tmp_path, "adds_only = True"))
        await database.close()
        return standing

    assert asyncio.run(upgraded()).after == "9998"
    assert [answer_to(node, letter(1 + number)) for number, node in enumerate(nodes)] == [250, 250]
    assert nodes[0].stop() == 0
    assert answer_to(nodes[1], letter(3)) == 250
    nodes[0].start()
    assert answer_to(nodes[0], letter(4)) == 250
    desk.until(ACKNOWLEDGED, 5)
    assert [node.told("schema_newer") for node in nodes] == [1, 0]
