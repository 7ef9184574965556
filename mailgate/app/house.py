"""Knows the house: in which order its rooms start and stop, and what a reload replaces.

Mail is taken in last at the start and first no more at the end. What is under way is finished: a commit that
has begun, a round of a sweep, a mail that is being sent.
"""

import asyncio
import gc
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from mailgate import shipped, wallclock
from mailgate.app.exposed import exposed
from mailgate.app.neighbours import Neighbours
from mailgate.app.office import (
    database_file,
    keys,
    mail_out,
    notifiers,
    office,
    room,
    rules,
    schedule,
    try_notifiers,
    try_templates,
)
from mailgate.app.senders import authenticator, unproven_doors
from mailgate.app.sweeps import Sweeps, World
from mailgate.app.ways import Ways
from mailgate.config import Configuration, ConfigurationError, load
from mailgate.config.lint import doubts
from mailgate.core.address import Keys
from mailgate.core.authentication import Authentication
from mailgate.core.change import SpooledMail
from mailgate.core.listening import Protocol
from mailgate.core.message import Reading
from mailgate.flows.health import backlog_moves
from mailgate.flows.spool import Spool
from mailgate.keyfile import KeyFileError
from mailgate.listener.rules import Rules
from mailgate.listener.server import Listener
from mailgate.pager import Pager
from mailgate.reader import Reader
from mailgate.scheduler import Scheduler
from mailgate.store import migrate
from mailgate.store.levels import Levels, levels
from mailgate.store.unit import Database
from mailgate.store.wakes import Wake
from mailgate.web import Guard, Metrics, Web, pages

GRACE = 20.0  # seconds for what is under way
TICK = 1.0  # seconds; how late another program's mail and clocks are found at the most
DIGEST_TICK = 15.0  # seconds; the same for its digests

_log = structlog.get_logger()


class HouseRole(StrEnum):
    """What one process does of the service (`--roles`)."""

    LISTENER = "listener"  # takes mail in, into the spool
    TIMERS = "timers"  # decides it, watches deadlines, makes the digest
    RELAY = "relay"  # sends what goes out
    WEB = "web"


ALL_ROLES = frozenset(HouseRole)


