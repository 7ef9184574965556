"""A page as signed JSON: what the service can check, and what follows from each of its answers."""

import asyncio
import base64
import hashlib
import hmac
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.responses import RedirectResponse, Response

from mailgate.core.notifier import Notifier, Webhook
from mailgate.core.outgoing import Care, MailKind, Outgoing
from mailgate.core.relay import Attempt, Ending
from mailgate.pager import Pager
from tests.house.code import ROOT
from tests.pager.receiver import Receiver, receiving

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = b"s" * 32
PAGE = Outgoing(
    kind=MailKind.PAGE,
    cause="page:1:opened:0:via:hook",
    care=Care.AT_LEAST_ONCE,
    reverse_path="",
    recipients=("hook",),
    message_id="abcdef@support.example.com",
    subject="ACME-1 P1 Acme: Fleet down",
    content='{"type": "page", "title": "Flotte aus: ☎"}'.encode(),
    account="acme",
    via="hook",
)


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


def pager(receiver: Receiver, timeout: float = 5.0) -> Pager:
    notifiers: dict[str, Notifier] = {"hook": Webhook("hook", receiver.url, SECRET, timeout)}
    return Pager(lambda: notifiers, lambda: NOON)


async def test_a_page_is_signed_so_that_its_receiver_can_check_it() -> None:
    """behaviour.md 6.4: the check is the one that docs/operations.md shows."""
    async with receiving(Receiver()) as receiver:
        courier = pager(receiver)
        outcome = await courier.carry(PAGE, yes)
        await courier.close()

    (body,), (header,) = receiver.bodies, receiver.headers
    content = f"{header['webhook-id']}.{header['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(SECRET, content, hashlib.sha256).digest()).decode()
    assert outcome == Attempt(Ending.SENT, "HTTP 204")
    assert body == PAGE.content
    assert header["webhook-signature"] == f"v1,{right}"
    assert (header["webhook-id"], header["idempotency-key"]) == ("abcdef", "abcdef")
    assert header["webhook-timestamp"] == "1795176000"
    assert header["content-type"] == "application/json"


async def test_the_check_that_the_page_for_operators_shows_is_right() -> None:
    """behaviour.md 6.4"""
    shown = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.DOTALL
    )
    names: dict[str, Any] = {}
    exec(next(block for block in shown if "is_from_mailgate" in block), names)  # noqa: S102 - our own page
    is_from_mailgate = names["is_from_mailgate"]
    async with receiving(Receiver()) as receiver:
        courier = pager(receiver)
        await courier.carry(PAGE, yes)
        await courier.close()
    (body,), (header,) = receiver.bodies, receiver.headers

    assert is_from_mailgate(SECRET, header, body, patience=10**10)
    assert not is_from_mailgate(SECRET, header, body + b" ", patience=10**10)
    assert not is_from_mailgate(b"t" * 32, header, body, patience=10**10)
    assert not is_from_mailgate(SECRET, header, body, patience=-1)


async def test_an_attempt_after_another_has_the_same_id() -> None:
    async with receiving(Receiver(answers=[Response(status_code=503)])) as receiver:
        courier = pager(receiver)
        outcomes = [await courier.carry(PAGE, yes), await courier.carry(PAGE, yes)]
        await courier.close()

    assert [one.ending for one in outcomes] == [Ending.DEFERRED, Ending.SENT]
    assert [one["webhook-id"] for one in receiver.headers] == ["abcdef", "abcdef"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Response("taken", 202), Attempt(Ending.SENT, "HTTP 202 taken")),
        (Response(status_code=408), Attempt(Ending.DEFERRED, "HTTP 408")),
        (Response(status_code=425), Attempt(Ending.DEFERRED, "HTTP 425")),
        (
            Response(status_code=429, headers={"Retry-After": "90"}),
            Attempt(Ending.DEFERRED, "HTTP 429", rest=timedelta(seconds=90)),
        ),
        (
            Response(status_code=503, headers={"Retry-After": "Fri, 20 Nov 2026 12:05:00 GMT"}),
            Attempt(Ending.DEFERRED, "HTTP 503", rest=timedelta(minutes=5)),
        ),
        (
            Response(status_code=503, headers={"Retry-After": "86400"}),
            Attempt(Ending.DEFERRED, "HTTP 503", rest=timedelta(hours=1)),
        ),
        (
            Response(status_code=503, headers={"Retry-After": "soon"}),
            Attempt(Ending.DEFERRED, "HTTP 503"),
        ),
        (
            Response("a\nbug\x1b[1m" + "x" * 999, 500),
            Attempt(Ending.DEFERRED, "HTTP 500 a bug?[1m" + "x" * 191),
        ),
        (Response("no such key", 400), Attempt(Ending.REFUSED, "HTTP 400 no such key")),
        (Response(status_code=410), Attempt(Ending.REFUSED, "HTTP 410")),
        (
            RedirectResponse("https://elsewhere.example/"),
            Attempt(Ending.REFUSED, "HTTP 307: it points to another place, which is not followed"),
        ),
    ],
)
async def test_the_answer_decides_whether_it_is_tried_again(answer: Response, outcome: Attempt) -> None:
    """behaviour.md 6.4"""
    async with receiving(Receiver(answers=[answer])) as receiver:
        courier = pager(receiver)
        assert await courier.carry(PAGE, yes) == outcome
        await courier.close()
    assert len(receiver.bodies) == 1


