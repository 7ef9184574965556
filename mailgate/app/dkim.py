"""Knows the keys that mail of a configuration is signed with, and what the domain publishes of each."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mailgate import privatefile
from mailgate.config import Configuration, ConfigurationError, Problem
from mailgate.config.dkim import DkimTable
from mailgate.core.dnsrecord import ascii_name
from mailgate.mail.signing import Algorithm, Signer

if TYPE_CHECKING:
    from mailgate.mail.dkimkey import DkimKey

_MAKE_ONE = "an RSA key of 2048 bits or more, or one of Ed25519; `mailgate dkim keygen` makes them"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key, by what everybody may know of it.

    Args:
        name: of its record in DNS.
        record: the value of that record.
    """

    selector: str
    algorithm: Algorithm
    file: Path
    name: str
    record: str


def signers(configuration: Configuration) -> tuple[Signer, ...]:
    """The keys at work, in the order of the configuration.

    Raises:
        ConfigurationError: with every key that cannot be used.
    """
    if not configuration.settings.dkim:  # and the library of keys is not waited for
        return ()
    from mailgate.mail.dkimkey import signer  # noqa: PLC0415

    domain = ascii_name(configuration.desk.domain)
    return tuple(signer(key, domain, table.selector) for table, key in _keys(configuration))


def published(configuration: Configuration) -> tuple[PublicKey, ...]:
    """What the domain has to publish of its keys.

    Raises:
        ConfigurationError: with every key that cannot be used.
    """
    return tuple(
        shown(key, table.selector, table.key_file, configuration.desk.domain)
        for table, key in _keys(configuration)
    )


def shown(key: "DkimKey", selector: str, file: Path, domain: str) -> PublicKey:
    """A key by what everybody may know of it."""
    from mailgate.mail.dkimkey import algorithm_of, record  # noqa: PLC0415

    name = f"{selector}._domainkey.{ascii_name(domain)}"  # RFC 6376 section 3.6.2.1
    return PublicKey(selector, algorithm_of(key), file, name, record(key))


def _keys(configuration: Configuration) -> list[tuple[DkimTable, "DkimKey"]]:
    from mailgate.mail.dkimkey import DkimKeyError, read  # noqa: PLC0415

    found: list[tuple[DkimTable, DkimKey]] = []
    problems: list[Problem] = []
    for at, table in enumerate(configuration.settings.dkim):
        key, file = f"dkim[{at}].key_file", table.key_file
        try:
            found.append((table, read(privatefile.content(file))))
        except privatefile.PrivateFileError as fault:
            problems.append(Problem(configuration.file, 0, key, f"{file}: {fault.wrong}", fault.right))
        except DkimKeyError as fault:
            problems.append(Problem(configuration.file, 0, key, f"{file}: {fault}", _MAKE_ONE))
    if problems:
        raise ConfigurationError(problems)
    return found
