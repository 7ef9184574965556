"""Knows what a whole installation is checked for, part by part; nothing is changed by it.

A part that needs a valid configuration is not looked at without one.
"""

import asyncio
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailgate import keyfile, shipped, wallclock
from mailgate.app.dkim import signers
from mailgate.app.domain import findings, resolver
from mailgate.app.exposed import exposed
from mailgate.app.office import smarthosts, try_notifiers, try_templates
from mailgate.app.senders import unproven_doors
from mailgate.config import Configuration, ConfigurationError, Problem, load
from mailgate.config.doubt import Doubt, Weight
from mailgate.config.lint import doubts
from mailgate.core.domain import Finding, State
from mailgate.core.route import MaildirRoute
from mailgate.core.trust import Verify
from mailgate.store import migrate
from mailgate.store.faults import NewerDatabaseError, StoreError
from mailgate.store.unit import Database

_WRONG = 2  # what is written is wrong, or does not fit this program
_NEEDS_WORK = 1


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one part.

    Args:
        exit_code: 0 without faults.
        note: what is worth knowing where nothing is wrong.
        unknown: nobody could say now; another time may tell.
        mistakes, doubts: with their places, what was found in files; the faults among them are in `faults`.
    """

    part: str
    faults: tuple[str, ...] = ()
    exit_code: int = 0
    note: str = ""
    unknown: bool = False
    mistakes: tuple[Problem, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def inspect(file: Path, now: datetime, *, relay: bool, dns: bool = False) -> tuple[Checked, ...]:
    """What was found in all parts; `relay` looks for the smarthost as well, `dns` at the domain's records."""
    try:
        configuration = load(file)
    except ConfigurationError as error:
        return (_mistaken("configuration", error),)
    desk = configuration.desk
    counts = f"{_count(len(desk.accounts), 'account')}, {_count(len(desk.policies), 'policy', 'policies')}"
    checked = (
        Checked("configuration", note=counts),
        _policies(doubts(configuration.desk, configuration.written, now)),
        _templates(configuration),
        *_notifiers(configuration),
        _signing_keys(configuration),
        *_dkim(configuration),
        *_secrets(configuration),
        _senders(configuration),
        _database(configuration),
    )
    asked = ((_relay(configuration),) if relay else ()) + (_dns(configuration) if dns else ())
    return (*checked, *asked)


def _mistaken(part: str, error: ConfigurationError) -> Checked:
    return Checked(part, tuple(map(str, error.problems)), _WRONG, mistakes=error.problems)


def _policies(found: tuple[Doubt, ...]) -> Checked:
    faults = tuple(str(one) for one in found if one.counts)
    allowed = sum(1 for one in found if one.allowed)
    notes = sum(1 for one in found if one.weight is Weight.NOTE and not one.allowed)
    counts = [_count(notes, "note") if notes else "", f"{allowed} allowed" if allowed else ""]
    note = ", ".join(filter(None, counts))
    return Checked("policies", faults, _NEEDS_WORK if faults else 0, note, doubts=found)


def _templates(configuration: Configuration) -> Checked:
    try:
        try_templates(configuration)
    except ConfigurationError as error:
        return _mistaken("templates", error)
    return Checked("templates")


def _notifiers(configuration: Configuration) -> tuple[Checked, ...]:
    """Nothing where the operator named none."""
    names = configuration.settings.notify
    if not names:
        return ()
    try:
        try_notifiers(configuration)
    except ConfigurationError as error:
        return (Checked("notification", tuple(str(problem) for problem in error.problems), _WRONG),)
    return (Checked("notification", note=", ".join(names)),)


def _signing_keys(configuration: Configuration) -> Checked:
    file = configuration.settings.service.secret_file
    environment = os.environ.get(keyfile.ENVIRONMENT)
    if not (environment or file.exists()):
        return Checked("signing keys", note=f"{file} will be made at first start")
    try:
        found = keyfile.keys(file, environment)
    except keyfile.KeyFileError as error:
        return Checked("signing keys", (str(error),), _WRONG)
    note = f"key {found.current} signs, {_count(len(found.secrets), 'key is', 'keys are')} believed"
    return Checked("signing keys", note=note)


