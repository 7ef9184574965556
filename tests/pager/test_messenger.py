"""A page through Apprise: the real library, to a service on loopback."""

import json
import logging
import sys
from dataclasses import replace

import pytest
from starlette.responses import Response

from mailgate.core.notifier import Messenger
from mailgate.core.relay import Attempt, Ending
from mailgate.pager import Pager, why_unusable
from tests.pager.receiver import Receiver, receiving
from tests.pager.test_webhook import NOON, PAGE, yes

TOLD = replace(
    PAGE,
    via="sms",
    content=json.dumps({"summary": "ACME-1 P1 Acme: Fleet down", "text": "Nobody answers."}).encode(),
)


async def carried(url: str) -> Attempt:
    courier = Pager(lambda: {"sms": Messenger("sms", url)}, lambda: NOON)
    return await courier.carry(TOLD, yes)


async def test_a_page_arrives_with_its_summary_and_its_text() -> None:
    """behaviour.md 6.4: any notification service that the operator named."""
    async with receiving(Receiver()) as receiver:
        outcome = await carried(f"json://127.0.0.1:{receiver.port}/")

    assert outcome == Attempt(Ending.SENT, "taken by Apprise")
    (told,) = map(json.loads, receiver.bodies)
    assert (told["title"], told["message"]) == ("ACME-1 P1 Acme: Fleet down", "Nobody answers.")


async def test_what_apprise_does_not_take_is_tried_again_and_no_log_line_shows_its_url(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with receiving(Receiver(answers=[Response(status_code=500)])) as receiver:
        outcome = await carried(f"json://sam:hush@127.0.0.1:{receiver.port}/")

    assert outcome == Attempt(Ending.DEFERRED, "the service did not take it; Apprise does not say why")
    assert "hush" not in caplog.text


async def test_a_url_that_apprise_does_not_know_is_refused() -> None:
    assert await carried("nosuch://token@host") == Attempt(
        Ending.REFUSED, "Apprise cannot make anything of its URL"
    )
    assert why_unusable(Messenger("sms", "nosuch://token@host")) == "Apprise cannot make anything of its URL"
    assert why_unusable(Messenger("sms", "json://127.0.0.1")) == ""


def test_where_apprise_is_not_installed_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert why_unusable(Messenger("sms", "json://127.0.0.1")) == (
        "Apprise is not installed: pip install 'mailgate[apprise]'"
    )
