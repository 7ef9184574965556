"""Knows when a connection to a mail server is used again, and that no fault of one mail reaches the next."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from mailgate.core.relay import Attempt, Ending
from mailgate.core.route import SmarthostRoute, Tls
from mailgate.smarthost import Manners, Smarthost, Timeouts
from tests.outgoing import ACKNOWLEDGEMENT
from tests.sink import Answers, Chatters, Fault, Hangs, HangsUp, Sink, Stage, serving

IMPATIENT = Timeouts(connect=5, command=5, answer=5, goodbye=0.3)
SENT = Attempt(Ending.SENT, "250 2.0.0 queued as 1")


async def sure() -> bool:
    return True


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with serving(Sink()) as sink:
        yield sink


def server(sink: Sink, manners: Manners = Manners(IMPATIENT)) -> Smarthost:  # noqa: B008 - frozen
    return Smarthost(SmarthostRoute("127.0.0.1", sink.port, Tls.OFF), "support.example.com", manners)


async def connections(smarthost: Smarthost, sink: Sink, mails: int) -> list[int]:
    """By which connection each of these mails arrived, one after the other."""
    for _ in range(mails):
        assert (await smarthost.carry(ACKNOWLEDGEMENT, sure)).ending is Ending.SENT
    await smarthost.close()
    return [copy.connection for copy in sink.copies]


async def test_a_connection_takes_so_many_mails_and_is_left_with_a_goodbye(sink: Sink) -> None:
    smarthost = server(sink, Manners(IMPATIENT, mails=2))

    assert await connections(smarthost, sink, 5) == [1, 1, 2, 2, 3]
    assert sink.commands.count("QUIT") == 3


async def test_a_server_that_takes_its_leave_after_some_mails_is_met_anew(sink: Sink) -> None:
    """421 to MAIL on a connection that was used before is no attempt of the mail."""
    sink.most = 2

    assert await connections(server(sink), sink, 5) == [1, 1, 2, 2, 3]


async def test_a_connection_that_was_idle_for_long_is_not_used_again(sink: Sink) -> None:
    assert await connections(server(sink, Manners(IMPATIENT, idle=0.0)), sink, 2) == [1, 2]


@pytest.mark.parametrize("fault", [HangsUp(), HangsUp(reset=True), Answers(b"421 bye")])
async def test_a_server_that_leaves_at_the_goodbye_of_the_last_mail_is_met_anew(
    sink: Sink, fault: Fault
) -> None:
    smarthost = server(sink)
    await smarthost.carry(ACKNOWLEDGEMENT, sure)
    sink.inject(Stage.MAIL, fault)

    assert await connections(smarthost, sink, 1) in ([1, 2], [1, 1])
    assert len(sink.copies) == 2


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA])
async def test_an_answer_that_nobody_asked_for_is_taken_for_none_of_the_next(
    sink: Sink, stage: Stage
) -> None:
    """Or what the server says of a recipient would be taken for what it says of the one before."""
    sink.inject(stage, Chatters(b"250 and the next one, too"))
    smarthost = server(sink)

    outcome = await smarthost.carry(ACKNOWLEDGEMENT, sure)
    await smarthost.close()

    assert outcome == Attempt(Ending.DEFERRED, "250 and the next one, too")
    assert sink.copies == []


async def test_what_follows_the_answer_to_the_dot_closes_the_connection(sink: Sink) -> None:
    sink.inject(Stage.DOT, Chatters(b"250 more"))

    assert await connections(server(sink), sink, 2) == [1, 2]


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
async def test_a_mail_that_is_cancelled_takes_its_connection_along(sink: Sink, stage: Stage) -> None:
    sink.inject(stage, Hangs())
    smarthost = server(sink)
    sending = asyncio.create_task(smarthost.carry(ACKNOWLEDGEMENT, sure))
    async with asyncio.timeout(5):
        while len(sink.commands) < 2:  # noqa: ASYNC110 - there is nothing to be told by
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    sink.copies.clear()

    assert await connections(smarthost, sink, 1) == [2]


async def test_a_content_that_the_server_does_not_take_is_no_uncertainty() -> None:
    """The moment before the dot is committed when the content has left, not before."""
    held: list[asyncio.StreamWriter] = []

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers up to DATA, then reads no more."""
        held.append(writer)
        for reply in (b"220 hi", b"250 hi", b"250 ok", b"250 ok", b"354 go ahead"):
            writer.write(reply + b"\r\n")
            await reader.readline()
        writer.transport.pause_reading()  # type: ignore[attr-defined] # one of a socket can

    asked: list[bool] = []

    async def before_dot() -> bool:
        asked.append(True)
        return True

    listening = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1024)
    route = SmarthostRoute("127.0.0.1", listening.sockets[0].getsockname()[1], Tls.OFF)
    smarthost = Smarthost(route, "us.example", Manners(replace(IMPATIENT, command=0.5)))
    mail = replace(ACKNOWLEDGEMENT, content=b"x" * 70 + b"\r\n", recipients=ACKNOWLEDGEMENT.recipients)
    large = replace(mail, content=mail.content * 400_000)

    outcome = await smarthost.carry(large, before_dot)

    for writer in held:
        writer.close()
    listening.close()
    assert (outcome.ending, asked) == (Ending.DEFERRED, [])


async def test_a_server_that_answers_amid_the_content_is_heard(sink: Sink) -> None:
    """552 before the dot, say: nothing was sent, and the server's own words are kept."""
    sink.inject(Stage.DATA, Answers(b"354 go ahead\r\n552 too much"))
    smarthost = server(sink)

    assert await smarthost.carry(ACKNOWLEDGEMENT, sure) == Attempt(Ending.DEFERRED, "552 too much")
    await smarthost.close()


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN"])
async def test_a_password_goes_by_what_the_server_takes(sink: Sink, way: str) -> None:
    """RFC 4616 section 2; LOGIN has no standard."""
    sink.auth = f"CRAM-MD5 {way}"
    sink.credentials = {"PLAIN": "PLAIN AG1lAHNlY3JldA==", "LOGIN": "LOGIN bWU= c2VjcmV0"}[way]
    route = SmarthostRoute("127.0.0.1", sink.port, Tls.OFF, "me", "secret")
    smarthost = Smarthost(route, "us.example", Manners(IMPATIENT))

    assert await smarthost.carry(ACKNOWLEDGEMENT, sure) == SENT
    await smarthost.close()


async def test_a_server_that_takes_passwords_in_no_way_we_know_is_told_of(sink: Sink) -> None:
    sink.auth, sink.credentials = "CRAM-MD5", "x"
    route = SmarthostRoute("127.0.0.1", sink.port, Tls.OFF, "me", "secret")
    outcome = await Smarthost(route, "us.example", Manners(IMPATIENT)).carry(ACKNOWLEDGEMENT, sure)

    assert outcome == Attempt(
        Ending.UNREACHED, "the server takes no password by PLAIN or LOGIN, but by CRAM-MD5"
    )
