"""Knows the sockets: where the door listens, how many sessions the process can hold, how it closes."""

import asyncio
import logging
import resource

from mailgate.core.listening import CannotListenError, Place
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


class Listener:
    """The door, on any number of addresses.

    Args:
        shared: other processes listen there too, and the kernel deals out the clients (SO_REUSEPORT).
    """

    def __init__(self, places: tuple[Place, ...], rules: Rules, *, shared: bool = False) -> None:
        self._shared = shared
        self._places = places
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
        for place in self._places:
            try:
                server = await loop.create_server(
                    lambda: SmtpSession(self._door, self._sessions),
                    place.host,
                    place.port,
                    backlog=BACKLOG,
                    reuse_port=self._shared,
                )
            except OSError as fault:
                await self.stop(0)
                raise CannotListenError(place, fault) from fault
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
