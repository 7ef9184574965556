"""Knows the command `replay`: past mail under a policy, on a virtual clock. It changes nothing."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from mailgate import logs, wallclock
from mailgate.app.past import Past, read_past
from mailgate.archive import ArchiveError
from mailgate.cli import choice
from mailgate.cli.cases import CHANNELS, ROLES
from mailgate.cli.fault import Fault
from mailgate.cli.options import Instant, as_json, at_instant, configuration
from mailgate.cli.replayplain import Report, show_csv, show_json
from mailgate.cli.replaytables import show
from mailgate.core.account import Account, AliasRole, Desk
from mailgate.core.case import Case
from mailgate.core.past import Staff
from mailgate.core.policy import Policy
from mailgate.core.replay import replayed
from mailgate.core.scenario import ResolvedBy, Scenario
from mailgate.core.threads import threads

_PROGRESS = 500  # mails


@click.command()
@click.argument("archives", nargs=-1, required=True, metavar="MBOX...")
@click.option("--policy", "policy_name", metavar="NAME", help="Without it: the only one that accounts have.")
@click.option("--plan", metavar="NAME", help="Needed where the policy has several.")
@click.option(
    "--account", "account_key", metavar="KEY", help="Whose mail it is; it names policy and plan, too."
)
@click.option("--against", metavar="NAME", help="A second policy: what would end otherwise.")
@click.option("--against-plan", metavar="NAME", help="Its plan; alone: another plan of the first policy.")
@click.option(
    "--staff", "staff_named", multiple=True, metavar="WHO", help="An address or a domain; repeatable."
)
@click.option("--region", default="", metavar="NAME", help="Without it: the policy's default.")
@click.option("--channel", type=click.Choice(CHANNELS), default=CHANNELS[0], show_default=True)
@click.option("--role", type=click.Choice(ROLES), default=ROLES[0], show_default=True)
@click.option("--environment", default="", metavar="NAME", help="Of mails that do not say it.")
@click.option(
    "--resolved-by",
    type=click.Choice([one.value for one in ResolvedBy]),
    default=ResolvedBy.COMMAND.value,
    show_default=True,
    help="What ends a matter: a line /resolve, or also staff's last reply.",
)
@click.option("--people-only", is_flag=True, help="No tickets for what machines wrote.")
@click.option("--until", type=Instant(), help="Where the virtual clock stops; without it: at the last mail.")
@click.option("--tickets", is_flag=True, help="A line for each ticket as well.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@as_json
@at_instant
def replay(*, archives: tuple[str, ...], as_json: bool, as_csv: bool, now: datetime, **asked: Any) -> None:
    """Tell what a policy would have promised for past mail, and what of it was met and missed.

    MBOX is an mbox, a maildir, a mail file, a folder of such, or - for standard input; there may be several.
    Staff are the configured staff and everybody at the service's domain, unless --staff says who.
    """
    if as_csv and as_json:
        raise Fault("--csv and --json: choose one of them")
    logs.set_up(wallclock.now, sys.stderr)  # of a mail that goes beyond the reader's limits
    desk = configuration().desk
    account = choice.account(desk, asked["account_key"])
    scenarios = _scenarios(desk, account, asked)
    staff = _staff(desk, asked["staff_named"])
    past = _read(archives, staff, now)
    found = threads(past.mails, staff, account, machines=not asked["people_only"])
    until = asked["until"] or max((mail.at for mail in past.mails), default=now)
    replays = tuple(replayed(found.threads, scenario, until) for scenario in scenarios)
    report = Report(archives, past, found, staff, replays)
    if as_json:
        show_json(report, tickets=asked["tickets"])
    elif as_csv:
        show_csv(report, tickets=asked["tickets"])
    else:
        show(report, tickets=asked["tickets"])


def _scenarios(desk: Desk, account: Account | None, asked: Mapping[str, Any]) -> list[Scenario]:
    """The scenario, and the one to hold against it where there is one."""
    policy = choice.policy(desk, asked["policy_name"] or (account.policy if account else None))
    given = _given(policy, account, asked)
    scenario = Scenario(policy, given, _on_call(desk), ResolvedBy(asked["resolved_by"]))
    if not (asked["against"] or asked["against_plan"]):
        return [scenario]
    other = choice.policy(desk, asked["against"] or policy.name)
    options = given.options if other is policy else ()
    region = given.region if given.region in other.regions else ""
    plan = choice.plan(other, asked["against_plan"], "--against-plan")
    return [
        scenario,
        replace(scenario, policy=other, given=replace(given, plan=plan, region=region, options=options)),
    ]


def _given(policy: Policy, account: Account | None, asked: Mapping[str, Any]) -> Case:
    """What every case has in common; of the account only what its own policy knows, where that is another."""
    case = Case("", channel=asked["channel"], role=asked["role"], environment=asked["environment"])
    plan, region = asked["plan"], asked["region"]
    if account is not None:
        case = replace(case, projects=account.projects, launches=account.launches)
    if account is not None and account.policy == policy.name:
        case = replace(case, options=account.options)
        plan, region = plan or account.plan, region or account.region
    return replace(case, plan=choice.plan(policy, plan), region=choice.region(policy, region))


def _on_call(desk: Desk) -> frozenset[str]:
    """The addresses at which the person on call is asked for."""
    aliases = (alias for alias, (_, role) in desk.by_alias.items() if role is AliasRole.ON_CALL)
    return frozenset(f"{alias}@{desk.domain}" for alias in aliases)


def _staff(desk: Desk, named: Iterable[str]) -> Staff:
    names = [name.strip().lower() for name in named]
    if not names:
        members = {member.address for account in desk.accounts.values() for member in account.staff}
        members |= {member.address for member in desk.staff}
        return Staff(frozenset(one.lower() for one in members), frozenset({desk.domain}))
    wrong = next((name for name in names if "." not in name.rpartition("@")[2]), None)
    if wrong is not None:
        raise Fault(f"--staff {wrong}: write an address or a domain, such as sam@example.com or example.com")
    addresses = frozenset(name for name in names if "@" in name[1:])
    return Staff(addresses, frozenset(name.removeprefix("@") for name in names) - addresses)


def _read(archives: tuple[str, ...], staff: Staff, now: datetime) -> Past:
    try:
        return asyncio.run(read_past(archives, staff, now, _progress()))
    except ArchiveError as error:
        raise Fault(f"{error}; name an mbox, a maildir, a mail file or a folder of them") from None
    finally:
        if sys.stderr.isatty():
            click.echo("\r\033[K", nl=False, err=True)


def _progress() -> Callable[[int], None]:
    """Tells a person at a terminal how far the reading is; a script hears nothing."""
    if not sys.stderr.isatty():
        return lambda _: None

    def tell(count: int) -> None:
        if count % _PROGRESS == 0:
            click.echo(f"\r{count:,} mails read", nl=False, err=True)

    return tell
