"""Knows the files of `accounts/`: any number of accounts in each, one table an account.

An account may name only what exists: a policy, a plan and a region of it, people of the staff.
An alias belongs to one account.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic import Field, field_validator

from mailgate.config.fields import Address, Alias, Aliases, Domain, Language, Line, Zone
from mailgate.config.problem import Problem, suggestion
from mailgate.config.toml import Document, Section, validate
from mailgate.core.account import Account, UnknownSenders
from mailgate.core.message import Mailbox, folded
from mailgate.core.policy import Policy

_KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")  # in upper case it is half of a ticket's number


class AccountTable(Section):
    """One account as its file says it."""

    name: Line = Field(description="the customer's name", examples=["Acme Corp"])
    policy: str = Field(description="the policy that it bought", examples=["particle"])
    plan: str = Field(description="its plan in that policy", examples=["enterprise"])
    region: str = ""
    aliases: Aliases = Field(description="local parts that it mails", examples=[["acme"]])
    on_call_aliases: tuple[Alias, ...] = ()
    domains: frozenset[Domain] = frozenset()
    contacts: frozenset[Address] = frozenset()
    unknown_senders: UnknownSenders = UnknownSenders.HOLD
    staff: tuple[Address, ...] = ()
    projects: tuple[Line, ...] | None = Field(default=None, description="the names of its active projects")
    launches: tuple[date, ...] = Field(
        default=(), description="dates of launches that support was told of", examples=[["2026-12-01"]]
    )
    options: tuple[str, ...] = Field(default=(), description="what it bought beside its plan")
    timezone: Zone | None = None
    language: Language | None = None
    rotas: dict[str, str] = Field(default={})

    @field_validator("contacts", mode="after")
    @classmethod
    def _lowered(cls, contacts: frozenset[str]) -> frozenset[str]:
        return frozenset(folded(contact) for contact in contacts)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an account may name.

    Args:
        policies: by name; None for one whose own file holds mistakes.
        staff: everyone who answers tickets.
        rotas: the names of the rotas.
    """

    policies: Mapping[str, Policy | None]
    staff: Sequence[Mailbox]
    rotas: Collection[str] = ()


@dataclass(slots=True)
class _Census:
    """The accounts of all files so far, and who claimed what."""

    accounts: dict[str, Account] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # where an account was first written
    owners: dict[str, str] = field(default_factory=dict)  # whose an alias is
    problems: list[Problem] = field(default_factory=list)


def read_accounts(
    documents: Iterable[Document], around: Surroundings
) -> tuple[dict[str, Account], tuple[Problem, ...]]:
    """The accounts of all files by key, and every mistake in them."""
    census = _Census()
    for document in documents:
        for key in document.tree:
            _count(census, document, key, around)
    return census.accounts, tuple(census.problems)


def _count(census: _Census, document: Document, key: str, around: Surroundings) -> None:
    if isinstance(document.tree[key], list | str | int | float | bool):
        right = "one table for each account, such as [acme]; this key stands before the first of them"
        census.problems.append(document.problem((key,), "is no account", right))
        return
    census.problems += _key_problems(census, document, key)
    table, problems = validate(AccountTable, document, (key,))
    census.problems += problems
    if table is None:
        return
    census.problems += _naming_problems(document, key, table, around)
    census.problems += _claim(census, document, key, table)
    census.accounts[key] = _account(key, table, around)


def _key_problems(census: _Census, document: Document, key: str) -> Iterator[Problem]:
    if not _KEY.fullmatch(key):
        yield document.problem(
            (key,), "cannot be the key of an account", "lower-case letters, digits and `-`, such as [acme]"
        )
    if key in census.places:
        yield document.problem((key,), f"is also in {census.places[key]}", "another key, or one of the two")
    census.places.setdefault(key, f"{document.file}:{document.line((key,))}")


def _naming_problems(
    document: Document, key: str, table: AccountTable, around: Surroundings
) -> Iterator[Problem]:
    if table.policy not in around.policies:
        right = suggestion(table.policy, around.policies)
        yield document.problem((key, "policy"), f'"{table.policy}" is not known', right)
    policy = around.policies.get(table.policy)
    if policy is not None:
        yield from _offer_problems(document, key, table, policy)
    known = {member.folded: member.address for member in around.staff}
    for position, address in enumerate(table.staff):
        if folded(address) not in known:
            right = suggestion(address, known.values(), else_say="a [[staff]] table with this email")
            yield document.problem((key, "staff", position), f'"{address}" is not on the staff', right)
    for party, rota in table.rotas.items():
        if rota not in around.rotas:
            right = suggestion(rota, around.rotas, else_say=f"a table [rotas.{rota}] in mailgate.toml")
            yield document.problem((key, "rotas", party), f'there is no rota "{rota}"', right)


def _offer_problems(document: Document, key: str, table: AccountTable, policy: Policy) -> Iterator[Problem]:
    if table.plan not in policy.plans:
        wrong = f'"{table.plan}" is no plan of {policy.name}'
        yield document.problem((key, "plan"), wrong, suggestion(table.plan, policy.plans))
    if table.region and table.region not in policy.regions:
        wrong = f'"{table.region}" is no region of {policy.name}'
        yield document.problem((key, "region"), wrong, suggestion(table.region, policy.regions))
    if policy.project is not None and table.projects is None:
        right = f"the names of its active projects, which tickets of {policy.name} are about; [] for none"
        yield document.problem((key, "projects"), "is missing", right)
    offered = policy.plans[table.plan].options if table.plan in policy.plans else table.options
    for place, option in enumerate(table.options):
        if option not in offered:
            wrong = f'"{option}" is no option of the plan {table.plan}'
            yield document.problem((key, "options", place), wrong, suggestion(option, offered))


def _claim(census: _Census, document: Document, key: str, table: AccountTable) -> Iterator[Problem]:
    for kind, aliases in (("aliases", table.aliases), ("on_call_aliases", table.on_call_aliases)):
        for position, alias in enumerate(aliases):
            place = f"{document.file}:{document.line((key, kind, position))}"
            if alias in census.owners:
                wrong = f'"{alias}" is also claimed in {census.owners[alias]}'
                yield document.problem((key, kind, position), wrong, "an alias of one account and one role")
            census.owners.setdefault(alias, place)


def _account(key: str, table: AccountTable, around: Surroundings) -> Account:
    wanted = {folded(address) for address in table.staff}
    team = tuple(member for member in around.staff if not wanted or member.folded in wanted)
    return Account(
        key=key,
        name=table.name,
        policy=table.policy,
        plan=table.plan,
        region=table.region,
        aliases=table.aliases,
        on_call_aliases=table.on_call_aliases,
        domains=table.domains,
        contacts=table.contacts,
        unknown_senders=table.unknown_senders,
        staff=team,
        projects=table.projects,
        launches=table.launches,
        options=table.options,
        timezone=table.timezone or "",
        language=table.language or "",
        rotas=table.rotas,
    )
