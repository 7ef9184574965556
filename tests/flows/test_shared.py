"""Knows that those who wait together share one batch, and that a bad request fails alone."""

import asyncio
from collections.abc import Sequence

import pytest

from mailgate.flows.shared import Shared


class Ledger:
    """Doubles numbers, a batch at a time; refuses 13."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()

    async def __call__(self, requests: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(requests))
        await self.gate.wait()
        if 13 in requests:
            raise ValueError("13")
        return [2 * request for request in requests]


async def test_who_comes_while_a_batch_is_under_way_shares_the_next() -> None:
    ledger = Ledger()
    double = Shared(ledger)

    asked = [asyncio.create_task(double(number)) for number in range(1, 5)]
    await asyncio.sleep(0)
    late = asyncio.create_task(double(5))
    await asyncio.sleep(0.01)
    ledger.gate.set()

    assert await asyncio.gather(*asked, late) == [2, 4, 6, 8, 10]
    assert ledger.batches == [[1, 2, 3, 4], [5]]


async def test_a_batch_has_a_bound() -> None:
    ledger = Ledger()
    ledger.gate.set()
    double = Shared(ledger, most=3)

    assert await asyncio.gather(*(double(number) for number in range(8))) == [2 * n for n in range(8)]
    assert max(map(len, ledger.batches)) <= 3


async def test_a_bad_request_fails_alone() -> None:
    ledger = Ledger()
    ledger.gate.set()
    double = Shared(ledger)

    one, bad, three = await asyncio.gather(double(1), double(13), double(3), return_exceptions=True)

    assert (one, three) == (2, 6)
    assert isinstance(bad, ValueError)
    with pytest.raises(ValueError, match="13"):
        await double(13)
    assert await double(4) == 8


async def test_a_batch_that_has_begun_is_finished_when_who_asked_has_gone() -> None:
    ledger = Ledger()
    double = Shared(ledger)
    gone, staying = asyncio.create_task(double(1)), asyncio.create_task(double(2))
    await asyncio.sleep(0.01)
    gone.cancel()
    ledger.gate.set()

    assert await staying == 4
    assert ledger.batches == [[1, 2]]


async def test_who_has_gone_before_the_batch_is_left_out() -> None:
    ledger = Ledger()
    double = Shared(ledger)
    first = asyncio.create_task(double(1))
    await asyncio.sleep(0.01)
    gone = asyncio.create_task(double(2))
    await asyncio.sleep(0.01)
    gone.cancel()
    ledger.gate.set()

    assert await first == 2
    await double.finish()
    assert ledger.batches == [[1]]


async def test_finish_waits_for_all() -> None:
    ledger = Ledger()
    double = Shared(ledger, most=1)
    asked = [asyncio.create_task(double(number)) for number in range(3)]
    await asyncio.sleep(0.01)
    ledger.gate.set()

    await double.finish()

    assert ledger.batches == [[0], [1], [2]]
    assert await asyncio.gather(*asked) == [0, 2, 4]
    await Shared(ledger).finish()
