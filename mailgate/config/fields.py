"""Knows what the configuration is written in: addresses, domains, zones, times of day, places to listen.

Each reader takes the text and gives the value, or says what is wrong with it and what would be right.
"""

import json
import os
import re
from datetime import time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, PlainValidator, ValidationInfo

from mailgate import privatefile
from mailgate.config.toml import reject, suggestion
from mailgate.core.address import LONGEST_ALIAS, OPERATOR_MAILBOXES, SEPARATORS
from mailgate.core.listening import Address as DoorAddress
from mailgate.core.listening import Place, SocketFile, address, place

Item = TypeVar("Item")

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"  # RFC 1035 section 2.3.1, and letters of every script (RFC 5890)
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# RFC 5321 section 4.1.2 Dot-string, with the letters of every script of RFC 6531 section 3.3.
_LOCAL_PART = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_ALIAS_TO_BE = f"letters, digits, `.`, `-` and `_`, at most {LONGEST_ALIAS} octets"
_ALIAS = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MODE = re.compile(r"0[0-7]{3}")
_SMTP_PORT = 25
_LONGEST_SOCKET = 107  # what Linux has room for in the address of a Unix socket
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def _domain(text: str) -> str:
    lowered = text.lower()
    if not _DOMAIN.fullmatch(lowered):
        raise reject(f'"{text}" is no domain', 'a domain name, such as "support.example.com"')
    return lowered


def _address(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not (at and _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain.lower())):
        raise reject(f'"{text}" is no e-mail address', 'a bare address, such as "sam@example.com"')
    return text


def _alias(text: str) -> str:
    lowered = text.casefold()
    if lowered in OPERATOR_MAILBOXES:
        raise reject(f'"{text}" belongs to the operators', "another alias; see [digest] to")
    if "@" in text:
        raise reject(
            f'"{text}" is a whole address', f'what stands before the `@`: "{text.partition("@")[0]}"'
        )
    if "+" in text:
        raise reject(f'"{text}" holds a `+`, which begins the token of a signed address', _ALIAS_TO_BE)
    if not _ALIAS.fullmatch(lowered) or len(lowered.encode()) > LONGEST_ALIAS:
        raise reject(f'"{text}" is no alias', _ALIAS_TO_BE)
    return lowered


def _separator(text: str) -> str:
    if len(text) != 1 or text not in SEPARATORS:
        raise reject(f'"{text}" separates no alias from a token', f"one of {' '.join(SEPARATORS)}")
    return text


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise reject(f"{json.dumps(text)} is no name", "some words on one line")
    return text.strip()


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise reject(f'"{text}" is no name', 'lower-case letters, digits and `-`, such as "first-line"')
    return text


def _some(values: tuple[Item, ...]) -> tuple[Item, ...]:
    if not values:
        raise reject("is empty", "at least one")
    return values


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        right = suggestion(text, available_timezones(), else_say='an IANA zone, such as "Europe/London"')
        raise reject(f'"{text}" is no time zone', right) from None
    return text


def _language(text: str) -> str:
    # Most desks name no language, and need not wait for a library of all of them.
    from mailgate.mail.tongue import known_tag, known_tags  # noqa: PLC0415

    tag = known_tag(text)
    if tag is None:
        right = suggestion(text, known_tags(), else_say='a language tag, such as "de" or "pt-BR"')
        raise reject(f'"{text}" is no language', right)
    return tag


def _time_of_day(text: object) -> time:
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise reject(f'"{text}" is no time of day', 'hours and minutes from "00:00" to "23:59"')
    return time(int(found[1]), int(found[2]))


def _place(text: object) -> Place:
    try:
        return place(text if isinstance(text, str) else "")
    except ValueError:
        right = 'host:port, such as "127.0.0.1:2525" or "[::1]:2525"'
        raise reject(f'"{text}" is no place to listen', right) from None


