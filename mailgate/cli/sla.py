"""Knows how promises are asked for, shown and proved: `due` before there is a ticket, the others after."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import click

from mailgate.cli import question
from mailgate.cli.cases import CHANNELS, ROLES, answer, full
from mailgate.cli.fault import Fault
from mailgate.cli.options import Instant, as_json, at_instant, configuration
from mailgate.cli.screen import emit_json, say, table
from mailgate.core.policy import Policy
from mailgate.core.promise import UnknownCaseError, promised


@click.group()
def sla() -> None:
    """Reckon targets, explain how due instants came about, and prove them."""


@sla.command()
@click.option(
    "--account", default="", metavar="A", help="Policy, plan, region and the rest as this account has."
)
@click.option("--policy", "policy_name", metavar="NAME", help="Without it: the only one that accounts have.")
@click.option("--plan", metavar="NAME", help="Needed where the policy has several.")
@click.option("--region", default="", metavar="NAME", help="Without it: the policy's default.")
@click.option("--priority", default="", metavar="NAME", help="Its name or a tag; without it: no tag.")
@click.option("--channel", type=click.Choice(CHANNELS), default=CHANNELS[0], show_default=True)
@click.option("--role", type=click.Choice(ROLES), default=ROLES[0], show_default=True)
@click.option("--environment", default="", metavar="NAME", help="Such as production or development.")
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="A field line; repeatable.")
@click.option("--security-incident", is_flag=True, help="A confirmed security incident.")
@click.option(
    "--launch", "launches", multiple=True, metavar="DATE", help="A launch that support was told of."
)
@click.option("--option", "bought", multiple=True, metavar="NAME", help="What was bought beside the plan.")
@click.option("--received", type=Instant(), help="When the mail was accepted; without it: --now.")
@click.option("--jsonl", is_flag=True, help="Answer cases from standard input, one JSON object a line.")
@as_json
@at_instant
def due(*, jsonl: bool, as_json: bool, now: datetime, **options: Any) -> None:
    """Say what a policy would promise in a case: what is due when."""
    desk = configuration().desk
    if jsonl:
        for line in _answers(sys.stdin.buffer, desk.policies):
            click.echo(line)
        return
    asked = question.asked(desk, options, now)
    try:
        promise = promised(asked.policy, asked.case, asked.received)
    except (UnknownCaseError, OverflowError) as error:
        raise Fault(str(error)) from None
    if as_json:
        about = {"policy": asked.policy.name, "plan": asked.case.plan, "received": asked.received}
        emit_json({**about, **full(promise)})
        return
    say("\n".join(question.answer(asked, promise)))
    if promise.targets:
        say()
        table(question.COLUMNS, [question.row(target, asked.received) for target in promise.targets])


@sla.command()
@click.argument("number", metavar="NUMBER")
@as_json
@at_instant
def explain(*, number: str, as_json: bool, now: datetime) -> None:
    """Show how a ticket's due instants came about, stretch by stretch. NUMBER is as in the subject.

    Every clock is told, also one that was replaced. A clock that was stopped is told alike for ever.
    """
    from mailgate.cli import explanation  # noqa: PLC0415 - `sla due` does not wait for the store

    told = explanation.of(number, now)
    if as_json:
        emit_json(explanation.plain(told), ascii_only=True)
    else:
        say("\n".join(explanation.lines(told)))


@sla.command()
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1)
@click.option("--account", default="", metavar="A", help="Only this account's tickets.")
@as_json
def verify(*, numbers: tuple[str, ...], account: str, as_json: bool) -> int:
    """Prove every clock by the journal.

    Each ticket's journal is gone through again and compared with what is stored; without NUMBER every
    ticket's. Nothing is changed. Ends with 1 where something differs.
    """
    from mailgate.cli import verification  # noqa: PLC0415 - `sla due` does not wait for the store

    return verification.told(numbers, account, as_json=as_json)


def _answers(lines: Iterable[bytes], policies: Mapping[str, Policy]) -> Iterator[str]:
    """One line for each case, at once: who asks over a pipe may wait for it before the next."""
    for line in lines:
        if line.strip():
            yield json.dumps(answer(line, policies), ensure_ascii=True, allow_nan=False)
