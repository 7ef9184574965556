"""Knows how rounds are run: traffic, a blow in the middle of it, the rest of the traffic, the invariants."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random  # noqa: TID251 - drawn from a seed, so that a round can be told again

from campaign import books, sink
from campaign.desk import Desk, desk_in, servers_for
from campaign.invariants import Evidence, breaches, uncertain
from campaign.people import People
from campaign.plan import HIDDEN, Blow, Plan
from campaign.sink import Sink
from campaign.tally import Round, Tally
from mailgate.store import mailq
from mailgate.store.unit import Database
from mailgate.wallclock import now
from tests.replication import Pair

ROUNDS_OF_A_DATABASE = 20
PATIENCE = 60.0  # seconds until everything must be at rest
_LOOK = 0.05
_QUIET = 6  # looks in a row: a mail whose connection was reset may just have been read
_GLANCE = 0.01


@dataclass
class Stage:
    """An installation at work, its people and its sink."""

    desk: Desk
    sink: Sink
    people: People
    patience: float
    operator: Database = field(init=False)

    def __post_init__(self) -> None:
        self.operator = Database(self.desk.url)

    async def play(self, plan: Plan) -> Round:
        """One round."""
        desk, before, restarts = self.desk, set(self.people.sent), len(self.desk.restarts)
        stumbled = desk.stumbles()
        if plan.failpoint:
            await asyncio.to_thread(desk.stop)
            await asyncio.to_thread(desk.start, plan.failpoint)
        if plan.partner:
            await asyncio.to_thread(desk.join)
        self.people.ports = desk.ports
        began, instant = time.monotonic(), now()
        talking = asyncio.create_task(self.people.talk(plan.clients, plan.writer))
        found = await self._undergo(plan, talking)
        settled = time.monotonic() - began
        if plan.blow is Blow.STUMBLE:
            desk.excuse(instant)
        await asyncio.to_thread(desk.part)
        found += await self._examined()
        sent = [sent for key, sent in self.people.sent.items() if key not in before]
        return Round(
            plan.seed,
            plan.told,
            not plan.failpoint or desk.stumbles() > stumbled,
            len(sent),
            sum(one.acknowledged for one in sent),
            sum(one.attempts for one in sent),
            tuple(desk.restarts[restarts:]),
            settled,
            tuple(found),
        )

    async def _undergo(self, plan: Plan, talking: "asyncio.Task[None]") -> list[str]:
        """The blow, and what follows until all is at rest; what is broken by then."""
        try:
            await self._strike(plan, talking)
            return await self._at_rest(talking)
        except AssertionError as fault:  # the server does not come up again
            talking.cancel()
            return [f"I5: {fault}"]

    async def _strike(self, plan: Plan, talking: "asyncio.Task[None]") -> None:
        match plan.blow:
            case Blow.NOTHING | Blow.STUMBLE:  # it does so by itself
                return
            case Blow.FAILPOINT:
                await self._await_death(talking)
            case _:
                await asyncio.sleep(plan.after)
                await asyncio.to_thread(_suffer, self.desk, plan.blow)

    async def _await_death(self, talking: "asyncio.Task[None]") -> None:
        """The server dies by itself; if it has not when everybody has spoken, it is killed."""
        alive = now()
        while self.desk.lives:
            alive = now()
            if talking.done():
                await asyncio.to_thread(self.desk.kill)
                return
            await asyncio.sleep(_GLANCE)
        await asyncio.to_thread(self.desk.revive, alive)

    async def _at_rest(self, talking: "asyncio.Task[None]") -> list[str]:
        """What keeps the service from coming to rest; nothing, once everybody has spoken and all is sent."""
        end, left, quiet = time.monotonic() + self.patience, 0, 0
        while time.monotonic() < end:
            alone = talking.done() and self.desk.is_alone()
            left, resting = await asyncio.to_thread(books.unfinished, self.desk.url)
            quiet = quiet + 1 if alone and not left else 0
            if quiet == _QUIET:
                talking.result()
                return []
            await self._hurry(resting)
            await asyncio.sleep(_LOOK)
        talking.cancel()
        return [f"I5: {left} mails still wait after {self.patience:.0f} seconds"]

    async def _hurry(self, resting: Sequence[int]) -> None:
        """What rests for a minute after an attempt goes at once, as `mailgate outbox retry` makes it."""
        for mail in resting:
            async with self.operator.write() as unit:
                await mailq.retry(unit, mail, now())

    async def _examined(self) -> list[str]:
        verified, read = await asyncio.gather(
            asyncio.to_thread(self.desk.verified), asyncio.to_thread(books.read, self.desk.url)
        )
        return breaches(Evidence(self.people.sent, self.sink.copies, read, self.desk.troubles, verified))


def _suffer(desk: Desk, blow: Blow) -> None:
    match blow:
        case Blow.CHECKPOINT if desk.kill_in_checkpoint():
            pass
        case Blow.DISCONNECT:
            desk.disconnect()
        case Blow.DATABASE:
            desk.crash_database(server_too=False)
        case Blow.EVERYTHING:
            desk.crash_database(server_too=True)
        case Blow.FAILOVER:
            desk.fail_over()
        case _:
            desk.kill()


async def run(
    plans: Sequence[Plan],
    folder: Path,
    said: Callable[[str], None],
    patience: float = PATIENCE,
    *,
    postgresql: bool,
) -> Tally:
    """Plays the rounds; ends after the first in which an invariant is broken.

    Args:
        folder: where every installation is left; not there yet.
        said: told a line for each round.
        patience: seconds until everything must be at rest.
    """
    tally = Tally()
    with servers_for(postgresql=postgresql) as servers:
        for first in range(0, len(plans), ROUNDS_OF_A_DATABASE):
            some = plans[first : first + ROUNDS_OF_A_DATABASE]
            async with _set_up(folder / f"desk-{first}", servers, some[0].seed, patience) as stage:
                for number, plan in enumerate(some, start=first + 1):
                    played = await stage.play(plan)
                    tally.rounds.append(played)
                    said(f"{number:4} {played.line}")
                    if played.breaches:
                        break
                await _count(stage, tally)
            if tally.rounds[-1].breaches:
                break
    return tally


@asynccontextmanager
async def _set_up(folder: Path, servers: Pair | None, seed: int, patience: float) -> AsyncIterator[Stage]:
    chance = Random(seed)  # noqa: S311 - a seed is to give the same round again
    lives: list[Desk] = []
    ours = Sink(lambda: lives[0].life if lives else 0, now, lambda: chance.random() < HIDDEN)
    async with sink.serving(ours):
        with desk_in(folder, f"smtp://127.0.0.1:{ours.port}", servers) as desk:
            lives.append(desk)
            stage = Stage(desk, ours, People(desk.ports, ours, now), patience)
            try:
                yield stage
            finally:
                await stage.operator.close()


async def _count(stage: Stage, tally: Tally) -> None:
    read = await asyncio.to_thread(books.read, stage.desk.url)
    tally.uncertain += uncertain(read)
    tally.hidden += sum(not copy.answered for copy in stage.sink.copies)
    tally.sent += len(stage.sink.copies)
