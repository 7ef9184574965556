"""listener/server and listener/session: sockets, reload, faults of ours, hang-ups, the end of the service."""

import asyncio
import os
import re
import smtplib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from mailgate.core.listening import CannotListenError, Place, SocketFile
from mailgate.core.message import Envelope, MailObject
from mailgate.core.reply import NO_ROOM, NO_SUCH_USER, QUEUED, Reply, queued
from mailgate.flows.spool import Spool
from mailgate.listener.limits import Limits
from mailgate.listener.rules import Rules
from mailgate.listener.server import Listener
from mailgate.store.tables import spool
from mailgate.store.unit import Database

ANYWHERE = Place("127.0.0.1", 0)
ANNOUNCED = b"EHLO c\r\nMAIL FROM:<bob@acme.example>\r\nRCPT TO:<acme@support.example.com>\r\nDATA\r\n"
MAIL = b"Subject: secret\r\n\r\nwords\r\n.\r\n"
Accept = Callable[[MailObject], Awaitable[Reply]]


async def take(_letter: MailObject) -> Reply:
    return queued(1)


def rules(accept: Accept = take, limits: Limits | None = None) -> Rules:
    return Rules("mail.example", lambda _recipient, _sender: QUEUED, accept, limits or Limits(error_delay=0))


@dataclass
class Client:
    """A client's streams."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def says(self, octets: bytes, last: str = "") -> str:
        """Sends; the first answer that begins with `last`."""
        self.writer.write(octets)
        async with asyncio.timeout(5):
            while True:
                heard = (await self.reader.readline()).decode()
                if heard.startswith(last):
                    return heard.rstrip("\r\n")
                assert heard, f"no {last!r} came"

    async def hears(self) -> str:
        """All that comes until the server closes."""
        async with asyncio.timeout(5):
            return (await self.reader.read()).decode()


@asynccontextmanager
async def listening(rules: Rules) -> AsyncIterator[Listener]:
    listener = Listener((ANYWHERE,), rules)
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop(0)


@asynccontextmanager
async def client_of(listener: Listener) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.listening[0].port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


async def test_a_port_in_use_is_told_in_one_line() -> None:
    async with listening(rules()) as first:
        port = first.listening[0].port
        second = Listener((ANYWHERE, Place("127.0.0.1", port)), rules())
        with pytest.raises(CannotListenError, match=rf"^cannot listen on 127\.0\.0\.1:{port}: [^\n]*in use"):
            await second.start()
        assert second.listening == ()


async def test_a_host_that_is_not_ours_is_told_in_one_line() -> None:
    with pytest.raises(CannotListenError, match=r"^cannot listen on 192\.0\.2\.1:0: [^\n]+$"):
        await Listener((Place("192.0.2.1", 0),), rules()).start()


async def test_it_listens_on_every_address() -> None:
    listener = Listener((ANYWHERE, ANYWHERE), rules())
    await listener.start()
    ports = [one.port for one in listener.listening]
    assert len(set(ports)) == 2
    for port in ports:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.readline() == b"220 mail.example ESMTP mailgate\r\n"
        writer.close()
    await listener.stop(0)


async def test_a_mail_by_smtplib_is_in_the_database_when_it_is_accepted(database: Database) -> None:
    """behaviour.md 1.3"""
    keeper = Spool(database, lambda: datetime(2026, 11, 20, 12, tzinfo=UTC), lambda: None)

    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example") as smtp:
            smtp.sendmail("bob@acme.example", ["acme@support.example.com"], "Subject: hello\n\n.world\n")

    async with listening(rules(keeper.accept)) as listener:
        await asyncio.to_thread(send, listener.listening[0].port)
    async with database.read() as unit:
        row = (await unit.execute(select(spool))).one()
    assert Envelope(row.reverse_path, tuple(row.recipients), row.peer, row.greeting) == Envelope(
        "bob@acme.example", ("acme@support.example.com",), "127.0.0.1", "client.example"
    )
    await keeper.close()


async def test_a_client_that_drops_the_connection_during_the_commit_has_sent_a_mail(
    sqlite_database: Database,
) -> None:
    """behaviour.md 1.3"""
    keeper = Spool(sqlite_database, lambda: datetime(2026, 11, 20, 12, tzinfo=UTC), lambda: None)
    async with listening(rules(keeper.accept)) as listener:
        async with sqlite_database.write() as unit:  # nobody else can commit
            await unit.execute(select(1))
            async with client_of(listener) as client:
                await client.says(ANNOUNCED, "354")
                client.writer.write(MAIL)
                await asyncio.sleep(0.05)
                client.writer.transport.abort()
            await asyncio.sleep(0.05)
        await keeper.close()
    async with sqlite_database.read() as unit:
        assert len((await unit.execute(select(spool.c.id))).all()) == 1


async def test_a_reload_meets_the_next_command_of_every_session() -> None:
    """behaviour.md 7.3"""
    async with listening(rules()) as listener, client_of(listener) as client:
        await client.says(b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<acme@support.example.com>\r\n", "250 2.1.5")
        listener.rules = replace(listener.rules, doorman=lambda _recipient, _sender: NO_SUCH_USER)
        assert await client.says(b"RCPT TO:<globex@support.example.com>\r\n") == str(NO_SUCH_USER)


async def test_a_bug_of_ours_is_451_and_says_nothing_of_itself() -> None:
    """behaviour.md 1.3"""

    async def broken(_letter: MailObject) -> Reply:
        raise RuntimeError("SELECT secret FROM\nnowhere")

    async with listening(rules(broken)) as listener, client_of(listener) as client:
        await client.says(ANNOUNCED, "354")
        with capture_logs() as lines:
            answer = await client.says(MAIL)
        assert answer == "451 4.3.0 temporary failure on our side, please try again later"
        assert [(line["log_level"], line["what"]) for line in lines] == [("error", "command_failed")]
        assert (await client.says(b"MAIL FROM:<a@b>\r\n")).startswith(
            "250 "
        )  # the envelope of before is gone


async def test_a_bug_in_the_doorman_is_451() -> None:
    """behaviour.md 1.3"""

    def broken(_recipient: str, _sender: str) -> Reply:
        raise KeyError("secret")

    async with listening(replace(rules(), doorman=broken)) as listener, client_of(listener) as client:
        answer = await client.says(
            b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<acme@support.example.com>\r\n", "451"
        )
        assert answer == "451 4.3.0 temporary failure on our side, please try again later"
        assert (await client.says(b"MAIL FROM:<a@b>\r\n")).startswith("250 ")


async def test_a_mail_that_cannot_be_stored_now_is_refused_for_now_and_the_session_goes_on() -> None:
    """behaviour.md 1.3"""
    answers = iter([NO_ROOM, queued(7)])

    async def accept(_letter: MailObject) -> Reply:
        return next(answers)

    async with listening(rules(accept)) as listener, client_of(listener) as client:
        await client.says(ANNOUNCED, "354")
        assert await client.says(MAIL) == str(NO_ROOM)
        await client.says(ANNOUNCED, "354")
        assert await client.says(MAIL) == "250 2.0.0 accepted as 7"


async def test_the_log_has_a_line_for_each_decision_and_nothing_of_the_mail() -> None:
    async with listening(rules()) as listener, client_of(listener) as client:
        with capture_logs() as lines:
            await client.says(ANNOUNCED, "354")
            await client.says(MAIL)
            listener.rules = replace(listener.rules, doorman=lambda _recipient, _sender: NO_SUCH_USER)
            await client.says(b"MAIL FROM:<a@b>\r\nRCPT TO:<x@y>\r\n", "550")
    assert lines == [
        {
            "event": "A mail was accepted.",
            "what": "accepted",
            "log_level": "info",
            "peer": "127.0.0.1",
            "reverse_path": "bob@acme.example",
            "recipients": 1,
            "size": 26,
            "reason": "accepted as 1",
        },
        {
            "event": "A recipient was refused.",
            "what": "refused",
            "log_level": "info",
            "peer": "127.0.0.1",
            "reply": 550,
            "reason": "no such user here",
            "reverse_path": "a@b",
            "recipient": "x@y",
        },
    ]


async def test_a_client_with_many_errors_waits_for_its_answers() -> None:
    """behaviour.md 1.4"""
    slow = rules(limits=Limits(soft_errors=2, error_delay=0.5))
    loop = asyncio.get_running_loop()
    async with listening(slow) as listener, client_of(listener) as client:
        moments = [loop.time()]
        for _ in range(4):
            await client.says(b"NONSENSE\r\n", "500")
            moments.append(loop.time())
    waits = [later - earlier for earlier, later in pairwise(moments)]
    assert [wait >= 0.5 for wait in waits] == [False, False, True, True]


async def test_more_sessions_than_allowed_are_turned_away_with_421() -> None:
    """behaviour.md 1.4"""
    async with listening(rules(limits=Limits(sessions=1))) as listener, client_of(listener) as first:
        await first.says(b"", "220")
        async with client_of(listener) as second:
            assert await second.hears() == "421 4.3.2 too busy, please try again later\r\n"
        await first.says(b"QUIT\r\n", "221")
        await first.hears()
        async with client_of(listener) as third:
            await third.says(b"", "220")


async def test_a_client_with_too_many_sessions_is_turned_away_with_421() -> None:
    """behaviour.md 1.4"""
    one = replace(rules(limits=Limits(sessions_per_client=1)), exempt=())
    async with listening(one) as listener, client_of(listener) as first:
        await first.says(b"", "220")
        async with client_of(listener) as second:
            assert await second.hears() == "421 4.7.0 too many connections from you\r\n"


async def test_hundreds_of_idle_sessions_keep_nobody_waiting() -> None:
    async with listening(rules(limits=Limits(sessions=300))) as listener:
        port = listener.listening[0].port
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(299)]
        async with client_of(listener) as client:
            await client.says(ANNOUNCED, "354")
            assert (await client.says(MAIL)).startswith("250 ")
        for _, writer in idle:
            writer.close()


async def test_work_on_safe_mail_gives_way_to_clients_that_talk_for_a_share_of_the_time() -> None:
    loop = asyncio.get_running_loop()

    async def waited(listener: Listener, worked: float) -> float:
        began = loop.time()
        await listener.give_way(worked)
        return loop.time() - began

    async with listening(rules()) as listener, client_of(listener) as client:
        turnstile = listener._door.turnstile
        assert await waited(listener, 60.0) < 1.0  # nobody has said a word
        began = loop.time()
        await client.says(b"NOOP\r\n", "250")
        assert began <= turnstile.last_heard <= loop.time()
        assert await waited(listener, 60.0) < 1.0  # a word, then silence
        turnstile.last_heard = loop.time() + 3600  # as if they talked for an hour
        assert await waited(listener, 0.0) < 0.1  # nothing was worked
        assert 0.4 <= await waited(listener, 0.1) < 1.4
        assert 2.0 <= await waited(listener, 60.0) < 3.0


async def test_the_service_ends_with_421_for_idle_clients() -> None:
    """behaviour.md 1.4"""
    async with listening(rules()) as listener, client_of(listener) as client:
        await client.says(b"EHLO c\r\n", "250 HELP")
        await listener.stop(5)
        assert await client.hears() == "421 4.3.2 shutting down, please try again later\r\n"
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port=client.writer.get_extra_info("peername")[1])
        assert listener.sessions == 0


async def test_a_mail_that_is_under_way_is_still_taken_when_the_service_ends() -> None:
    async with listening(rules()) as listener, client_of(listener) as client:
        await client.says(ANNOUNCED, "354")
        stopping = asyncio.create_task(listener.stop(5))
        await asyncio.sleep(0.05)
        assert not stopping.done()
        client.writer.write(MAIL)
        async with asyncio.timeout(1):
            assert await client.hears() == (
                "250 2.0.0 accepted as 1\r\n421 4.3.2 shutting down, please try again later\r\n"
            )
            await stopping


async def test_a_mail_that_does_not_come_to_its_end_does_not_hold_up_the_end_of_the_service() -> None:
    async with listening(rules()) as listener, client_of(listener) as client:
        await client.says(ANNOUNCED, "354")
        async with asyncio.timeout(2):
            await listener.stop(0.1)
        assert await client.hears() == "421 4.3.2 shutting down, please try again later\r\n"


async def test_a_socket_file_is_lent_to_processes_that_share_it(tmp_path: Path) -> None:
    """behaviour.md 1.6"""
    file = SocketFile(str(tmp_path / "lmtp.sock"))
    owner = Listener((ANYWHERE,), rules(), lmtp=(file,))
    await owner.start()
    assert owner.listening_lmtp == (file,)
    lent = owner.lend()
    assert [*owner.listening, *owner.listening_lmtp] == []
    assert [*lent] == [file.path]
    borrower = Listener((), rules(), lmtp=(file,), lent={file.path: os.dup(lent[file.path])})
    await borrower.start()
    reader, writer = await asyncio.open_unix_connection(file.path)
    assert await reader.readline() == b"220 mail.example LMTP mailgate\r\n"
    writer.close()
    await borrower.stop(0)
    assert os.path.exists(file.path)  # noqa: PTH110, ASYNC240 - in memory
    await owner.stop(0)
    assert os.listdir(tmp_path) == []  # noqa: PTH208


async def test_a_bug_while_a_mail_comes_in_ends_the_session_for_its_rest_is_no_commands() -> None:
    """behaviour.md 1.3"""
    broken = Limits(error_delay=0, data_rate_grace="never")  # type: ignore[arg-type]
    async with listening(rules(limits=broken)) as listener, client_of(listener) as client:
        await client.says(ANNOUNCED, "354")
        client.writer.write(b"words\r\nMAIL FROM:<ceo@b>\r\n.\r\n")
        assert await client.hears() == "421 4.3.0 temporary failure on our side, please try again later\r\n"


async def test_reasons_of_an_address_are_told_also_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("kept")
    taken = SocketFile(str(tmp_path / "letters"))
    with pytest.raises(
        CannotListenError, match=f"^cannot listen on {taken}: a file that is no socket stands there$"
    ):
        await Listener((), rules(), lmtp=(taken,)).start()


STATES = {
    "connected": (b"", b""),
    "greeted": (b"EHLO c\r\n", b"250 HELP"),
    "half a command": (b"EHLO c\r\nMAIL FR", b"250 HELP"),
    "a mail is announced": (b"EHLO c\r\nMAIL FROM:<a@b>\r\n", b"250 2.1.0"),
    "it has a recipient": (ANNOUNCED.removesuffix(b"DATA\r\n"), b"250 2.1.5"),
    "it is being sent": (ANNOUNCED + b"Subject: x\r\n", b"354"),
    "it is being stored": (ANNOUNCED + MAIL, b"354"),
    "it is being stored, and QUIT behind it": (ANNOUNCED + MAIL + b"QUIT\r\n", b"354"),
    "it is being stored, and he has closed his side": (ANNOUNCED + MAIL, b"354"),
    "in errors": (b"NONSENSE\r\n" * 3, b"500"),
}


async def test_the_service_ends_with_fifty_sessions_in_every_state_and_nothing_acknowledged_is_lost() -> None:
    """behaviour.md 1.3, 1.4"""
    stored: list[str] = []

    async def slow(letter: MailObject) -> Reply:
        await asyncio.sleep(0.5)
        stored.append(letter.envelope.greeting)
        return queued(len(stored))

    async with listening(rules(slow)) as listener:
        states = [state for state in STATES for _ in range(5)]
        clients = [await one_in(state, listener) for state in states]
        stopping = asyncio.create_task(listener.stop(5))
        await asyncio.sleep(0.05)
        for state, client in zip(states, clients, strict=True):
            if state == "it is being sent":
                client.writer.write(b".\r\n")
        async with asyncio.timeout(4):
            await stopping
        heard = [await client.hears() for client in clients]
        for client in clients:
            client.writer.close()
    down = "421 4.3.2 shutting down, please try again later\r\n"
    ends = dict.fromkeys(STATES, down)
    for state in STATES:
        if state.startswith("it is being"):
            ends[state] = f"250 2.0.0 accepted as N\r\n{down}"
    assert [re.sub(r"as \d+", "as N", one) for one in heard] == [ends[state] for state in states]
    assert len(stored) == "".join(heard).count("250 2.0.0 accepted") == 20
    assert listener.sessions == 0


async def one_in(state: str, listener: Listener) -> Client:
    octets, last = STATES[state]
    client = Client(*await asyncio.open_connection("127.0.0.1", listener.listening[0].port))
    await client.says(b"", "220")
    if octets:
        await client.says(octets, last.decode())
    if state == "in errors":
        for _ in range(2):
            await client.reader.readline()
    if "closed his side" in state:
        client.writer.write_eof()
    return client
