"""Knows the sockets: where the door listens, how many sessions the process can hold, how it closes."""

import asyncio
import logging
import resource
import socket
from collections.abc import Mapping
from pathlib import Path

from mailgate.core.listening import Address, CannotListenError, Place, Protocol, SocketFile
from mailgate.listener.conversation import Door
from mailgate.listener.rules import Rules
from mailgate.listener.session import SmtpSession
from mailgate.listener.socketfile import TakenFile, take
from mailgate.listener.turnstile import Turnstile

BACKLOG = 100
_OTHER_FILES = 128  # that the rest of the process opens
_LULL = 0.05  # seconds without a word from any client
_SHARES = 4  # of the time are the door's while mail comes in, to one of other work
_LONGEST_WAY = 2.0  # seconds
_LAST_WORDS = 1.0  # seconds for a conversation to notice that it has ended

# aiosmtpd writes each command to this log, and at its lowest level each line of a mail.
logging.getLogger("mail.log").setLevel(logging.WARNING)


class Listener:
    """The door, on any number of addresses.

    Args:
        lmtp: where LMTP is spoken.
        lent: other processes listen on these addresses too, and the kernel deals out the clients: on ports by
            SO_REUSEPORT, on socket files by these descriptors, which one process has lent to all. None: this
            process is alone there.
    """

    def __init__(
        self,
        places: tuple[Place, ...],
        rules: Rules,
        *,
        lmtp: tuple[Address, ...] = (),
        lent: Mapping[str, int] | None = None,
    ) -> None:
        self._lent = lent
        self._entrances = [(one, Protocol.SMTP) for one in places] + [(one, Protocol.LMTP) for one in lmtp]
        self._door = Door(rules, Turnstile(_room_for_sessions()))
        self._servers: list[tuple[Protocol, asyncio.Server]] = []
        self._files: list[TakenFile] = []
        self._sessions: set[SmtpSession] = set()

    @property
    def rules(self) -> Rules:
        """What sessions go by; assigning other rules is a reload."""
        return self._door.rules

    @rules.setter
    def rules(self, rules: Rules) -> None:
        self._door.rules = rules

    @property
    def listening(self) -> tuple[Place, ...]:
        """Where SMTP is spoken, with the ports that were free."""
        return tuple(one for one in self._listening(Protocol.SMTP) if isinstance(one, Place))

    @property
    def listening_lmtp(self) -> tuple[Address, ...]:
        """Where LMTP is spoken, with the ports that were free."""
        return self._listening(Protocol.LMTP)

    @property
    def sessions(self) -> int:
        """How many clients are inside."""
        return len(self._sessions)

    @property
    def bytes_in_flight(self) -> int:
        """Of mails that have come and are not stored yet."""
        return self._door.turnstile.bytes_in_flight

    async def start(self) -> None:
        """Listens on every address.

        Raises:
            CannotListenError: on one of them it cannot; then it listens on none.
        """
        for address, protocol in self._entrances:
            try:
                server = await self._server(address, protocol)
            except OSError as fault:
                await self.stop(0)
                raise CannotListenError(address, fault) from fault
            self._servers.append((protocol, server))

    def lend(self) -> dict[str, int]:
        """Listens no more, but keeps the socket files, for processes that are given these descriptors.

        `stop` takes the files back. A port needs no lending: each process opens it for itself.
        """
        self._close_servers()
        return {str(one.path): one.socket.fileno() for one in self._files}

    async def give_way(self, worked: float) -> None:
        """For work on mail that is safe already: after so many seconds of it, clients at the door go first.

        Returns when they are silent, at the latest after a few times what was worked: while mail never stops
        coming, the work goes on at a share of its pace.
        """
        loop = asyncio.get_running_loop()
        longest = loop.time() + min(_SHARES * worked, _LONGEST_WAY)
        for _ in range(2):  # what came meanwhile is heard in the first round of the loop, noted in the second
            await asyncio.sleep(0)
        turnstile = self._door.turnstile
        while (now := loop.time()) < longest and now - turnstile.last_heard < _LULL:  # noqa: ASYNC110 - silence rings no bell
            await asyncio.sleep(min(_LULL, longest - now))

    async def stop(self, grace: float) -> None:
        """Takes no more sessions; those with a mail under way have `grace` seconds to end it."""
        self._door.closing = True
        self._close_servers()
        for file in self._files:
            file.give_up()
        self._files.clear()
        tasks = {session.task for session in self._sessions if session.task is not None}
        for session in tuple(self._sessions):
            session.dismiss()
        if tasks and grace > 0:
            await asyncio.wait(tasks, timeout=grace)
        for session in tuple(self._sessions):
            session.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_WORDS)

    async def _server(self, address: Address, protocol: Protocol) -> asyncio.Server:
        loop = asyncio.get_running_loop()

        def session() -> SmtpSession:
            return SmtpSession(self._door, self._sessions, protocol)

        match address:
            case Place(host, port):
                shared = self._lent is not None
                return await loop.create_server(session, host, port, backlog=BACKLOG, reuse_port=shared)
            case SocketFile(path):
                return await loop.create_server(session, sock=self._socket(path), backlog=BACKLOG)

    def _socket(self, path: str) -> socket.socket:
        if self._lent is not None and path in self._lent:
            return socket.socket(fileno=self._lent[path])
        file = take(Path(path), self._door.rules.socket_mode, BACKLOG)
        self._files.append(file)
        return file.socket.dup()  # the server closes its own; the file is ours until we give it up

    def _listening(self, protocol: Protocol) -> tuple[Address, ...]:
        sockets = (one for spoken, server in self._servers if spoken is protocol for one in server.sockets)
        return tuple(_address(one.getsockname()) for one in sockets)

    def _close_servers(self) -> None:
        for _, server in self._servers:
            server.close()
        self._servers.clear()


def _address(name: str | tuple[str, int]) -> Address:
    return SocketFile(name) if isinstance(name, str) else Place(name[0], name[1])


def _room_for_sessions() -> int:
    """How many sessions fit among the files that this process may open; it asks for all of them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return max(1, most - _OTHER_FILES)
