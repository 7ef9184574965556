"""Knows how a mail becomes safe: letters that wait together share a transaction, and 250 follows its commit.

There is no timer: whoever is there when the transaction has begun goes along. The instant of acceptance is
taken inside the transaction, after its lock, so that the deadline sweep, which waits for that lock, sees all
mail that was accepted before. A client that hangs up changes nothing: the commit is not its own.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from mailgate.core.message import MailObject
from mailgate.core.reply import NO_ROOM, TEMPORARY_FAULT, Reply, queued
from mailgate.failpoint import Failpoint, reach
from mailgate.store import spool
from mailgate.store.claims import begin_arrival
from mailgate.store.faults import StoreError, StoreFullError
from mailgate.store.unit import Database

LETTERS_TOGETHER = 200
BYTES_TOGETHER = 16_777_216
PATIENCE = 20.0  # seconds; RFC 5321 section 4.5.3.2.6 lets the client wait for 600
_WORTH_A_THREAD = 262_144  # bytes
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    mail: spool.Packed
    answer: "asyncio.Future[Reply]"


class Spool:
    """Takes letters over.

    Args:
        rung: called after each commit; wakes the intake.
        patience: seconds until the client of a mail that is still not stored is asked to come again.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        rung: Callable[[], object],
        patience: float = PATIENCE,
    ) -> None:
        self._database = database
        self._now = now
        self._rung = rung
        self._patience = patience
        self._waiting: dict[_Waiting, None] = {}
        self._together: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def accept(self, letter: MailObject) -> Reply:
        """250 with the letter's number once it is in a committed row; 4xx where it is not, or nobody knows.

        Cancelling this does not take the letter back.
        """
        if len(letter.content) > _WORTH_A_THREAD:
            mail = await asyncio.to_thread(spool.packed, letter)
        else:
            mail = spool.packed(letter)
        waiting = _Waiting(mail, asyncio.get_running_loop().create_future())
        self._waiting[waiting] = None
        if self._writing is None:
            self._write()
        try:
            async with asyncio.timeout(self._patience):
                return await waiting.answer
        except TimeoutError:
            self._waiting.pop(waiting, None)
            _log.warning("A mail waited too long for the database.", what="spool_slow", reason="timeout")
            return TEMPORARY_FAULT

    async def close(self) -> None:
        """Returns when every letter that was handed over has its answer."""
        while self._writing is not None:
            await asyncio.wait({self._writing})

    def _write(self) -> None:
        self._writing = asyncio.create_task(self._write_all())
        self._writing.add_done_callback(self._written)

    async def _write_all(self) -> None:
        while self._waiting:
            try:
                numbers = await self._write_together()
            except StoreError as fault:
                answer = NO_ROOM if isinstance(fault, StoreFullError) else TEMPORARY_FAULT
                _log.error(
                    "Mail could not be stored.",
                    what="spool_failed",
                    mails=len(self._together),
                    reason=f"{type(fault).__name__}: {fault}",
                )
                for waiting in self._together or self._take():
                    _give(waiting, answer)
            else:
                for waiting, number in zip(self._together, numbers, strict=True):
                    _give(waiting, queued(number))
                self._rung()
            self._together = []

    async def _write_together(self) -> list[int]:
        reach(Failpoint.BEFORE_BEGIN)
        async with self._database.write() as unit:
            await begin_arrival(unit)
            self._together = self._take()
            if not self._together:  # all of them have lost their patience
                return []
            numbers = await spool.put(unit, [waiting.mail for waiting in self._together], self._now())
            reach(Failpoint.AFTER_INSERT)
        reach(Failpoint.AFTER_COMMIT)
        return numbers

    def _take(self) -> list[_Waiting]:
        together: list[_Waiting] = []
        size = 0
        for waiting in self._waiting:
            size += len(waiting.mail.packed)
            if together and (size > BYTES_TOGETHER or len(together) == LETTERS_TOGETHER):
                break
            together.append(waiting)
        for waiting in together:
            del self._waiting[waiting]
        return together

    def _written(self, task: "asyncio.Task[None]") -> None:
        """Nobody waits for ever, whatever ended the writing: a bug goes to everyone who waits."""
        self._writing = None
        fault = asyncio.CancelledError() if task.cancelled() else task.exception()
        if fault is None:
            if self._waiting:  # came between the last look and the end
                self._write()
            return
        if not task.cancelled():
            _log.error("A bug ended the writing of mail.", what="spool_broken", exc_info=fault)
        left = [*self._together, *self._waiting]
        self._together = []
        self._waiting.clear()
        for waiting in left:
            if not waiting.answer.done():
                waiting.answer.set_exception(fault)


def _give(waiting: _Waiting, answer: Reply) -> None:
    if not waiting.answer.done():  # its client may have hung up
        waiting.answer.set_result(answer)
