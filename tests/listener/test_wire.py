"""listener/wire: what a client has sent and nobody has read yet."""

import asyncio

import pytest

from mailgate.listener.wire import EndlessLineError, HungUpError, Wire


def wire_with(octets: bytes, *, more: bool = False) -> Wire:
    """A wire on which these octets have come, and nothing more will unless `more`."""
    reader = asyncio.StreamReader()
    reader.feed_data(octets)
    if not more:
        reader.feed_eof()
    return Wire(reader)


async def test_lines_come_one_by_one_with_their_ends() -> None:
    wire = wire_with(b"EHLO c\r\nNOOP\n\r\nQUIT\r\n")
    assert [await wire.line(512, 1.0) for _ in range(4)] == [b"EHLO c\r\n", b"NOOP\n", b"\r\n", b"QUIT\r\n"]


async def test_a_last_line_without_an_end_is_none() -> None:
    with pytest.raises(HungUpError):
        await wire_with(b"QUIT").line(512, 1.0)


async def test_a_line_that_does_not_come_is_waited_for_so_long() -> None:
    with pytest.raises(TimeoutError):
        await wire_with(b"QUI", more=True).line(512, 0.01)


async def test_a_line_is_waited_for_up_to_twice_its_length() -> None:
    assert await wire_with(b"x" * 1020 + b"\r\n").line(512, 1.0) == b"x" * 1020 + b"\r\n"
    with pytest.raises(EndlessLineError):
        await wire_with(b"x" * 1025, more=True).line(512, 1.0)


async def test_what_was_read_too_far_comes_again() -> None:
    wire = wire_with(b"words\r\n.\r\nQUIT\r\n")
    assert await wire.piece(1.0) == b"words\r\n.\r\nQUIT\r\n"
    wire.put_back(b"QUIT\r\n")
    assert await wire.line(512, 1.0) == b"QUIT\r\n"
    with pytest.raises(HungUpError):
        await wire.piece(1.0)


async def test_what_was_sent_ahead_can_be_forgotten() -> None:
    wire = wire_with(b"STARTTLS\r\nMAIL FROM:<evil@b>\r\n", more=True)
    assert await wire.line(512, 1.0) == b"STARTTLS\r\n"
    wire.discard()
    with pytest.raises(TimeoutError):
        await wire.line(512, 0.01)


async def test_commands_sent_ahead_leave_the_others_their_turn() -> None:
    """Input that is there already is read without waiting; a thousand commands must not hold the loop."""
    wire, turns = wire_with(b"NOOP\r\n" * 1000), 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    for _ in range(1000):
        assert await wire.line(512, 1.0) == b"NOOP\r\n"
    task.cancel()
    assert turns >= 1000 // 32
