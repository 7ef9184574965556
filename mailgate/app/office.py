"""Knows how a configuration becomes what the rooms work with: an office, the rules of the door, a way out."""

import json
import os
import shutil
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from mailgate import keyfile, shipped
from mailgate.app.dkim import signers
from mailgate.config import Configuration, ConfigurationError, Problem
from mailgate.config.policies import restored
from mailgate.config.settings import ListenerTable
from mailgate.core.account import Desk
from mailgate.core.address import Keys, admitted
from mailgate.core.digest import Schedule
from mailgate.core.letterhead import Letterhead
from mailgate.core.notifier import Notifier
from mailgate.core.relay import OPEN_WAY, Courier, WayOut
from mailgate.core.route import MaildirRoute, SmarthostRoute
from mailgate.core.sentences import sentences
from mailgate.core.tongue import ENGLISH
from mailgate.flows.office import Office
from mailgate.flows.room import Room
from mailgate.listener.limits import Limits
from mailgate.listener.rules import Accept, Accepted, Rules
from mailgate.mail.proof import Audience, faults
from mailgate.mail.render import Look
from mailgate.mail.shelf import Reader
from mailgate.maildir import Maildir
from mailgate.pager import why_unusable
from mailgate.smarthost import Manners, Smarthost, Smarthosts, Timeouts


def office(configuration: Configuration, keys: Keys) -> Office:
    """What the flows decide and write by.

    Raises:
        ConfigurationError: with every key of DKIM that cannot be used.
    """
    head = Letterhead(configuration.desk, keys)
    return Office(head, look(configuration), restored, signers(configuration))


def keys(configuration: Configuration, *, make: bool = True) -> Keys:
    """What the desk signs by; with `make`, made where there are none yet.

    Raises:
        KeyFileError: they cannot be read, or anybody else could.
    """
    file = configuration.settings.service.secret_file
    return keyfile.keys(file, os.environ.get(keyfile.ENVIRONMENT), make=make)


def look(configuration: Configuration) -> Look:
    """How mail looks: by the templates beside the configuration, and those that come with the program."""
    desk = configuration.desk
    own = configuration.file.parent / "templates"
    return Look(desk.name, desk.domain, shipped.folder("templates"), own if own.is_dir() else None)


def try_templates(configuration: Configuration) -> None:
    """Renders every template with all that it may have to say.

    Raises:
        ConfigurationError: with every mistake in them.
    """
    found = faults(look(configuration), audience(configuration.desk))
    if found:
        raise ConfigurationError(Problem(one.file, one.line, "", one.wrong, one.right) for one in found)


def audience(desk: Desk) -> Audience:
    """Whom the desk writes to, as far as its templates go."""
    readers = (Reader(one.key, one.policy, one.language) for one in desk.accounts.values())
    return Audience(tuple(readers), frozenset(desk.policies))


def untranslated(configuration: Configuration) -> tuple[str, ...]:
    """What accounts with a language are told in English still: sentences of policies in no phrase book."""
    seen, desk = look(configuration), configuration.desk
    wanted = {(one.policy, one.language): one for one in audience(desk).readers if seen.language_of(one)}
    return tuple(
        f"{policy} says to readers of {tag} in English, until its phrases.toml has it: {json.dumps(sentence)}"
        for policy, tag in sorted(wanted)
        for sentence in sentences(desk.policies[policy])
        if tag not in {"", ENGLISH.tag} and not seen.shelf.tongue(tag).knows(sentence)
    )


def rules(configuration: Configuration, keys: Keys, accept: Accept, accepted: Accepted) -> Rules:
    """What the door goes by."""
    settings, desk = configuration.settings.listener, configuration.desk
    return Rules(
        hostname=desk.domain,
        doorman=lambda recipient, reverse_path: admitted(recipient, reverse_path, desk, keys),
        accept=accept,
        accepted=accepted,
        limits=replace(limits(settings), free_bytes=configuration.settings.database.min_free_bytes),
        exempt=settings.exempt_clients,
        proxy_from=settings.proxy_from,
        bare_newlines=settings.bare_newlines,
        tls=tls(settings),
        tls_required=settings.require_tls,
        socket_mode=settings.lmtp_socket_mode,
        free_bytes=disk.free if (disk := room(configuration)) else None,
    )


def limits(settings: ListenerTable) -> Limits:
    """The configured numbers of the door; the others keep their defaults."""
    return Limits(
        message_bytes=settings.max_message_bytes,
        recipients=settings.max_recipients,
        sessions=settings.max_sessions,
        sessions_per_client=settings.max_sessions_per_client,
        connections_per_client=settings.connections_per_client_per_minute,
        messages_per_client=settings.messages_per_client_per_minute,
        hard_errors=settings.max_errors,
        idle=settings.idle_seconds,
        data_whole=settings.data_seconds,
        bytes_in_flight=settings.bytes_in_flight,
    )


def tls(settings: ListenerTable) -> ssl.SSLContext | None:
    """What STARTTLS is done with; None where no certificate is configured.

    Raises:
        OSError, ssl.SSLError: the certificate or its key cannot be used.
    """
    if settings.tls_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    return context


def mail_out(
    configuration: Configuration, now: Callable[[], datetime]
) -> tuple[Courier, Callable[[], WayOut]]:
    """The way out for mail that the configuration names, and how it stands with it."""
    relay = configuration.settings.relay
    folders = [Path(route.folder) for route in relay.routes if isinstance(route, MaildirRoute)]
    if folders:
        return Maildir(folders[0], now), lambda: OPEN_WAY
    courier = Smarthosts([server for _, server in smarthosts(configuration, now)])
    return courier, courier.way_out


def smarthosts(
    configuration: Configuration, now: Callable[[], datetime]
) -> tuple[tuple[SmarthostRoute, Smarthost], ...]:
    """The servers that mail goes out to, in the order in which they are tried; none for a folder."""
    relay = configuration.settings.relay
    patience = Timeouts(connect=relay.timeout_seconds, command=relay.timeout_seconds)
    manners = Manners(patience, relay.connections, relay.mails_per_connection)
    return tuple(
        (route, Smarthost(route, configuration.desk.domain, manners, now=now))
        for route in relay.routes
        if isinstance(route, SmarthostRoute)
    )


def notifiers(configuration: Configuration) -> dict[str, Notifier]:
    """The notification services that pages may go to, by name."""
    return {name: table.notifier(name) for name, table in configuration.settings.notify.items()}


def try_notifiers(configuration: Configuration) -> None:
    """Looks whether pages could go to every notification service.

    Raises:
        ConfigurationError: with every one that cannot be used.
    """
    found = ((name, why_unusable(one)) for name, one in notifiers(configuration).items())
    problems = [Problem(configuration.file, 0, f"notify.{name}", why, "") for name, why in found if why]
    if problems:
        raise ConfigurationError(problems)


def schedule(configuration: Configuration) -> Schedule:
    """When the digest is due."""
    digest = configuration.settings.digest
    return Schedule(digest.at, digest.timezone)


def room(configuration: Configuration) -> Room | None:
    """The disk under an embedded database; nothing is known of a server's."""
    file = database_file(configuration)
    if file is None:
        return None
    return Room(lambda: shutil.disk_usage(file.parent).free, configuration.settings.database.min_free_bytes)


def database_file(configuration: Configuration) -> Path | None:
    """The file of an embedded database; None for a server's."""
    url = configuration.settings.database.url
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
