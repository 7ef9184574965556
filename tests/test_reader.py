import asyncio
import gc
from collections.abc import AsyncIterator

import pytest

from mailgate.core.message import Message, Reading, Unreadable
from mailgate.mail.parse import parse
from mailgate.reader import Bounds, Reader, ReaderClosedError

SMALL = b"From: bob@acme.example\r\nSubject: small\r\n\r\nhello\r\n"
LARGE = b"From: bob@acme.example\r\nSubject: large\r\n\r\n" + b"hello\r\n" * 20_000


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    reader = Reader()
    yield reader
    await reader.close()


async def test_a_large_mail_reads_like_a_small_one(reader: Reader) -> None:
    assert await reader.read(SMALL) == parse(SMALL)
    assert await reader.read(LARGE) == parse(LARGE)
    assert await reader.read(LARGE) == parse(LARGE)


async def test_a_mail_over_its_time_is_unreadable_and_does_not_delay_the_next() -> None:
    """behaviour.md 2: reading is bounded in time and memory, and one bad mail never delays the next"""
    reader = Reader(Bounds(wall=0.001))
    assert await reader.read(LARGE) == Unreadable("its reading took more than 0.001 seconds")
    assert isinstance(await reader.read(SMALL), Message)
    await reader.close()


async def test_a_mail_over_its_memory_is_unreadable() -> None:
    """behaviour.md 2: reading is bounded in time and memory"""
    reader = Reader(Bounds(memory=64 * 1024 * 1024))
    huge = LARGE + b"x" * 60_000_000
    assert await reader.read(huge) == Unreadable("its reading went beyond its limits of time or memory")
    await reader.close()


async def test_a_child_that_ends_amid_a_mail_leaves_nothing_to_be_logged_later() -> None:
    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, said: heard.append(said))
    reader = Reader(Bounds(wall=0.001))
    assert isinstance(await reader.read(LARGE * 50), Unreadable)
    await reader.close()
    gc.collect()
    assert heard == []


async def test_a_cancelled_reading_leaves_no_child(reader: Reader) -> None:
    reading = asyncio.create_task(reader.read(LARGE * 50))
    await asyncio.sleep(0.05)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not reader._lent
    assert not reader._idle
    assert await reader.read(LARGE) == parse(LARGE)


async def test_a_bug_of_ours_makes_a_mail_unreadable_not_retried() -> None:
    """behaviour.md 2: a hostile mail still gives a quarantined mail that the operator sees"""

    def broken(raw: bytes) -> Reading:
        raise KeyError(raw)

    reader = Reader(at_once=broken)
    assert await reader.read(SMALL) == Unreadable("a bug of ours, KeyError")


async def test_closing_ends_every_child_and_says_so_to_who_waits() -> None:
    reader = Reader()
    assert await reader.read(LARGE) == parse(LARGE)
    (child,) = reader._idle
    waiting = asyncio.create_task(reader.read(LARGE * 100))
    await asyncio.sleep(0.05)
    await reader.close()
    with pytest.raises(ReaderClosedError):
        await waiting
    with pytest.raises(ReaderClosedError):
        await reader.read(LARGE)
    assert child.returncode is not None


async def test_mails_are_read_side_by_side(reader: Reader) -> None:
    assert await asyncio.gather(*(reader.read(LARGE) for _ in range(6))) == [parse(LARGE)] * 6
    assert len(reader._idle) == 1
