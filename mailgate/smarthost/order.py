"""Knows the order in which several mail servers are tried: the next where none before heard of the mail.

Once a server has answered for a mail, no other is asked in the same attempt: not after a refusal, which
another server would only hide, and not after a final dot without an answer, which may have been enough.
"""

import asyncio
from collections.abc import Sequence

from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import Attempt, BeforeDot, Ending, WayOut
from mailgate.smarthost.courier import Smarthost


class Smarthosts:
    """A courier over one server or several; there is at least one."""

    def __init__(self, servers: Sequence[Smarthost]) -> None:
        self._servers = tuple(servers)

    async def carry(self, mail: Outgoing, before_dot: BeforeDot) -> Attempt:
        """Hands the mail to the first server that hears of it."""
        outcome = Attempt(Ending.UNREACHED, "there is no server")
        for server in self._servers:
            outcome = await server.carry(mail, before_dot)
            if outcome.ending is not Ending.UNREACHED:
                break
        return outcome

    def way_out(self) -> WayOut:
        """Which servers are left alone, and whether there is another."""
        outages = tuple(outage for server in self._servers if (outage := server.outage))
        return WayOut(outages, is_open=len(outages) < len(self._servers))

    async def close(self) -> None:
        """All of them give back their connections."""
        await asyncio.gather(*(server.close() for server in self._servers))
