"""Knows what moves by itself: intake, deadlines, escalations, relay, digest, and the bell that wakes each.

A decision rings for what follows from it; whoever rings for nothing costs one look.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailgate import wallclock
from mailgate.app.courtesy import second_to_the_door
from mailgate.core.change import Change
from mailgate.core.digest import Schedule
from mailgate.core.message import Reading
from mailgate.core.relay import Claim, Courier, WayOut
from mailgate.core.ticket import Ticket
from mailgate.flows import deadline, digest, escalation
from mailgate.flows.announcement import Announced, Due, announced
from mailgate.flows.bell import Bell, Sweep, keep
from mailgate.flows.evidence import Prove
from mailgate.flows.intake import Intake
from mailgate.flows.office import Office
from mailgate.flows.relay import Pace, Relay
from mailgate.flows.room import Room, where_room
from mailgate.flows.settlement import Surroundings
from mailgate.flows.undelivered import tell_undelivered
from mailgate.store.unit import Database, Unit
from mailgate.store.wakes import Wake


@dataclass(frozen=True, slots=True)
class World:
    """What the sweeps are handed.

    Args:
        read: reads one mail within its limits.
        prove: finds out who sent it.
        office, schedule: what is decided and written by today, and when the digest is due.
        courier, way_out: what takes mail out, and how it stands with the servers that it goes to.
        count: counts an event under a label.
        lease: how long mail that a program was sending when it died waits for another.
        room: the disk under the database; None where nobody knows how much of it is free.
    """

    database: Database
    read: Callable[[bytes], Awaitable[Reading]]
    prove: Prove
    office: Callable[[], Office]
    schedule: Callable[[], Schedule]
    courier: Courier
    way_out: Callable[[], WayOut]
    now: Callable[[], datetime]
    count: Callable[[str, str], None]
    give_way: Callable[[float], Awaitable[None]]
    lease: timedelta
    room: Callable[[], Room | None]


def this_node() -> str:
    """What this process is called among all that send mail, on this machine and on others."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Sweeps:
    """The sweeps of one process."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._closing = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.intake_bell, self.relay_bell = Bell(), Bell()
        self.deadline_bell, self.escalation_bell, self.digest_bell = Bell(), Bell(), Bell()
        clocks = (self.deadline_bell, self.escalation_bell, self.digest_bell)
        self._bells = (self.intake_bell, self.relay_bell, *clocks)
        self._woken = {
            Wake.INTAKE: self.intake_bell,
            Wake.DEADLINES: self.deadline_bell,
            Wake.LADDERS: self.escalation_bell,
            Wake.RELAY: self.relay_bell,
        }
        self._intake = Intake(world.database, world.read, world.office, world.now, self._decided, world.prove)
        settled = Surroundings(self._undelivered, world.count, world.now, wallclock.chance)
        self._relay = Relay(
            world.database,
            world.courier,
            settled,
            Pace(lease=world.lease),
            world.way_out,
            this_node(),
        )

    def start(self, *, mail_out: bool, timers: bool) -> None:
        """Starts the sweeps of the roles that this process has."""
        if mail_out:
            self._keep("relay", self._relay.sweep, self.relay_bell)
        if timers:
            self._keep("intake", self._where_room("intake", self._intake.sweep), self.intake_bell)
            self._keep("deadlines", self._deadlines, self.deadline_bell)
            self._keep("escalations", self._escalations, self.escalation_bell)
            self._keep("digest", self._where_room("digest", self._digest), self.digest_bell)

    async def stop(self, grace: float) -> None:
        """Ends every sweep after its round; what is under way has `grace` seconds."""
        self._closing.set()
        self.ring()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._relay.stop(grace)

    def ring(self) -> None:
        """Makes every sweep look at once."""
        for bell in self._bells:
            bell.ring()

    def wake(self, one: Wake) -> None:
        """Makes the sweep look that another node has work for."""
        self._woken[one].ring()

    async def at_rest(self) -> bool:
        """Whether nothing is due and nothing under way, in this process."""
        await self._relay.idle()
        return all(bell.is_silent for bell in self._bells)

    def _keep(self, name: str, sweep: Sweep, bell: Bell) -> None:
        world, moment = self._world, asyncio.get_running_loop().time
        courteous = second_to_the_door(sweep, world.give_way, world.now, moment)
        keeping = keep(name, courteous, bell, world.now, self._closing)
        self._tasks.append(asyncio.create_task(keeping, name=name))

    def _where_room(self, name: str, sweep: Sweep) -> Sweep:
        """What writes the most stops first; promises and the relay go on with the room that is left."""
        return where_room(name, sweep, self._world.room, self._world.now)

    async def _deadlines(self) -> datetime | None:
        world = self._world
        following = await deadline.sweep(world.database, world.now, self._announced, self.relay_bell.ring)
        self.escalation_bell.ring()  # a missed target may have begun a ladder
        return following

    async def _escalations(self) -> datetime | None:
        world = self._world
        return await escalation.sweep(world.database, world.now, world.office(), self.relay_bell.ring)

    async def _digest(self) -> datetime | None:
        world = self._world
        following = await digest.sweep(world.database, world.office(), world.schedule(), world.now())
        self.relay_bell.ring()
        return following

    def _decided(self, change: Change) -> None:
        self._world.count("decided", change.outcome)
        if change.braked:
            self._world.count("braked", change.outcome)
        if change.queued:
            self.relay_bell.ring()
        if change.events:
            self.deadline_bell.ring()
            self.escalation_bell.ring()

    async def _undelivered(self, unit: Unit, claim: Claim, reply: str) -> None:
        await tell_undelivered(unit, claim, reply, self._world.office(), self._world.now())
        self.relay_bell.ring()

    async def _announced(self, unit: Unit, ticket: Ticket, event: Due) -> Announced:
        return await announced(unit, self._world.office(), ticket, event)
