"""Knows one mail server: the connections to it, when they are used again, and when the server is left alone.

A connection is used again only after a clean end; after a fault, and when its user was cancelled, it is
closed. A server that cannot be reached so often in a row is left alone but for a probe now and then
(`core/breaker.py`): no mail waits for it meanwhile in a session that comes to nothing.
"""

import asyncio
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from mailgate import wallclock
from mailgate.core.breaker import PROBE_RESTS, Breaker, after_failure, after_probe, after_success
from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import Attempt, BeforeDot, Ending, Outage
from mailgate.core.route import SmarthostRoute, Tls
from mailgate.smarthost.dialog import Dialog, in_words, sayable
from mailgate.smarthost.session import Session, Timeouts, TlsError, opened
from mailgate.smarthost.wire import GoingAwayError, LineError

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Manners:
    """How we behave towards a server.

    Args:
        timeouts: seconds of patience in each step.
        connections: how many are open at most.
        mails: how many go by one connection.
        idle: seconds after which a connection is not used again: somebody on the way may have forgotten it.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    connections: int = 8
    mails: int = 100
    idle: float = 60.0


class Smarthost:
    """A courier over a few reused connections to one server.

    Args:
        name: what we say in EHLO: our own host or mail domain.
        trust: what a certificate is checked against; by default the system's authorities.
        now, chance: when probes are due.
    """

    def __init__(
        self,
        route: SmarthostRoute,
        name: str,
        manners: Manners = Manners(),
        trust: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = wallclock.now,
        chance: Callable[[], float] = wallclock.chance,
    ) -> None:
        self._route = route
        self._name = name
        self._manners = manners
        self._context = _context(route, trust)
        self._now = now
        self._chance = chance
        self._slots = asyncio.Semaphore(manners.connections)
        self._idle: list[Session] = []  # the last one used is the first to be used again
        self._tasks: set[asyncio.Task[None]] = set()  # goodbyes, and a probe
        self._breaker = Breaker()
        self._closed = False

    async def carry(self, mail: Outgoing, before_dot: BeforeDot) -> Attempt:
        """Hands the mail over; every fault ends it. `UNREACHED`: the server never heard of it."""
        for path in (mail.reverse_path, *mail.recipients):
            if not sayable(path):
                return Attempt(Ending.REFUSED, f"{path!a} cannot be said in SMTP")
        async with self._slots:
            if self._breaker.is_open:
                return Attempt(Ending.UNREACHED, self._breaker.reason)
            session = self._reusable()
            if session and (outcome := await self._talk(session, mail, before_dot, reused=True)):
                return outcome
            try:
                session = await self._opened()
            except (LineError, OSError, ValueError) as fault:
                # A 5xx here, too, speaks of us or of the line, not of this mail.
                return self._unreached(fault)
            outcome = await self._talk(session, mail, before_dot, reused=False)
            return outcome or Attempt(Ending.DEFERRED, "the server closed the connection")

    @property
    def outage(self) -> Outage | None:
        """Since when and why it is left alone; None if it is not."""
        breaker = self._breaker
        if not breaker.is_open or breaker.since is None or breaker.probe_at is None:
            return None
        return Outage(str(self._route), breaker.since, breaker.probe_at, breaker.reason)

    async def fault(self) -> str:
        """What keeps mail from the server: the line, TLS, the password; empty if nothing does."""
        try:
            self._keep(await self._opened())
        except (LineError, OSError, ValueError) as fault:
            return in_words(fault)
        return ""

    async def close(self) -> None:
        """Says goodbye on every idle connection; those in use are closed when they come back."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(session.leave() for session in idle))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _reusable(self) -> Session | None:
        """A connection that stands, as far as one can know; the others are left."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            session = self._idle.pop()
            if session.wire.is_open and now - session.used < self._manners.idle:
                return session
            self._leave(session)
        return None

    def _keep(self, session: Session) -> None:
        session.used = asyncio.get_running_loop().time()
        if self._closed:
            session.wire.close()
        elif session.mails >= self._manners.mails:
            self._leave(session)
        else:
            self._idle.append(session)

    async def _talk(
        self, session: Session, mail: Outgoing, before_dot: BeforeDot, *, reused: bool
    ) -> Attempt | None:
        """Hands the mail over on this connection; None: it was stale, and nothing had begun."""
        dialog = Dialog(session, mail)
        session.mails += 1
        try:
            outcome = await dialog.run(before_dot)
        except LineError as fault:
            if reused:
                return None
            unreached = self._unreached(fault)
            return (
                unreached if isinstance(fault, GoingAwayError) else Attempt(Ending.DEFERRED, in_words(fault))
            )
        except Exception as fault:  # noqa: BLE001 - the one broad except of this door: a courier never raises
            _log.exception("A mail could not be handed over.", what="carry_failed", cause=mail.cause)
            dialog.is_clean = False
            dialog.close_the_books(fault)
            return dialog.attempt
        finally:  # also when cancelled
            if dialog.is_clean and session.wire.is_open:
                self._keep(session)
            else:
                session.wire.close()
        if dialog.is_leaving:
            self._fail(outcome.reply)
        else:
            self._learn(after_success(self._breaker))
        return outcome

    async def _opened(self) -> Session:
        """A session as secure as the route demands."""
        route, timeouts = self._route, self._manners.timeouts
        try:
            return await opened(route, self._name, timeouts, self._context, route.tls)
        except TlsError as fault:
            if route.tls is not Tls.OFFERED or route.username:
                raise
            _log.warning(
                "The smarthost offers TLS that does not work; mail goes to it in the clear.",
                what="tls_failed",
                reason=in_words(fault),
            )
            return await opened(route, self._name, timeouts, self._context, Tls.OFF)

    def _unreached(self, fault: Exception) -> Attempt:
        self._fail(in_words(fault))
        return Attempt(Ending.UNREACHED, in_words(fault))

    def _fail(self, reason: str) -> None:
        self._learn(after_failure(self._breaker, reason, self._now(), self._chance()))

    def _learn(self, breaker: Breaker) -> None:
        """Tells the operators once when the server is given up, and once when mail goes to it again."""
        before, self._breaker = self._breaker, breaker
        if breaker.is_open and not before.is_open and not self._closed:
            self._do(self._probe())
        if breaker.since and not before.since:
            _log.warning(
                "A mail server cannot be reached; it is left alone, and mail for it waits.",
                what="smarthost_open",
                server=str(self._route),
                reason=breaker.reason,
            )
        if before.since and not breaker.since:
            _log.warning(
                "A mail server takes mail again.", what="smarthost_closed", server=str(self._route), reason=""
            )

    async def _probe(self) -> None:
        """Tries a session now and then, until one comes about or a mail under way got through."""
        while self._breaker.is_open:
            rest = PROBE_RESTS[-1]
            if self._breaker.probe_at is not None:  # a clock that was put back makes it no longer
                rest = min(rest, self._breaker.probe_at - self._now())
            await asyncio.sleep(max(0.0, rest.total_seconds()))
            if self._breaker.is_open:
                try:
                    fault = await self.fault()
                except Exception as bug:  # noqa: BLE001 - without its probe the server would be left alone for ever
                    fault = in_words(bug)
                self._breaker = after_probe(self._breaker, fault, self._now(), self._chance())

    def _leave(self, session: Session) -> None:
        self._do(session.leave())

    def _do(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _context(route: SmarthostRoute, trust: ssl.SSLContext | None) -> ssl.SSLContext:
    if route.tls in {Tls.REQUIRED, Tls.IMPLICIT} or route.username:  # a password is for that server alone
        return trust or ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # RFC 7435: where TLS is only offered, an unknown certificate is still better than none.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
