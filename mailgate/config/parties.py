"""Knows whom a step of a ladder may name: a party of every desk, a rota or a notifier of its own."""

from collections.abc import Iterable, Iterator, Mapping

from mailgate.config.problem import Problem, suggestion
from mailgate.config.settings import Settings
from mailgate.config.toml import Document
from mailgate.core.account import Account
from mailgate.core.ladder import ON_CALL, PARTIES
from mailgate.core.policy import Policy


def naming_problems(document: Document, settings: Settings) -> Iterator[Problem]:
    """Names of rotas and services that would mean two things in a ladder."""
    taken = set(PARTIES) - {ON_CALL}
    for name in settings.rotas:
        if name in taken:
            right = f"another name; only '{ON_CALL}' may be a rota"
            yield document.problem(("rotas", name), "is a party of every ladder", right)
    for name in settings.notify:
        if name in {*PARTIES, *settings.rotas}:
            right = "a name that is no rota and no party of every ladder"
            yield document.problem(("notify", name), "is taken", right)


def party_problems(
    documents: Iterable[Document],
    policies: Mapping[str, Policy | None],
    accounts: Iterable[Account],
    settings: Settings,
) -> Iterator[Problem]:
    """Whom the ladders of the policies name and nobody knows.

    A party that each account of the policy gives a rota of its own need not be one.
    """
    known = {*PARTIES, *settings.rotas, *settings.notify}
    chosen: dict[str, list[set[str]]] = {}
    for account in accounts:
        chosen.setdefault(account.policy, []).append(set(account.rotas))
    for document in documents:
        policy = policies.get(document.file.stem)
        if policy is None:
            continue
        by_accounts = set.intersection(*chosen.get(policy.name, [set()]))
        yield from _strangers(document, policy, known | by_accounts)


def _strangers(document: Document, policy: Policy, known: set[str]) -> Iterator[Problem]:
    for ladder in policy.ladders.values():
        for number, step in enumerate(ladder.steps):
            for place, party in enumerate(step.page):
                if party not in known:
                    path = ("ladders", ladder.name, "steps", number, "page", place)
                    right = suggestion(party, known, else_say="a table [rotas.NAME] or [notify.NAME]")
                    wrong = f'"{party}" is no rota, no notification service and no party'
                    yield document.problem(path, wrong, right)
