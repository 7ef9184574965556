"""Knows how the service is run in the foreground: what it says when it is up, and which signals it obeys."""

import asyncio
import signal
from collections.abc import Iterable

import click

from mailgate import logs
from mailgate.app import ALL_ROLES, Role, Service
from mailgate.app.office import try_templates
from mailgate.cli.fault import Fault
from mailgate.cli.options import configuration
from mailgate.cli.screen import say
from mailgate.core.route import MaildirRoute, SmarthostRoute
from mailgate.listener.server import CannotListenError
from mailgate.wallclock import now
from mailgate.web import CannotListenError as CannotServeError


def _roles(_context: click.Context, _option: click.Parameter, value: str) -> frozenset[Role]:
    names = [name.strip() for name in value.split(",") if name.strip()]
    try:
        return frozenset(Role(name) for name in names) or ALL_ROLES
    except ValueError:
        known = ",".join(Role)
        raise click.BadParameter(f"{value!r} names another role; choose from {known}") from None


@click.command()
@click.option(
    "--roles",
    callback=_roles,
    default=",".join(Role),
    show_default=True,
    metavar="ROLES",
    help="What this process does of the service.",
)
def serve(roles: frozenset[Role]) -> None:
    """Run the service until SIGTERM or Ctrl-C.

    SIGHUP takes the configuration anew as a whole, or keeps the old one and logs why.
    """
    chosen = configuration()
    try_templates(chosen)
    logs.set_up(now)
    try:
        asyncio.run(_run(Service(chosen, roles)))
    except (CannotListenError, CannotServeError) as fault:
        raise Fault(str(fault)) from None


async def _run(service: Service) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGHUP, service.reload)
    try:
        await service.start()
        for line in _greeting(service):
            say(line)
        await stopping.wait()
    finally:
        await service.stop()


def _greeting(service: Service) -> Iterable[str]:
    """Where it listens, what to mail, where what goes out lies."""
    desk = service.configuration.desk
    if Role.LISTENER in service.roles:
        places = ", ".join(str(place) for place in service.listener.listening)
        yield f"mailgate takes mail by SMTP on {places}."
        alias = next((f"{one}@{desk.domain}" for one in desk.by_alias), "")
        if alias:
            yield f"Mail {alias} to open a ticket, with [P1] to [P4] in the subject for a priority."
    if Role.RELAY in service.roles:
        match service.configuration.settings.relay.route:
            case MaildirRoute(folder):
                yield f"Mail that goes out lies in {folder}/new, one file each; or: mutt -f {folder}"
            case SmarthostRoute() as route:
                yield f"Mail goes out by {route}."
    if Role.WEB in service.roles:
        place = service.configuration.settings.web.listen
        yield f"Health and metrics: http://{place.host}:{service.web.port}/healthz, /readyz and /metrics"
    yield "Look at it with: mailgate tickets. Stop it with Ctrl-C."
