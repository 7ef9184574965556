"""What each vendor's customers and staff are told: mails through the rules, under the shipped policies."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import pytest

from mailgate.core.account import Account, AliasRole, Desk
from mailgate.core.address import ToAccount, TokenRole
from mailgate.core.change import Consequence, Fresh, HoldKind
from mailgate.core.consequence import consequence
from mailgate.core.intake import found
from mailgate.core.letterhead import Letterhead
from mailgate.core.notice import Acknowledgement, NotEntitled, Page, StaffNotice
from mailgate.core.outgoing import Context
from mailgate.core.ticket import TicketId
from mailgate.mail.render import Look
from tests.config.shipped import shipped
from tests.core.calendars import utc
from tests.core.desks import ACME, BOB, KEYS, NOON, desk, hearing, mail, signed
from tests.core.test_intake import KNOWN, TICKET
from tests.house.code import ROOT

LOOK = Look("Example Support", "support.example.com", ROOT / "templates")
ON_CALL = ToAccount("acme", "acme-oncall", AliasRole.ON_CALL)
Kind = TypeVar("Kind")
ALIAS = ToAccount("acme", "acme", AliasRole.SUPPORT)


@dataclass(frozen=True)
class Sent:
    """What follows from one mail."""

    what: Consequence
    words: dict[type[Context], str]

    def says(self, kind: type[Kind]) -> Kind:
        return next(one.context for one in self.what.drafts if isinstance(one.context, kind))


def sent(policy: str, plan: str, subject: str = "Help", text: str = "", **account: object) -> Sent:
    """What follows from a mail of Bob's, accepted on Friday 20 November 2026 at 12:00Z."""
    to = ON_CALL if account.pop("on_call", False) else ALIAS
    owner: Account = replace(ACME, policy=policy, plan=plan, **account)  # type: ignore[arg-type]
    rules = shipped(policy)
    office: Desk = replace(desk(owner), policies={policy: rules})
    heard = hearing(mail(BOB, subject, text=text, reply_text=text), to=to, account=owner)
    heard = replace(heard, desk=office, policy=rules, versions={rules.digest: rules})
    what = consequence(found(heard), heard, Letterhead(office, KEYS), Fresh(TicketId(8), 43))
    return Sent(what, {type(one.context): LOOK.words(one.context, NOON).text for one in what.drafts})


def clocks(what: Sent) -> dict[str, object]:
    assert what.what.ticket is not None
    return {clock.kind.value: clock.due for clock in what.what.ticket.clocks}


def test_silvers_mail_is_answered_kept_and_opens_no_ticket() -> None:
    """`policies.md` 4, `behaviour.md` 2.8"""
    silver = sent("pantheon-tiers", "silver")

    assert (silver.what.ticket, silver.what.hold and silver.what.hold.kind) == (None, HoldKind.NOT_ENTITLED)
    assert [type(one.context) for one in silver.what.drafts] == [NotEntitled]
    assert "Your plan: Silver" in silver.words[NotEntitled]
    assert "Chat: 24x5" in silver.words[NotEntitled]
    assert "Scope of support: Platform" in silver.words[NotEntitled]


@pytest.mark.parametrize(
    ("plan", "scope", "weight"),
    [("gold", "Technical", 10), ("platinum", "Performance", 20), ("diamond", "Dedicated", 30)],
)
def test_a_tiers_acknowledgement_names_its_scope_and_staff_its_place(
    plan: str, scope: str, weight: int
) -> None:
    """`policies.md` 4"""
    tier = sent("pantheon-tiers", plan)

    assert (
        tier.says(Acknowledgement).scope,
        f"Scope of support: {scope} (" in tier.words[Acknowledgement],
    ) == (
        scope,
        True,
    )
    assert tier.says(StaffNotice).ticket.bought == (
        f"{plan.capitalize()}, Tickets, scope {scope}, weight {weight} in the queue"
    )
    assert f"weight {weight} in the" in " ".join(tier.words[StaffNotice].split())


def test_an_on_call_ticket_without_a_number_pages_and_asks_for_it() -> None:
    """`policies.md` 5: a missing phone number delays nothing."""
    call = sent("pantheon-priority", "priority", "[On-Call] The site is down", "Site: acme.example\n\nHelp!")

    assert clocks(call) == {"escalation": utc("2026-11-20 13:00")}
    assert Page in call.words
    assert '"Phone: ..."' in call.words[Acknowledgement]
    assert "Not said, and asked for in the acknowledgement: Phone." in call.words[StaffNotice]
    assert "Not said, and asked for: Phone" in call.words[Page]
    assert call.what.ticket is not None
    assert (call.what.ticket.title, call.what.ticket.role) == ("The site is down", "on-call")


