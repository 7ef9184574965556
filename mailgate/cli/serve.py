"""Knows how the service is run in the foreground: what it says when it is up, and which signals it obeys."""

import asyncio
import os
import signal
from collections.abc import Iterable, Sequence

import click

from mailgate import logs
from mailgate.app import House, HouseRole
from mailgate.app.office import try_notifiers, try_templates
from mailgate.app.workers import Uplink, Workers, lent
from mailgate.cli.fault import Fault
from mailgate.cli.options import configuration, configuration_file
from mailgate.cli.screen import say
from mailgate.core.listening import CannotListenError
from mailgate.core.route import MaildirRoute, Route, SmarthostRoute
from mailgate.wallclock import now


def _roles(_context: click.Context, _option: click.Parameter, value: str) -> frozenset[HouseRole]:
    names = [name.strip() for name in value.split(",") if name.strip()]
    known = ",".join(HouseRole)
    if not names:
        raise click.BadParameter(f"no role is named; choose from {known}")
    try:
        return frozenset(HouseRole(name) for name in names)
    except ValueError:
        raise click.BadParameter(f"{value!r} names another role; choose from {known}") from None


@click.command()
@click.option(
    "--roles",
    callback=_roles,
    default=",".join(HouseRole),
    show_default=True,
    metavar="ROLES",
    help="What this process does: take mail in, decide and watch the clocks, send, show health and metrics.",
)
@click.option(
    "--workers",
    type=click.IntRange(0, 64),
    default=0,
    metavar="N",
    help="Listener processes beside this one, which then has the other roles. Without: this one listens.",
)
def serve(roles: frozenset[HouseRole], workers: int) -> None:
    """Run the service until SIGTERM or Ctrl-C.

    SIGHUP takes the configuration and the signing keys anew as a whole, or keeps the old ones and logs why.
    """
    chosen = configuration()
    try_templates(chosen)
    try_notifiers(chosen)
    logs.set_up(now)
    own = roles
    listeners: Workers | None = None
    sockets = lent(os.environ)
    uplink = None if sockets is None else Uplink()
    if workers and HouseRole.LISTENER in roles:
        own = roles - {HouseRole.LISTENER}
    house = House(chosen, own, lent=sockets, told=uplink.tell if uplink else str)
    if own != roles:
        listeners = Workers(workers, configuration_file(), dict(os.environ), house.accepted_beside)
    try:
        asyncio.run(_run(house, listeners, uplink))
    except CannotListenError as fault:
        raise Fault(str(fault)) from None


async def _run(house: House, listeners: Workers | None, uplink: Uplink | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    def reload() -> None:
        if listeners:
            listeners.tell(signal.SIGHUP)  # first: an address is believed before one is signed like it
        house.reload()

    loop.add_signal_handler(signal.SIGHUP, reload)
    if uplink:
        await uplink.open(orphaned=stopping.set)
    try:
        await house.start()
        if listeners:
            await house.listener.start()  # to be told here and now if an address is taken
            listeners.start(house.listener.lend())
        for line in _greeting(house, listens=bool(listeners) or HouseRole.LISTENER in house.roles):
            say(line)
        await stopping.wait()
    finally:
        if listeners:
            await listeners.stop()
        await house.stop()


def _greeting(house: House, *, listens: bool) -> Iterable[str]:
    """Where it listens, what to mail, where what goes out lies."""
    desk = house.configuration.desk
    if listens:
        yield from _entrances(house)
        alias = next((f"{one}@{desk.domain}" for one in desk.by_alias), "")
        if alias:
            yield f"Mail {alias} to open a ticket, with [P1] to [P4] in the subject for a priority."
    if HouseRole.RELAY in house.roles:
        yield _way_out(house.configuration.settings.relay.routes)
    if HouseRole.WEB in house.roles:
        yield f"Health and metrics: http://{house.web.listening}/healthz, /readyz and /metrics"
    yield "Look at it with: mailgate tickets. Stop it with Ctrl-C."


def _way_out(routes: Sequence[Route]) -> str:
    match routes[0]:
        case MaildirRoute(folder):
            return f"Mail that goes out lies in {folder}/new, one file each; or: mutt -f {folder}"
        case SmarthostRoute():
            return f"Mail goes out by {', or else '.join(map(str, routes))}."


def _entrances(house: House) -> Iterable[str]:
    configured, listener = house.configuration.settings.listener, house.listener
    smtp = listener.listening or configured.smtp
    lmtp = listener.listening_lmtp or configured.lmtp
    for spoken, addresses in (("SMTP", smtp), ("LMTP", lmtp)):
        if addresses:
            yield f"mailgate takes mail by {spoken} on {', '.join(map(str, addresses))}."
