"""Knows how those who wait together share one commit.

No timer waits for company: whoever comes while a commit is under way shares the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class Shared(Generic[Request, Answer]):
    """Carries requests out in batches, one batch at a time, and gives each its own answer.

    A batch that has begun is finished, also when those who asked for it have gone. If it fails, its requests
    are carried out one by one, so that a bad one fails alone.

    Args:
        carry_out: answers a batch in its order, or raises for all of it.
        most: requests in one batch.
    """

    def __init__(
        self, carry_out: Callable[[Sequence[Request]], Awaitable[Sequence[Answer]]], most: int = 100
    ) -> None:
        self._carry_out = carry_out
        self._most = most
        self._waiting: list[tuple[Request, asyncio.Future[Answer]]] = []
        self._working: asyncio.Task[None] | None = None

    async def __call__(self, request: Request) -> Answer:
        """The answer to this request, once its batch is carried out."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await answer

    async def finish(self) -> None:
        """Returns when nothing waits and no batch is under way."""
        if self._working is not None:
            await self._working

    async def _work(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            batch = [(request, answer) for request, answer in taken if not answer.done()]
            if not batch:
                continue
            try:
                await self._answer(batch)
            except Exception:  # noqa: BLE001 - it is raised again where it was asked for
                for request, answer in batch:
                    await self._answer_alone(request, answer)

    async def _answer(self, batch: Sequence[tuple[Request, "asyncio.Future[Answer]"]]) -> None:
        answers = await self._carry_out([request for request, _ in batch])
        for (_, waiting), answer in zip(batch, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)

    async def _answer_alone(self, request: Request, waiting: "asyncio.Future[Answer]") -> None:
        try:
            (answer,) = await self._carry_out([request])
        except Exception as fault:  # noqa: BLE001 - it is raised again where it was asked for
            if not waiting.done():
                waiting.set_exception(fault)
        else:
            if not waiting.done():
                waiting.set_result(answer)
