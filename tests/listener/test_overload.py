"""A small `python -m bench overload`, which counts bytes; the program itself measures memory."""

import asyncio

from bench.overload import at_once, one_by_one
from mailgate.core.listening import COPIES, Place
from mailgate.core.message import MailObject
from mailgate.core.reply import QUEUED, Reply
from mailgate.listener.limits import Limits
from mailgate.listener.rules import Rules
from mailgate.listener.server import Listener

SESSIONS, SIZE, BUDGET = 30, 500_000, 4_000_000


async def test_many_large_mails_at_once_stay_within_the_budget_and_each_is_answered() -> None:
    """behaviour.md 1.4"""
    most = 0

    async def accept(letter: MailObject) -> Reply:
        nonlocal most
        most = max(most, listener.bytes_in_flight)
        assert len(letter.content) * COPIES <= BUDGET
        await asyncio.sleep(0.05)  # as long as a commit
        return QUEUED

    limits = Limits(message_bytes=1_000_000, bytes_in_flight=BUDGET)
    listener = Listener((Place("127.0.0.1", 0),), Rules("door", lambda _to, _by: QUEUED, accept, limits))
    await listener.start()
    port = listener.listening[0].port
    try:
        answers = await at_once(port, SESSIONS, SIZE)
        assert set(answers) <= {"250", "452"}
        assert answers["250"] >= 1
        assert answers.total() == SESSIONS
        assert 0 < most <= BUDGET
        assert listener.bytes_in_flight == 0
        assert await one_by_one(port, 5, SIZE) == {"250": 5}
    finally:
        await listener.stop(0)