def test_an_on_call_alias_makes_the_same_of_a_mail_and_nothing_is_asked_for_twice() -> None:
    """`policies.md` 5"""
    text = "Organization: Acme\nPhone: +1 555 0100\n\nHelp!"
    call = sent("pantheon-priority", "priority", "Down", text, on_call=True)

    assert clocks(call) == {"escalation": utc("2026-11-20 13:00")}
    assert Page in call.words
    assert call.says(Acknowledgement).notes == ()
    assert call.says(StaffNotice).flags == ()


def test_a_regular_ticket_has_its_two_business_hours_and_pages_nobody() -> None:
    """`policies.md` 5"""
    regular = sent("pantheon-priority", "priority", "Question", "Site: acme.example\nType: question\n\nWhy?")

    assert clocks(regular) == {"response": utc("2026-11-20 19:00")}
    assert Page not in regular.words


def test_a_mail_to_planetscale_is_told_where_to_open_a_ticket_with_a_clock() -> None:
    """`policies.md` 2"""
    answer = sent("planetscale", "business", "[P1] Down")

    assert clocks(answer) == {}
    assert "https://support.planetscale.com/hc/en-us" in answer.words[Acknowledgement]
    assert "No fixed time is promised" in answer.words[Acknowledgement]


def test_a_range_and_best_effort_are_told_to_the_customer() -> None:
    """`policies.md` 3"""
    answer = sent("platformsh", "standard", "[Normal] Slow", projects=("shop",))

    told = " ".join(answer.words[Acknowledgement].split())
    assert clocks(answer) == {"response": utc("2026-11-24 12:00")}
    assert "expected from Monday 23 November, 12:00, by Tuesday 24 November, 12:00 UTC" in told
    assert "best effort" in told


@pytest.mark.parametrize(
    ("text", "projects", "sentence"),
    [
        ("", ("shop", "blog"), "A ticket is about one of your projects"),
        ("Project: forum\n\nDown.", ("shop", "blog"), "is not one of your active projects"),
        ("Project: shop\n\nDown.", (), "needs an active project"),
    ],
)
def test_a_ticket_without_its_project_is_refused_courteously(
    text: str, projects: tuple[str, ...], sentence: str
) -> None:
    """`policies.md` 3, `behaviour.md` 2.8"""
    answer = sent("platformsh", "standard", "[High] Down", text, projects=projects)

    assert (answer.what.ticket, answer.what.hold and answer.what.hold.kind) == (None, HoldKind.NOT_ENTITLED)
    assert sentence in " ".join(answer.words[NotEntitled].split())


@pytest.mark.parametrize(
    ("launches", "options", "priority"),
    [
        ((), (), "P2"),
        (("2026-11-23",), (), "P1"),
        (("2026-11-24",), (), "P2"),
        ((), ("non-production-24x7",), "P1"),
    ],
)
def test_what_the_account_told_and_bought_lifts_the_cap(
    launches: tuple[str, ...], options: tuple[str, ...], priority: str
) -> None:
    """`policies.md` 3"""
    answer = sent(
        "platformsh",
        "standard",
        "[Critical] Cannot deploy",
        "Environment: staging\n\nIt hangs.",
        projects=("shop",),
        launches=tuple(map(date.fromisoformat, launches)),
        options=options,
    )

    assert answer.what.ticket is not None
    assert answer.what.ticket.priority == priority


def test_a_p1_in_development_is_told_as_p2_with_its_reason() -> None:
    """`policies.md` 1"""
    answer = sent("particle", "enterprise", "[P1] Fleet down", "Environment: development\n\nAll of it.")

    told = " ".join(answer.words[Acknowledgement].split())
    assert "You asked for P1. An issue in development or testing counts as P2 at most." in told
    assert clocks(answer) == {"response": utc("2026-11-20 21:00"), "resolution": utc("2026-11-24 01:00")}


@pytest.mark.parametrize(("launches", "priority"), [((), "P2"), ((date(2026, 11, 23),), "P1")])
def test_a_tag_in_a_reply_is_capped_by_what_the_account_has_then(
    launches: tuple[date, ...], priority: str
) -> None:
    """`policies.md` 3; Business time 9"""
    rules = shipped("platformsh")
    owner = replace(ACME, policy="platformsh", plan="standard", launches=launches)
    office = replace(desk(owner), policies={"platformsh": rules})
    ticket = replace(
        TICKET, policy=rules.digest, plan="standard", priority="P3", environment="staging", clocks=()
    )
    facts = replace(KNOWN, tickets={ticket.id: ticket})
    heard = hearing(mail(BOB, "Re: [P1] Help"), facts, to=signed(TokenRole.CUSTOMER, BOB), account=owner)
    heard = replace(heard, desk=office, policy=rules, versions={rules.digest: rules})

    what = consequence(found(heard), heard, Letterhead(office, KEYS), Fresh(TicketId(8), 43))

    assert what.ticket is not None
    assert what.ticket.priority == priority
