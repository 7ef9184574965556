"""listener/data: how a mail is read. The replies to what is refused are in the dialogues."""

import asyncio
import re
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailgate.core.listening import BareNewlines
from mailgate.core.reply import HEADER_TOO_BIG, ROUTING_LOOP, TEXT_LINE_TOO_LONG, Reply
from mailgate.listener.data import Reception, checked
from mailgate.listener.limits import Limits
from mailgate.listener.turnstile import Turnstile
from mailgate.listener.wire import HungUpError, Wire
from tests.work import grows_with_its_length

PIECES = st.lists(
    st.sampled_from([b"a", b".", b"\r", b"\n", b"\r\n", b"\r\n.", b"\r\n..\r\n", b"\0"]), max_size=12
)


async def read(pieces: list[bytes]) -> tuple[object, bytes, int]:
    """What an reception reads from these pieces, what is left to read then, and the bytes still in flight."""
    reader = asyncio.StreamReader()
    wire, turnstile = Wire(reader), Turnstile(1000)
    reception = Reception(wire, Limits(), turnstile)
    reading = asyncio.create_task(reception.read())
    for piece in pieces:
        reader.feed_data(piece)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    reader.feed_eof()
    content = await reading
    left = b""
    with suppress(HungUpError):
        while True:
            left += await wire.piece(1)
    reception.release()
    return content, left, turnstile.bytes_in_flight


@given(PIECES, st.integers(0, 40))
@example([b".\r\n"], 1)
@example([b"\r", b"\n.", b"\r\n"], 3)
def test_only_the_true_end_ends_a_mail_however_it_is_cut_into_pieces(pieces: list[bytes], cut: int) -> None:
    """behaviour.md 1.5"""
    sent = b"".join(pieces) + b"\r\n.\r\n" + b"MAIL FROM:<a@b>\r\n"
    end = (b"\r\n" + sent).index(b"\r\n.\r\n")
    expected = (b"\r\n" + sent)[2 : end + 2], (b"\r\n" + sent)[end + 5 :], 0
    assert asyncio.run(read([sent])) == expected
    assert asyncio.run(read([piece for piece in (sent[:cut], sent[cut:]) if piece])) == expected
    assert asyncio.run(read([bytes([octet]) for octet in sent])) == expected


@given(PIECES)
def test_what_is_kept_has_no_bare_newline(pieces: list[bytes]) -> None:
    """behaviour.md 1.5"""
    content = checked(b"".join(pieces), Limits(), BareNewlines.NORMALISE)
    assert isinstance(content, bytes)
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    if not re.search(rb"(?<!\r)\n|\r(?!\n)", b"".join(pieces)):
        assert content == re.sub(rb"(?m)(?:\A|(?<=\r\n))\.", b"", b"".join(pieces))


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"a: b\r\n" * 5000 + b"\r\n", None),
        (b"a: b\r\n" * 5001 + b"\r\n", HEADER_TOO_BIG),
        (b"a: b\r\n c\r\n" * 2501, HEADER_TOO_BIG),
        (b"no field\r\n" + b"a: b\r\n" * 5001, None),
        (b"\r\n" + b"a: b\r\n" * 5001, None),
        (b"a: " + b"x" * 60_000 + b"\r\n" + b"b: y\r\n" * 33_000, HEADER_TOO_BIG),
        (b"Received: x\r\n" * 100, None),
        (b"Received: x\r\n" * 101, ROUTING_LOOP),
        (b"a: b\r\nRECEIVED : x\r\n" + b"received: x\r\n" * 100, ROUTING_LOOP),
        (b"X-Received: x\r\n" * 101, None),
        (b"a: b\r\n\r\n" + b"x" * 65_536 + b"\r\n", None),
        (b"a: b\r\n\r\n" + b"x" * 65_537 + b"\r\n", TEXT_LINE_TOO_LONG),
        (b"a: b\r\n\r\n" + b"x" * 65_539, TEXT_LINE_TOO_LONG),
    ],
)
def test_what_the_header_and_the_lines_may_be(content: bytes, verdict: Reply | None) -> None:
    """behaviour.md 1.4"""
    assert checked(content, Limits(), BareNewlines.REFUSE) == (verdict or content)


@pytest.mark.parametrize(
    "bait", [b"\r", b"\n", b"\r\n", b"a:\r\n", b" \r\n", b".\r\n", b"\r\r\n", b"a ", b"a:", b"received:\r\n"]
)
def test_no_mail_costs_more_than_its_length(bait: bytes) -> None:
    assert grows_with_its_length(
        lambda times: checked(bait * times, Limits(), BareNewlines.NORMALISE), 50_000
    )
