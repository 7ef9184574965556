"""The configuration: TOML files in, one whole checked value out, every mistake with its place and its remedy.

`mailgate.toml` is about the machine; beside it, `policies/*.toml` hold one policy each, `accounts/*.toml` any
number of accounts. All of them are read before anything is said, so that one run tells every mistake.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from mailgate.config.accounts import Surroundings, read_accounts
from mailgate.config.dkim import selector_problems
from mailgate.config.locate import KeyPath
from mailgate.config.parties import naming_problems, party_problems
from mailgate.config.policies import read_policy
from mailgate.config.problem import ConfigurationError, Problem
from mailgate.config.rotas import rotas
from mailgate.config.settings import Settings, read_settings
from mailgate.config.toml import Document, read
from mailgate.core.account import Account, Desk
from mailgate.core.address import OPERATOR_MAILBOXES
from mailgate.core.message import Mailbox, folded
from mailgate.core.policy import Policy

__all__ = ["Configuration", "ConfigurationError", "Problem", "Settings", "load"]


@dataclass(frozen=True, slots=True)
class Configuration:
    """One whole valid configuration. A reload makes another; nothing in it ever changes.

    Args:
        file: its `mailgate.toml`.
        settings: what the machine is told: where to listen, to keep, to send.
        desk: what the core decides by: accounts, policies, people.
        written: the file of each policy, by its name: where a doubt points to.
    """

    file: Path
    settings: Settings
    desk: Desk
    written: Mapping[str, Document] = field(default_factory=dict, repr=False, compare=False)


def load(path: Path) -> Configuration:
    """The configuration that a `mailgate.toml` begins.

    Raises:
        ConfigurationError: with every mistake in all of its files.
    """
    main, problems = _read_all([path])
    if not main:
        raise ConfigurationError(problems)
    policy_files, policy_problems = _read_all(sorted((path.parent / "policies").glob("*.toml")))
    account_files, account_problems = _read_all(sorted((path.parent / "accounts").glob("*.toml")))
    settings, settings_problems = read_settings(main[0])
    policies, more_policy_problems = _policies(policy_files)
    problems += [*settings_problems, *policy_problems, *more_policy_problems]
    staff = _staff(settings)
    unread = {problem.file.stem for problem in policy_problems}
    around = Surroundings({**dict.fromkeys(unread), **policies}, staff, settings.rotas if settings else ())
    accounts, more_account_problems = read_accounts(account_files, around)
    problems += [*account_problems, *more_account_problems]
    if settings is None:
        raise ConfigurationError(problems)
    made, rota_problems = rotas(settings.rotas, {one.folded: one for one in staff}, main[0])
    problems += [*rota_problems, *_people_problems(main[0], settings, accounts)]
    problems += [*naming_problems(main[0], settings), *selector_problems(main[0], settings.dkim)]
    problems += [*party_problems(policy_files, policies, accounts.values(), settings)]
    if problems:
        raise ConfigurationError(problems)
    written = {document.file.stem: document for document in policy_files}
    desk = replace(_desk(settings, accounts, policies), rotas=made)
    return Configuration(path, settings, desk, written)


def _read_all(paths: Iterable[Path]) -> tuple[list[Document], list[Problem]]:
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            documents.append(read(path))
        except ConfigurationError as error:
            problems += error.problems
    return documents, problems


def _policies(documents: Iterable[Document]) -> tuple[dict[str, Policy | None], list[Problem]]:
    policies: dict[str, Policy | None] = {}
    problems: list[Problem] = []
    for document in documents:
        policy, more = read_policy(document)
        problems += more
        policies[policy.name if policy else document.file.stem] = policy
    return policies, problems


def _staff(settings: Settings | None) -> tuple[Mailbox, ...]:
    return tuple(Mailbox(one.email, one.name) for one in settings.staff) if settings else ()


def _desk(settings: Settings, accounts: dict[str, Account], policies: dict[str, Policy | None]) -> Desk:
    staff = _staff(settings)
    names = {member.folded: member for member in staff}
    return Desk(
        name=settings.service.name,
        domain=settings.service.domain,
        accounts=accounts,
        policies={name: policy for name, policy in policies.items() if policy is not None},
        staff=staff,
        operators=tuple(names.get(folded(one), Mailbox(one)) for one in settings.digest.to),
        links=settings.service.links,
        timezone=settings.digest.timezone,
        notifiers=frozenset(settings.notify),
        separator=settings.service.separator,
        suppress_for=timedelta(days=settings.relay.suppress_days),
        require_authentication=settings.authentication.require_authentication,
    )


def _people_problems(document: Document, settings: Settings, accounts: dict[str, Account]) -> list[Problem]:
    """Addresses of people that are named twice, or are the desk's own: mail to them would come back here."""
    own = {alias for one in accounts.values() for alias in (*one.aliases, *one.on_call_aliases)}
    own = {f"{local}@{settings.service.domain}" for local in own | OPERATOR_MAILBOXES}
    named: list[tuple[KeyPath, str]] = [
        *((("staff", at, "email"), one.email) for at, one in enumerate(settings.staff)),
        *((("digest", "to", at), one) for at, one in enumerate(settings.digest.to)),
    ]
    problems: list[Problem] = []
    seen: set[tuple[str | int, str]] = set()
    for key, address in named:
        if folded(address) in own:
            problems.append(
                document.problem(
                    key, f'"{address}" is an address of the desk itself', "a person's own address"
                )
            )
        if (key[0], folded(address)) in seen:
            problems.append(document.problem(key, f'"{address}" is named twice', "each address once"))
        seen.add((key[0], folded(address)))
    return problems