async def test_who_does_not_answer_in_time_is_tried_again() -> None:
    async with receiving(Receiver(gate=asyncio.Event())) as receiver:
        courier = pager(receiver, timeout=0.2)
        assert await courier.carry(PAGE, yes) == Attempt(Ending.DEFERRED, "no answer within 0.2 seconds")
        await courier.close()


async def test_where_nobody_listens_it_is_tried_again() -> None:
    async with receiving(Receiver()) as receiver:
        gone = receiver.url
    courier = Pager(lambda: {"hook": Webhook("hook", gone, SECRET)}, lambda: NOON)
    outcome = await courier.carry(PAGE, yes)
    await courier.close()

    assert outcome.ending is Ending.DEFERRED
    assert gone not in outcome.reply


async def test_without_its_claim_nothing_is_sent() -> None:
    async with receiving(Receiver()) as receiver:
        outcome = await pager(receiver).carry(PAGE, no)
    assert (outcome.ending, receiver.bodies) == (Ending.DEFERRED, [])


async def test_a_service_that_is_no_more_is_said_at_once() -> None:
    outcome = await Pager(dict, lambda: NOON).carry(replace(PAGE, via="old"), yes)
    assert outcome == Attempt(Ending.REFUSED, "there is no [notify.old] in mailgate.toml any more")


async def test_a_url_that_cannot_be_used_is_refused_and_not_shown() -> None:
    hook = Webhook("hook", "gopher://example.com/", SECRET)
    outcome = await Pager(lambda: {"hook": hook}, lambda: NOON).carry(PAGE, yes)
    assert outcome == Attempt(Ending.REFUSED, "its URL cannot be used")


async def test_whatever_breaks_in_a_library_is_an_outcome_and_shows_no_url() -> None:
    hook = Webhook("hook", "http://127.0.0.1:99999/token", SECRET)
    courier = Pager(lambda: {"hook": hook}, lambda: NOON)
    outcome = await courier.carry(PAGE, yes)
    await courier.close()

    assert outcome == Attempt(Ending.DEFERRED, "a fault on the way: ExceptionGroup")


async def test_no_log_line_shows_a_url(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with receiving(Receiver()) as receiver:
        hook = Webhook("hook", f"{receiver.url}?token=hush", SECRET)
        courier = Pager(lambda: {"hook": hook}, lambda: NOON)
        assert (await courier.carry(PAGE, yes)).ending is Ending.SENT
        await courier.close()

    assert "hush" not in caplog.text


async def test_a_service_whose_certificate_nobody_vouches_for_is_told_nothing() -> None:
    async with receiving(Receiver(certificate=ROOT / "tests" / "dialogs" / "door.pem")) as receiver:
        hook = Webhook("hook", receiver.url.replace("http:", "https:"), SECRET)
        courier = Pager(lambda: {"hook": hook}, lambda: NOON)
        outcome = await courier.carry(PAGE, yes)
        await courier.close()

    assert (outcome.ending, receiver.bodies) == (Ending.DEFERRED, [])
    assert "certificate" in outcome.reply.lower()
