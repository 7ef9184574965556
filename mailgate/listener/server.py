"""Knows the sockets: where the door listens, how many sessions the process can hold, how it closes."""

import asyncio
import logging
import resource
from dataclasses import dataclass

from mailgate.listener.conversation import Door
from mailgate.listener.rules import Rules
from mailgate.listener.session import SmtpSession
from mailgate.listener.turnstile import Turnstile

BACKLOG = 100
_OTHER_FILES = 128  # that the rest of the process opens
_LULL = 0.05  # seconds without a word from any client
_SHARES = 4  # of the time are the door's while mail comes in, to one of other work
_LONGEST_WAY = 2.0  # seconds
_LAST_WORDS = 1.0  # seconds for a conversation to notice that it has ended

# aiosmtpd writes each command to this log, and at its lowest level each line of a mail.
logging.getLogger("mail.log").setLevel(logging.WARNING)


class CannotListenError(Exception):
    """An address cannot be listened on; the text names it and says why, in one line."""


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def place(text: str) -> Place:
    """The place that `127.0.0.1:2525` or `[::1]:2525` names.

    Raises:
        ValueError: it names none.
    """
    host, _, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if not bare or not port.isdecimal() or int(port) >= 2**16 or (":" in bare and bare == host):
        raise ValueError(f"{text!r} is no address to listen on; write one like 127.0.0.1:2525 or [::1]:2525")
    return Place(bare, int(port))


class Listener:
    """The door, on any number of addresses.

    Args:
        addresses: such as `127.0.0.1:2525`; port 0 takes a free one.
        shared: other processes listen there too, and the kernel deals out the clients (SO_REUSEPORT).
    """

    def __init__(self, addresses: tuple[str, ...], rules: Rules, *, shared: bool = False) -> None:
        self._shared = shared
        self._places = tuple(place(text) for text in addresses)
        self._door = Door(rules, Turnstile(_room_for_sessions()))
        self._servers: list[asyncio.Server] = []
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
        """Where it listens, with the ports that were free."""
        names = (socket.getsockname() for server in self._servers for socket in server.sockets)
        return tuple(Place(name[0], name[1]) for name in names)

    @property
    def sessions(self) -> int:
        """How many clients are inside."""
        return len(self._sessions)

    async def start(self) -> None:
        """Listens on every address.

        Raises:
            CannotListenError: on one of them it cannot; then it listens on none.
        """
        loop = asyncio.get_running_loop()
        for address in self._places:
            try:
                server = await loop.create_server(
                    lambda: SmtpSession(self._door, self._sessions),
                    address.host,
                    address.port,
                    backlog=BACKLOG,
                    reuse_port=self._shared,
                )
            except OSError as fault:
                await self.stop(0)
                reason = (fault.strerror or str(fault)).lower()
                raise CannotListenError(f"cannot listen on {address}: {reason}") from fault
            self._servers.append(server)

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
        for server in self._servers:
            server.close()
        self._servers.clear()
        tasks = {session.task for session in self._sessions if session.task is not None}
        for session in tuple(self._sessions):
            session.dismiss()
        if tasks and grace > 0:
            await asyncio.wait(tasks, timeout=grace)
        for session in tuple(self._sessions):
            session.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_WORDS)


def _room_for_sessions() -> int:
    """How many sessions fit among the files that this process may open; it asks for all of them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return max(1, most - _OTHER_FILES)