def _dkim(configuration: Configuration) -> tuple[Checked, ...]:
    """Nothing where no key is configured."""
    if not configuration.settings.dkim:
        return ()
    try:
        found = signers(configuration)
    except ConfigurationError as error:
        return (_mistaken("DKIM", error),)
    return (Checked("DKIM", note=", ".join(f"{one.selector} signs with {one.algorithm}" for one in found)),)


def _secrets(configuration: Configuration) -> tuple[Checked, ...]:
    """Files that others may read, though they hold a secret; nothing where there are none."""
    found = tuple(exposed(configuration))
    return (Checked("secrets", found, _NEEDS_WORK),) if found else ()


def _senders(configuration: Configuration) -> Checked:
    """Whether somebody looks who sent a mail."""
    settings = configuration.settings.authentication
    doors = ", ".join(map(str, unproven_doors(configuration)))
    if doors:
        return Checked("senders", note=f"nobody looks who sent a mail, and {doors} is open to others")
    match settings.verify:
        case Verify.OFF:
            return Checked("senders", note="nobody looks who sent a mail")
        case Verify.UPSTREAM:
            return Checked("senders", note=f"{settings.authserv_id} is believed about who sent a mail")
        case Verify.OWN:
            return Checked("senders", note="SPF, DKIM and DMARC are verified here")


def _database(configuration: Configuration) -> Checked:
    url = configuration.settings.database.url
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:") and not file.exists():
        return Checked("database", note=f"{file} will be made at first start")
    try:
        differences = asyncio.run(_schema_differences(url))
    except NewerDatabaseError as error:
        return Checked("database", (str(error),), _WRONG)
    except StoreError as error:
        return Checked("database", (str(error),), _NEEDS_WORK)
    faults = tuple(f"the schema is not as it was made: {difference}" for difference in differences)
    return Checked("database", faults, _NEEDS_WORK if faults else 0)


async def _schema_differences(url: str) -> tuple[str, ...]:
    database = Database(url)
    try:
        standing = await migrate.require(database, shipped.folder("migrations"))
        return () if standing.newer else await migrate.differences(database)
    finally:
        await database.close()


def _relay(configuration: Configuration) -> Checked:
    routes = configuration.settings.relay.routes
    for route in routes:
        if isinstance(route, MaildirRoute):
            place = next(one for one in (Path(route.folder), *Path(route.folder).parents) if one.exists())
            if not os.access(place, os.W_OK):
                return Checked("relay", (f"{place}: cannot be written to",), _NEEDS_WORK)
    faults = asyncio.run(_faults(configuration))
    if faults:
        return Checked("relay", faults, _NEEDS_WORK)
    return Checked("relay", note=", ".join(map(str, routes)))


async def _faults(configuration: Configuration) -> tuple[str, ...]:
    """What keeps mail from each server that it may go out to."""
    servers = smarthosts(configuration, wallclock.now)
    found = await asyncio.gather(*(server.fault() for _, server in servers))
    await asyncio.gather(*(server.close() for _, server in servers))
    return tuple(f"{route}: {fault}" for (route, _), fault in zip(servers, found, strict=True) if fault)


def _dns(configuration: Configuration) -> tuple[Checked, ...]:
    """What the world is told of the domain; each record is a part."""

    async def asked() -> tuple[Finding, ...]:
        return await findings(configuration, resolver(configuration))

    try:
        found = asyncio.run(asked())
    except ConfigurationError:  # a key that cannot be read is told of already
        return ()
    return tuple(
        Checked(f"DNS {one.subject}", note=one.said)
        if one.state is State.GOOD
        else Checked(
            f"DNS {one.subject}",
            (f"{one.said}: {one.right}",),
            _NEEDS_WORK,
            unknown=one.state is State.UNKNOWN,
        )
        for one in found
    )


def _count(number: int, noun: str, many: str = "") -> str:
    return f"{number} {noun if number == 1 else many or noun + 's'}"
