"""Knows the customers and the staff, as the configuration names them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from mailgate.core.message import Mailbox, domain_of, folded
from mailgate.core.policy import Policy
from mailgate.core.rota import Rota


class UnknownSenders(StrEnum):
    """What happens to mail from outside an account's domains and contacts (`behaviour.md` 2.7)."""

    ACCEPT = "accept"
    HOLD = "hold"
    REJECT = "reject"


class AliasRole(StrEnum):
    """What an alias is for (`policies.md`, Words)."""

    SUPPORT = "support"
    ON_CALL = "on-call"


@dataclass(frozen=True, slots=True)
class Account:
    """A customer company.

    Args:
        key: its name in the configuration, `acme`; in ticket numbers in upper case.
        aliases: local parts that it mails; `on_call_aliases` those with the role `on-call`.
        domains: its sender domains, lower case; `contacts` single addresses beside them, lower case.
        projects: its active ones; None where its policy asks for none.
        launches: dates of launches that support was told of; `options` what it bought beside its plan.
        timezone: IANA zone in which its people are told times; empty for the policy calendar's own.
        language: BCP 47 tag of the language that they are written to in, `de` or `pt-BR`; empty for English.
        rotas: by party of a ladder, the rota that stands for it, where that is not the one of its name.
    """

    key: str
    name: str
    policy: str
    plan: str
    region: str = ""
    aliases: tuple[str, ...] = ()
    on_call_aliases: tuple[str, ...] = ()
    domains: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()
    unknown_senders: UnknownSenders = UnknownSenders.HOLD
    staff: tuple[Mailbox, ...] = ()
    projects: tuple[str, ...] | None = None
    launches: tuple[date, ...] = ()
    options: tuple[str, ...] = ()
    timezone: str = ""
    language: str = ""
    rotas: Mapping[str, str] = field(default_factory=dict)

    def knows(self, address: str) -> bool:
        """Whether the address is one of the account's own people."""
        return folded(address) in self.contacts or domain_of(address) in self.domains


@dataclass(frozen=True, slots=True)
class Desk:
    """One whole valid configuration of the support desk, as values. A reload replaces it as a whole.

    Args:
        name: what the service calls itself in mail.
        domain: its mail domain, lower case.
        suppress_for: how long nothing goes to a customer's address that bounced; none for not at all.
        separator: what stands between alias and token in signed addresses that are made from now on.
        accounts: by key.
        policies: by name.
        operators: who gets the digest, and is told of held mail.
        links: names and addresses that acknowledgements point to beside the policy's own.
        timezone: IANA zone in which staff and operators are told times.
        rotas: who is on call, by name.
        notifiers: names of the notification services that pages may go to.
        require_authentication: a mail of staff counts only if it is proven who sent it.
        by_alias: account key and role by alias, lower case; made from the accounts.
    """

    name: str
    domain: str
    accounts: Mapping[str, Account]
    policies: Mapping[str, Policy]
    staff: tuple[Mailbox, ...] = ()
    operators: tuple[Mailbox, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"
    rotas: Mapping[str, Rota] = field(default_factory=dict)
    notifiers: frozenset[str] = frozenset()
    separator: str = "+"
    suppress_for: timedelta = timedelta(days=60)
    require_authentication: bool = False
    by_alias: Mapping[str, tuple[str, AliasRole]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Turns the accounts' aliases into one look-up: a RCPT must not walk all accounts."""
        found: dict[str, tuple[str, AliasRole]] = {}
        for account in self.accounts.values():
            found |= {alias.casefold(): (account.key, AliasRole.SUPPORT) for alias in account.aliases}
            found |= {alias.casefold(): (account.key, AliasRole.ON_CALL) for alias in account.on_call_aliases}
        object.__setattr__(self, "by_alias", found)

    def is_own(self, address: str) -> bool:
        """Whether the address is in the desk's own domain."""
        return domain_of(address) == self.domain

    def marked(self, loop_marks: Iterable[str]) -> bool:
        """Whether a mail with these loop marks is one of our own that came back."""
        return self.domain in map(domain_of, loop_marks)

    def member(self, address: str) -> Mailbox | None:
        """The member of staff who has this address."""
        return next((one for one in self.staff if one.is_at(address)), None)

    def policy_of(self, account: str) -> Policy | None:
        """The policy that an account has today; None where there is no such account any more."""
        known = self.accounts.get(account)
        return self.policies.get(known.policy) if known else None
