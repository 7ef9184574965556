"""Knows what machines that watch this one are told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailgate.core.listening import CannotListenError, Place
from mailgate.core.relay import OutboxState
from mailgate.store.faults import StoreUnavailableError
from mailgate.store.levels import Levels
from mailgate.web import Check, Metrics, Web, pages

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LEVELS = Levels(
    spooled=3,
    oldest_spooled=datetime(2026, 11, 20, 11, 59, tzinfo=UTC),
    outgoing={
        OutboxState.WAITING: 4,
        OutboxState.SENDING: 0,
        OutboxState.UNCERTAIN: 1,
        OutboxState.FAILED: 2,
    },
    oldest_outgoing=None,
    away=1,
    held=5,
    overdue=6,
)


async def known() -> Levels:
    return LEVELS


async def unknown() -> Levels:
    raise StoreUnavailableError("no database")


async def well() -> str:
    return ""


async def unwell() -> str:
    return "not bound"


async def broken() -> str:
    raise RuntimeError("secret")


@asynccontextmanager
async def serving(
    levels: Callable[[], Awaitable[Levels]] = known, metrics: Metrics | None = None, **checks: Check
) -> AsyncIterator[Web]:
    web = Web(Place("127.0.0.1", 0), pages(checks, metrics or Metrics(), levels, lambda: NOON))
    await web.start()
    try:
        yield web
    finally:
        await web.stop()


async def get(web: Web, path: str, method: str = "GET") -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", web.listening.port)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    return int(head.split()[1]), body


async def test_alive_is_alive_whatever_else_is_wrong() -> None:
    async with serving(unknown, database=unwell) as web:
        assert await get(web, "/healthz") == (200, "ok\n")


async def test_ready_when_every_part_is_well() -> None:
    async with serving(database=well, listener=well) as web:
        code, body = await get(web, "/readyz")

    assert (code, json.loads(body)) == (200, {"ready": True, "wrong": {}})


async def test_not_ready_says_which_part_and_why() -> None:
    async def store_fault() -> str:
        raise StoreUnavailableError("database is locked")

    async with serving(database=store_fault, listener=unwell, backlog=broken, web=well) as web:
        code, body = await get(web, "/readyz")

    assert code == 503
    assert json.loads(body) == {
        "ready": False,
        "wrong": {
            "database": "database is locked",
            "listener": "not bound",
            "backlog": "the check failed; see the log",
        },
    }


async def test_the_numbers() -> None:
    metrics = Metrics()
    metrics.count("accepted", "smtp")
    metrics.count("decided", "new_ticket")
    metrics.count("decided", "new_ticket")
    metrics.count("sent", "deferred")

    async with serving(metrics=metrics) as web:
        code, body = await get(web, "/metrics")

    lines = {line for line in body.splitlines() if line.startswith("mailgate_") and "_created" not in line}
    (tasks,) = [line for line in lines if line.startswith("mailgate_tasks ")]
    assert float(tasks.split()[1]) > 0
    lines.remove(tasks)
    assert code == 200
    assert lines == {
        'mailgate_accepted_total{door="smtp"} 1.0',
        'mailgate_decisions_total{outcome="new_ticket"} 2.0',
        'mailgate_attempts_total{ending="deferred"} 1.0',
        "mailgate_spool_waiting 3.0",
        "mailgate_spool_oldest_seconds 60.0",
        'mailgate_outbox{state="waiting"} 4.0',
        'mailgate_outbox{state="sending"} 0.0',
        'mailgate_outbox{state="uncertain"} 1.0',
        'mailgate_outbox{state="failed"} 2.0',
        "mailgate_outbox_oldest_seconds 0.0",
        "mailgate_smarthosts_away 1.0",
        "mailgate_held 5.0",
        "mailgate_clocks_overdue 6.0",
        "mailgate_database_up 1.0",
    }


async def test_without_a_database_the_counters_are_still_told() -> None:
    metrics = Metrics()
    metrics.page(replace(LEVELS, spooled=7), NOON)
    metrics.count("sent", "sent")

    async with serving(unknown, metrics) as web:
        code, body = await get(web, "/metrics")

    assert code == 200
    assert "mailgate_database_up 0.0" in body
    assert "mailgate_spool_waiting 7.0" in body
    assert 'mailgate_attempts_total{ending="sent"} 1.0' in body


@pytest.mark.parametrize(
    ("path", "method", "code"), [("/", "GET", 404), ("/metrics", "POST", 405), ("/readyz", "DELETE", 405)]
)
async def test_nothing_else_is_served(path: str, method: str, code: int) -> None:
    async with serving() as web:
        assert (await get(web, path, method))[0] == code


async def test_a_port_in_use_is_told_in_one_line() -> None:
    async with serving() as first:
        second = Web(first.listening, pages({}, Metrics(), known, lambda: NOON))
        with pytest.raises(
            CannotListenError, match=rf"^cannot listen on 127\.0\.0\.1:{first.listening.port}: [^\n]*in use"
        ):
            await second.start()
        await second.stop()


async def test_a_host_that_is_not_ours_is_told_in_one_line() -> None:
    web = Web(Place("192.0.2.1", 0), pages({}, Metrics(), known, lambda: NOON))
    with pytest.raises(CannotListenError, match=r"^cannot listen on 192\.0\.2\.1:0: [^\n]+$"):
        await web.start()
