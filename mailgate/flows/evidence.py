"""Knows how claimed mails are opened: what each says, and what proves who sent it.

A name server that does not answer holds up nobody but the mails of one batch, and these for one patience: all
of them are asked about at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from mailgate.core.authentication import Authentication
from mailgate.core.change import SpooledMail
from mailgate.core.message import Reading
from mailgate.flows.decision import Work, unfolded
from mailgate.flows.office import Office

Prove = Callable[[SpooledMail, Reading], Awaitable[Authentication | None]]
"""Finds out who sent a mail; None where nobody is to look."""

_AT_ONCE = 50  # mails that are asked about


async def nobody_looks(_mail: SpooledMail, _reading: Reading) -> None:
    """What is known of who sent a mail where nobody looks."""
    return


async def opened(
    mails: Sequence[SpooledMail], read: Callable[[bytes], Awaitable[Reading]], prove: Prove, office: Office
) -> list[Work]:
    """The mails, each read, proven and sorted out, in their order."""
    readings = [await read(mail.content) for mail in mails]
    turn = asyncio.Semaphore(_AT_ONCE)

    async def proven(mail: SpooledMail, reading: Reading) -> Authentication | None:
        async with turn:
            return await prove(mail, reading)

    found = await asyncio.gather(*map(proven, mails, readings))
    together = zip(mails, readings, found, strict=True)
    return [await unfolded(mail, reading, office, said) for mail, reading, said in together]