class House:
    """All rooms of one configuration at work in this process.

    Args:
        configuration: what it starts with; `reload` reads its file again.
        now: the time; a demonstration hands in a clock of its own. Without, it is the machine's on SQLite,
            and on PostgreSQL the server's, which all nodes share.
        lent: other processes take mail in on the same addresses, on socket files by these descriptors.
        told: of each mail that is accepted, by which door.
    """

    def __init__(
        self,
        configuration: Configuration,
        roles: frozenset[HouseRole] = ALL_ROLES,
        now: Callable[[], datetime] | None = None,
        *,
        lent: Mapping[str, int] | None = None,
        told: Callable[[str], object] = str,
    ) -> None:
        self.configuration = configuration
        self.roles = roles
        self.database = Database(configuration.settings.database.url)
        self._neighbours = None if self.database.is_sqlite else Neighbours(self.database)
        now = now or (self._neighbours.clock if self._neighbours else wallclock.now)
        self._now = now
        self._told = told
        self._keys = keys(configuration)
        self._office = office(configuration, self._keys)
        self._reader = Reader()
        self._senders = authenticator(configuration)
        self._metrics = Metrics()
        self.sweeps = Sweeps(self._world(configuration, now))
        self._spool = Spool(self.database, now, self.sweeps.intake_bell.ring)
        admits = rules(configuration, self._keys, self._spool.accept, self._accepted)
        self.listener = _door(configuration, admits, lent)
        self.web = self._web()
        self._metronome = Scheduler(wallclock.now)
        self._is_up = False
        self._doubted: set[str] = set()

    async def start(self) -> None:
        """Opens the database, then the doors, then starts the sweeps.

        Raises:
            StoreError: the database cannot be used; of them NewerDatabaseError and OutdatedDatabaseError.
            CannotListenError: an address is taken; of the listener or of the web.
        """
        file = database_file(self.configuration)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        standing = await migrate.prepare(self.database, shipped.folder("migrations"))
        if standing.newer:
            reason = f"{standing.current} adds to {standing.head}, which this program knows"
            _log.warning("The database is a newer mailgate's.", what="schema_newer", reason=reason)
        if self._neighbours:
            await self._neighbours.start(self.sweeps.wake)
        if HouseRole.WEB in self.roles:
            await self.web.start()
        if HouseRole.LISTENER in self.roles:
            await self.listener.start()
        self.sweeps.start(mail_out=HouseRole.RELAY in self.roles, timers=HouseRole.TIMERS in self.roles)
        self._tick()
        self._is_up = True
        _log.info("mailgate is up.", what="started", roles=sorted(self.roles))
        self._doubt_doors()
        await asyncio.to_thread(self._doubt)
        _spare_the_collector()

    async def stop(self) -> None:
        """Closes the door, finishes what is under way, closes the database."""
        await self._metronome.stop()
        await self.listener.stop(GRACE)
        await self._spool.close()
        await self.sweeps.stop(GRACE)
        await self.web.stop()
        await self._reader.close()
        if self._neighbours:
            await self._neighbours.stop()
        await self.database.close()
        if self._is_up:
            _log.info("mailgate is down.", what="stopped")

    def reload(self) -> None:
        """Takes the configuration and the keys anew, or keeps the old and says why (`behaviour.md` 7.3).

        What a running process cannot change, where it listens and where it keeps, stays as it was.
        """
        try:
            fresh = load(self.configuration.file)
            try_templates(fresh)
            try_notifiers(fresh)
            signing = keys(fresh, make=False)  # a file that is missing now is no first start
            opened = office(fresh, signing)
            admits = rules(fresh, signing, self._spool.accept, self._accepted)
            senders = authenticator(fresh)
        except (ConfigurationError, KeyFileError, OSError) as fault:
            _log.error("The configuration stays as it was.", what="reload_refused", reason=str(fault))
            return
        self.configuration, self._office, self.listener.rules = fresh, opened, admits
        self._senders = senders
        _log.info("The configuration was taken anew.", what="reloaded", accounts=len(fresh.desk.accounts))
        if signing != self._keys:
            self._keys = signing
            numbers = sorted(signing.secrets)
            _log.info(
                "The signing keys were taken anew.", what="keys", signs=signing.current, believed=numbers
            )
        self._doubt_doors()
        self._doubt()

    @property
    def signing(self) -> Keys:
        """What it signs by, and believes."""
        return self._keys

    def accepted_beside(self, door: str) -> None:
        """A listener process of ours has accepted a mail."""
        self._metrics.count("accepted", door)
        self.sweeps.wake(Wake.INTAKE)

    def _accepted(self, protocol: Protocol) -> None:
        self._metrics.count("accepted", protocol)
        self._told(protocol)

    def _world(self, configuration: Configuration, now: Callable[[], datetime]) -> World:
        """What the sweeps work with."""
        courier, way_out = mail_out(configuration, now)
        return World(
            database=self.database,
            read=self._reader.read,
            prove=self._prove,
            office=lambda: self._office,
            schedule=lambda: schedule(self.configuration),
            courier=Ways(courier, Pager(lambda: notifiers(self.configuration), now)),
            way_out=way_out,
            now=now,
            count=self._metrics.count,
            give_way=self._give_way,
            lease=timedelta(seconds=configuration.settings.relay.lease_seconds),
            room=lambda: room(self.configuration),
        )

    def _web(self) -> Web:
        place = self.configuration.settings.web.listen

        async def measured() -> Levels:
            async with self.database.read() as unit:
                return await levels(unit, self._now())

        async def moving() -> str:
            return await backlog_moves(self.database, self._now())

        async def listening() -> str:
            listens = self.listener.listening or self.listener.listening_lmtp
            return "" if listens or HouseRole.LISTENER not in self.roles else "not listening"

        async def roomy() -> str:
            disk = room(self.configuration)
            return disk.wrong if disk else ""

        if disk := room(self.configuration):
            self._metrics.watch_disk(disk.free)
        checks = {"backlog": moving, "listener": listening, "disk": roomy}
        shown = pages(checks, self._metrics, measured, self._now)
        return Web(place, Guard(shown, lambda: self.configuration.settings.web.token))

    def _tick(self) -> None:
        """Rings now and then, whatever is or is not heard of others: of a node that died, nobody tells."""
        sweeps = self.sweeps
        self._metronome.every(TICK, "intake", sweeps.intake_bell.ring)
        self._metronome.every(TICK, "relay", sweeps.relay_bell.ring)
        self._metronome.every(TICK, "deadlines", sweeps.deadline_bell.ring)
        self._metronome.every(TICK, "escalations", sweeps.escalation_bell.ring)
        self._metronome.every(DIGEST_TICK, "digest", sweeps.digest_bell.ring)
        self._metronome.start()

    async def _prove(self, mail: SpooledMail, reading: Reading) -> Authentication | None:
        return await self._senders.of(mail, reading)

    async def _give_way(self, worked: float) -> None:
        await self.listener.give_way(worked)

    def _doubt_doors(self) -> None:
        """Says it where anybody may write in anybody's name, or may read what is a secret."""
        for door in unproven_doors(self.configuration):
            reason = f"{door} is open to others, and [authentication] verify is off"
            _log.warning("Nobody looks who sent a mail.", what="senders_unproven", reason=reason)
        for reason in exposed(self.configuration):
            _log.warning("A secret can be read by others.", what="secret_exposed", reason=reason)

    def _doubt(self) -> None:
        """Says once what is doubtful in the policies, in the one process that watches the deadlines."""
        if HouseRole.TIMERS not in self.roles:
            return
        configuration = self.configuration
        for one in doubts(configuration.desk, configuration.written, self._now()):
            if one.counts and str(one) not in self._doubted:
                self._doubted.add(str(one))
                _log.warning("A policy may not be meant so.", what="policy_doubtful", reason=str(one))


def _door(configuration: Configuration, admits: Rules, lent: Mapping[str, int] | None) -> Listener:
    doors = configuration.settings.listener
    return Listener(doors.smtp, admits, lmtp=doors.lmtp, lent=lent)


def _spare_the_collector() -> None:
    """What stands now stays: the garbage collector need not walk it again and again.

    Nearly all that a mail makes goes by counting; full walks for the rest may come as seldom as this.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
