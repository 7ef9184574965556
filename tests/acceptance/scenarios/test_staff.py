"""What staff do by mail, and what they do not bring about by mistake."""

from pathlib import Path

import pytest

from mailgate.core.ticket import Status
from tests.acceptance.installation import ACCOUNT, Installation
from tests.acceptance.stage import BOB, SAM, Stage, playing, text, to


@pytest.mark.parametrize(
    "lines",
    [
        "/ack\n/priority P9",
        "/priority P9\n/ack",
        "/resolve\n/merge ACME-7",
        "/wait\n/resolve",
        "/ack\n/frobnicate",
    ],
)
async def test_of_several_commands_all_hold_or_none(stage: Stage, lines: str) -> None:
    """Scenario 8 of the classic peers; behaviour.md 4.4: nothing changes, also where they keep the answer"""
    notice = to(await stage.writes(BOB, "[P2] A question", "How?"), "sam@example.com")
    before = await stage.ticket(1)
    (told,) = await stage.answers("2026-11-20T18:00:00Z", notice, f"{lines}\nLike this.")
    assert told["To"] == "sam@example.com"
    assert "Like this." in text(told)
    after = await stage.ticket(1)
    assert (after.status, after.priority, after.clocks) == (Status.NEW, "P2", before.clocks)


async def test_staff_who_ask_are_customers_of_that_ticket(tmp_path: Path) -> None:
    """Scenario 18 of the classic peers; behaviour.md 4.3: by their own signed address alone they are staff"""
    account = f'{ACCOUNT}contacts = ["sam@example.com"]\n'
    async with playing(Installation(tmp_path, account=account)) as stage:
        mails = await stage.writes(SAM, "[P3] A question of mine", "How?")
        (acknowledgement,) = [mail for mail in mails if mail["Auto-Submitted"] == "auto-replied"]
        assert acknowledgement["To"] == "sam@example.com"
        assert (await stage.clocks(1))[0].startswith("response running")
        await stage.answers("2026-11-20T18:00:00Z", acknowledgement, "Anybody?")
        assert await stage.happened(1) == ["ticket_opened", "customer_replied"]
        assert (await stage.clocks(1))[0].startswith("response running")
