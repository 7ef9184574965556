"""Knows how promises are asked for and shown: `sla due` before there is a ticket, `sla explain` after."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import click

from mailgate.cli.cases import CHANNELS, ROLES, answer, full
from mailgate.cli.fault import Fault
from mailgate.cli.options import Instant, as_json, at_instant, configuration
from mailgate.cli.screen import emit_json, say, table
from mailgate.config.problem import suggestion
from mailgate.core.localtime import told
from mailgate.core.policy import Case, Policy, Promise, Promised
from mailgate.core.promise import UnknownCaseError, promised


@click.group()
def sla() -> None:
    """Reckon targets, and explain how due instants came about."""


@sla.command()
@click.option("--policy", "policy_name", metavar="NAME", help="Needed where there are several.")
@click.option("--plan", metavar="NAME", help="Needed where the policy has several.")
@click.option("--region", default="", metavar="NAME", help="Without it: the policy's default.")
@click.option("--priority", default="", metavar="NAME", help="Its name or a tag; without it: no tag.")
@click.option("--channel", type=click.Choice(CHANNELS), default=CHANNELS[0], show_default=True)
@click.option("--role", type=click.Choice(ROLES), default=ROLES[0], show_default=True)
@click.option("--environment", default="", metavar="NAME", help="Such as production or development.")
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="A field line; repeatable.")
@click.option("--security-incident", is_flag=True, help="A confirmed security incident.")
@click.option("--received", type=Instant(), help="When the mail was accepted; without it: --now.")
@click.option("--jsonl", is_flag=True, help="Answer cases from standard input, one JSON object a line.")
@as_json
@at_instant
def due(*, jsonl: bool, as_json: bool, now: datetime, **asked: Any) -> None:
    """Say what a policy would promise in a case: what is due when."""
    policies = configuration().desk.policies
    if jsonl:
        for line in _answers(sys.stdin.buffer, policies):
            click.echo(line)
        return
    policy = _policy(policies, asked["policy_name"])
    case = _case(policy, asked)
    received: datetime = asked["received"] or now
    try:
        promise = promised(policy, case, received)
    except (UnknownCaseError, OverflowError) as error:
        raise Fault(str(error)) from None
    if as_json:
        emit_json({"policy": policy.name, "plan": case.plan, "received": received, **full(promise)})
    else:
        _show(policy, case, received, promise)


@sla.command()
@click.argument("number", metavar="NUMBER")
@as_json
@at_instant
def explain(*, number: str, as_json: bool, now: datetime) -> None:
    """Show how a ticket's due instants came about, stretch by stretch. NUMBER is as in the subject."""
    from mailgate.cli import explanation  # noqa: PLC0415 - `sla due` does not wait for the store

    told = explanation.of(number, now)
    if as_json:
        emit_json(explanation.plain(told))
    else:
        say("\n".join(explanation.lines(told)))


@sla.command()
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1)
@click.option("--account", default="", metavar="A", help="Only this account's tickets.")
@as_json
def verify(*, numbers: tuple[str, ...], account: str, as_json: bool) -> int:
    """Prove every clock: go through each ticket's journal again and compare it with what is stored.

    Without NUMBER every ticket. Nothing is changed. Ends with 1 where something differs.
    """
    from mailgate.cli import verification  # noqa: PLC0415 - `sla due` does not wait for the store

    return verification.told(numbers, account, as_json=as_json)


def _answers(lines: Iterable[bytes], policies: Mapping[str, Policy]) -> Iterator[str]:
    """One line for each case, at once: who asks over a pipe may wait for it before the next."""
    for line in lines:
        if line.strip():
            yield json.dumps(answer(line, policies), ensure_ascii=True, allow_nan=False)


def _policy(policies: Mapping[str, Policy], name: str | None) -> Policy:
    if name is None and len(policies) == 1:
        return next(iter(policies.values()))
    if name is None:
        raise Fault(f"--policy is missing: one of {', '.join(policies)}")
    if name not in policies:
        raise Fault(f"there is no policy '{name}': {suggestion(name, policies)}")
    return policies[name]


def _case(policy: Policy, asked: Mapping[str, Any]) -> Case:
    plan = asked["plan"] or (next(iter(policy.plans)) if len(policy.plans) == 1 else "")
    if not plan:
        raise Fault(f"--plan is missing: one of {', '.join(policy.plans)}")
    return Case(
        plan=plan,
        region=asked["region"],
        asked=asked["priority"],
        channel=asked["channel"],
        role=asked["role"],
        environment=asked["environment"],
        fields=dict(_field(text) for text in asked["fields"]),
        security_incident=asked["security_incident"],
    )


def _field(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and name.strip()):
        raise Fault(f"--field {text}: write NAME=VALUE, such as --field 'Device OS=6.1.0'")
    return name.strip(), value.strip()


def _show(policy: Policy, case: Case, received: datetime, promise: Promise) -> None:
    name, plan = promise.priority, policy.plans[case.plan].title
    region = policy.region(case.region).title
    if not promise.entitled:
        say(f"{policy.title}: the plan {plan} includes no {policy.role(case.role)}.")
    else:
        say(f"{policy.title}, plan {plan}, {region}: {name} ({promise.priority_name}),")
        say(f"accepted {told(received, promise.zone)}.")
    if promise.because:
        say(f"{name} because {promise.because}.")
    for note in promise.notes:
        say(note)
    if promise.pages:
        say("The person on call is notified at once.")
    if promise.targets:
        say()
        columns = ("target", "within", "due", "due (UTC)", "warning")
        table(columns, [_row(target, received) for target in promise.targets])


def _row(target: Promised, received: datetime) -> tuple[object, ...]:
    within = f"{target.words}, met by {target.met_by}" if target.met_by else target.words
    if target.due is None:
        return target.kind.words, within, None, None, None
    local = told(target.due, target.zone, received)
    if target.expected_from is not None:
        local = f"{local}, expected from {told(target.expected_from, target.zone, received)}"
    warning = told(target.warn_at, target.zone, received) if target.warn_at else None
    return target.kind.words, within, local, target.due, warning
