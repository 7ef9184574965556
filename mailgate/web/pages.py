"""Knows the pages: `/healthz` (alive), `/readyz` (fit for work, or why not) and `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from mailgate.store.faults import StoreError
from mailgate.store.levels import Levels
from mailgate.web.metrics import TYPE, Metrics

Check = Callable[[], Awaitable[str]]
"""What is wrong with one part, in words; empty where nothing is."""

PATIENCE = 5.0  # seconds; who asks gives up after ten
_log = structlog.get_logger()


def pages(
    checks: Mapping[str, Check],
    metrics: Metrics,
    levels: Callable[[], Awaitable[Levels]],
    now: Callable[[], datetime],
) -> Starlette:
    """The web application.

    Args:
        checks: by the name of the part that each looks at.
        levels: how much waits; asked at each scrape.
    """

    async def health(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readiness(_request: Request) -> Response:
        found = await asyncio.gather(*(_outcome(name, check) for name, check in checks.items()))
        wrong = {name: reason for name, reason in zip(checks, found, strict=True) if reason}
        return JSONResponse({"ready": not wrong, "wrong": wrong}, status_code=503 if wrong else 200)

    async def numbers(_request: Request) -> Response:
        return Response(metrics.page(await _levels(levels), now()), media_type=TYPE)

    return Starlette(
        routes=[Route("/healthz", health), Route("/readyz", readiness), Route("/metrics", numbers)]
    )


async def _levels(levels: Callable[[], Awaitable[Levels]]) -> Levels | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await levels()
    except (StoreError, TimeoutError) as fault:
        _log.warning("The database was asked for numbers in vain.", what="levels_failed", reason=str(fault))
        return None


async def _outcome(name: str, check: Check) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return f"no answer within {PATIENCE:.0f} seconds"
    except StoreError as fault:
        return str(fault)
    except Exception:  # noqa: BLE001 - the one broad except of this door: a check that fails is an answer
        _log.exception("A check of readiness failed.", what="check_failed", part=name)
        return "the check failed; see the log"
