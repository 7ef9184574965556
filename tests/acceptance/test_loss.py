"""Nothing lost: the server is killed in the middle of a flood, again and again, and every 250 is a ticket.

The long run is `python -m bench loss`; here are a few hundred mails.
"""

import asyncio
import signal
from collections import Counter
from pathlib import Path

from tests.acceptance.installation import Installation, serving, wait_for
from tests.flood import Flood, parcels, pour

MAILS = 300
KILLS = 5


async def flood_and_kill(desk: Installation) -> Flood:
    """Sends all mails while the server is killed and started again."""
    pouring = asyncio.create_task(pour(parcels(MAILS), desk.smtp, sessions=20))
    for _ in range(KILLS):
        await asyncio.sleep(0.3)
        await asyncio.to_thread(desk.stop, signal.SIGKILL)
        await asyncio.to_thread(desk.start)
    return await pouring


def column(desk: Installation, query: str) -> list[str]:
    return [row[0] for row in desk.rows(query)]


def test_every_mail_that_got_its_250_is_one_ticket_with_at_most_one_acknowledgement(tmp_path: Path) -> None:
    """behaviour.md 1.3, 5.3, 5.4"""
    with serving(Installation(tmp_path)) as desk:
        flood = asyncio.run(flood_and_kill(desk))
        assert len(flood.acknowledged) == MAILS
        # A mail that was being decided when the server died is leased for a while to nobody.
        undecided = "SELECT id FROM spool WHERE state != 'done'"
        wait_for(lambda: not column(desk, undecided), 120, desk.log)
        unsent = "SELECT id FROM outbox WHERE state IN ('waiting', 'sending')"
        wait_for(lambda: not column(desk, unsent), 120, desk.log)
        assert Counter(column(desk, "SELECT title FROM tickets")) == Counter(flood.acknowledged)
        answered = Counter(mail["To"] for mail in desk.mails() if mail["Auto-Submitted"] == "auto-replied")
        assert max(answered.values()) == 1
        uncertain = "SELECT id FROM outbox WHERE state = 'uncertain' AND kind = 'acknowledgement'"
        assert len(answered) + len(column(desk, uncertain)) >= MAILS
