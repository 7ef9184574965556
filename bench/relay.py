"""How many mails a second leave the outbox: into a maildir, and to an SMTP server on loopback.

python -m bench relay [MAILS]
"""

import argparse
import asyncio
import io
import tempfile
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, insert, select

from mailgate import logs, shipped, wallclock
from mailgate.core.outgoing import Care, MailKind, Outgoing
from mailgate.core.relay import Attempt, BeforeDot, Claim, Courier, Ending, OutboxState
from mailgate.core.route import SmarthostRoute
from mailgate.flows.relay import Relay
from mailgate.flows.settlement import Surroundings
from mailgate.maildir import Maildir
from mailgate.smarthost import Smarthost
from mailgate.store import migrate, tables
from mailgate.store.unit import Database, Unit

MAIL = Outgoing(
    kind=MailKind.ACKNOWLEDGEMENT,
    cause="",
    care=Care.AT_MOST_ONCE,
    reverse_path="",
    recipients=("bob@acme.example",),
    message_id="",
    subject="[ACME-1] Printer on fire",
    content=b"Subject: [ACME-1] Printer on fire\r\n\r\n" + b"We have it, and we are on our way.\r\n" * 200,
)


class Nowhere:
    """A courier that does nothing: what is left is the relay's own cost."""

    async def carry(self, _mail: Outgoing, before_dot: BeforeDot) -> Attempt:
        await before_dot()
        return Attempt(Ending.SENT, "250 ok")

    async def close(self) -> None:
        pass


class Sink(asyncio.Protocol):
    """An SMTP server that answers everything and keeps nothing."""

    def __init__(self) -> None:
        self._in_mail = False
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, received: bytes) -> None:
        self._rest += received
        end = b"\r\n.\r\n" if self._in_mail else b"\r\n"
        while end in self._rest:
            said, _, self._rest = self._rest.partition(end)
            self._in_mail = not self._in_mail and said == b"DATA"
            self._transport.write(b"354 go ahead\r\n" if self._in_mail else b"250 ok\r\n")
            end = b"\r\n.\r\n" if self._in_mail else b"\r\n"


async def measure(name: str, courier: Courier, mails: int) -> None:
    async with _filled(mails) as database:
        settled = Surroundings(_failed, lambda _event, _label: None, wallclock.now, wallclock.chance)
        relay = Relay(database, courier, settled)
        wall, cpu = time.perf_counter(), time.process_time()
        while (next_at := await relay.sweep()) and next_at <= wallclock.now():
            pass
        await relay.idle()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        async with database.read() as unit:
            sent = await unit.scalar(
                select(func.count())
                .select_from(tables.outbox)
                .where(tables.outbox.c.state == OutboxState.SENT)
            )
        await relay.stop(grace=1)
    assert sent == mails, f"{sent} of {mails} were sent"
    print(f"{name:12} {mails / wall:7.0f} mails/s   {cpu / mails * 1e6:6.0f} microseconds of CPU a mail")


@asynccontextmanager
async def _filled(mails: int) -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        await migrate.upgrade(database, shipped.folder("migrations"))
        async with database.write() as unit:
            await unit.execute(insert(tables.outbox), [_row(number) for number in range(mails)])
        yield database
        await database.close()


def _row(number: int) -> dict[str, object]:
    mail = replace(MAIL, cause=f"acknowledgement:{number}", message_id=f"{number}@support.example.com")
    now = wallclock.now()
    return {
        "account": "acme",
        "kind": mail.kind,
        "cause": mail.cause,
        "care": mail.care,
        "reverse_path": mail.reverse_path,
        "recipients": list(mail.recipients),
        "message_id": mail.message_id,
        "subject": mail.subject,
        "packed": zlib.compress(mail.content),
        "state": OutboxState.WAITING,
        "created": now,
        "next_at": now,
    }


async def _failed(_unit: Unit, _claim: Claim, _reply: str) -> None:
    raise AssertionError("no mail fails here")


async def main(mails: int) -> None:
    await measure("nowhere", Nowhere(), mails)
    with tempfile.TemporaryDirectory() as folder:
        await measure("maildir", Maildir(Path(folder), wallclock.now), mails)
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    route = SmarthostRoute("127.0.0.1", server.sockets[0].getsockname()[1])
    await measure("smarthost", Smarthost(route, "bench.example"), mails)
    server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mails", type=int, nargs="?", default=5000)
    logs.set_up(wallclock.now, io.StringIO(), as_json=True)
    asyncio.run(main(parser.parse_args().mails))