def _door(text: object, known: ValidationInfo) -> DoorAddress:
    try:
        found = address(text if isinstance(text, str) else "")
    except ValueError:
        right = 'host:port or unix:FILE, such as "127.0.0.1:2424" or "unix:../var/lmtp.sock"'
        raise reject(f'"{text}" is no place to listen', right) from None
    if isinstance(found, Place):
        if found.port == _SMTP_PORT:  # RFC 2033 section 5
            raise reject(f'"{text}" is the port of SMTP', "another port, such as 2424, or [listener] smtp")
        return found
    path = str(absolute(found.path, known))
    if len(os.fsencode(path)) > _LONGEST_SOCKET:
        raise reject(f'"{path}" is too long for a socket', f"a path of at most {_LONGEST_SOCKET} octets")
    return SocketFile(path)


def _mode(text: object) -> int:
    if not isinstance(text, str) or not _MODE.fullmatch(text):
        raise reject(f'"{text}" is no mode of a file', 'three octal digits after a 0, such as "0660"')
    return int(text, 8)


def _network(text: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text if isinstance(text, str) else "")
    except ValueError:
        right = 'an address or a network, such as "192.0.2.7" or "192.0.2.0/24"'
        raise reject(f'"{text}" is no network', right) from None


def _beside_the_file(text: Any, known: ValidationInfo) -> Path:
    if not isinstance(text, str) or not text:
        raise reject(f'"{text}" is no path', "a path, relative to this file")
    return absolute(text, known)


def absolute(path: str, known: ValidationInfo) -> Path:
    """The path as seen from the folder of the file that names it."""
    folder: Path = known.context["folder"]  # type: ignore[index] # toml.validate always gives it
    return (folder / Path(path).expanduser()).resolve()


def secret_word(key: str, file: Path) -> str:
    """The secret that a file holds on its one line; `key` is what names the file."""
    try:
        return privatefile.word(file)
    except privatefile.PrivateFileError as fault:
        raise reject(f"{key} {file}: {fault.wrong}", fault.right) from None


Domain = Annotated[str, AfterValidator(_domain)]
"""A mail domain; in lower case."""

Address = Annotated[str, AfterValidator(_address)]
"""A bare e-mail address, as written."""

Alias = Annotated[str, AfterValidator(_alias)]
"""A local part that an account mails; in lower case."""

Separator = Annotated[str, AfterValidator(_separator)]
"""What stands between an alias and the token of a signed address."""

Line = Annotated[str, AfterValidator(_line)]
"""Words for people, on one line."""

Name = Annotated[str, AfterValidator(_name)]
"""By what the operator's own things are called in other places."""

Addresses = Annotated[tuple[Address, ...], AfterValidator(_some)]
"""At least one bare e-mail address."""

Aliases = Annotated[tuple[Alias, ...], AfterValidator(_some)]
"""At least one alias."""

Zone = Annotated[str, AfterValidator(_zone)]
"""The name of an IANA time zone."""

Language = Annotated[str, AfterValidator(_language)]
"""A BCP 47 tag of a language whose times and plurals are known (RFC 5646 section 2.1); in its usual case."""

TimeOfDay = Annotated[time, PlainValidator(_time_of_day)]
"""`"08:00"`."""

ListenAt = Annotated[Place, PlainValidator(_place)]
"""`"127.0.0.1:2525"`."""

Door = Annotated[DoorAddress, PlainValidator(_door)]
"""`"127.0.0.1:2424"`, or `"unix:../var/lmtp.sock"`, whose path is absolute once read."""

Mode = Annotated[int, PlainValidator(_mode)]
"""`"0660"`: who may read and write a file."""

Network = Annotated[IPv4Network | IPv6Network, PlainValidator(_network)]
"""`"192.0.2.0/24"`, or a single address."""

BesideFile = Annotated[Path, PlainValidator(_beside_the_file)]
"""A path, relative to the file that names it; absolute once read."""
