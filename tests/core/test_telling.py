"""A promise as a customer is told it."""

from dataclasses import replace

import pytest

from mailgate.core.case import Case
from mailgate.core.clock import TargetKind
from mailgate.core.notice import StaffNotice
from mailgate.core.promise import Promised, promised
from mailgate.core.telling import amounts, by_when, how_much, in_words, priority_name
from tests.core.calendars import local, utc
from tests.core.desks import BOB, desk, hearing, mail
from tests.core.histories import WITH_NEXT
from tests.core.policies import BERLIN, VENDOR
from tests.core.test_consequence import follows

PACIFIC = "America/Los_Angeles"
FRIDAY = local("2026-11-20 15:00", PACIFIC)
RESPONSE = Promised(
    TargetKind.RESPONSE,
    "4 business hours",
    local("2026-11-23 11:00", PACIFIC),
    zone=PACIFIC,
    calendar="office",
)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        pytest.param(RESPONSE, "by Monday 23 November, 11:00 Pacific (4 business hours)", id="business time"),
        pytest.param(
            replace(RESPONSE, zone="Europe/Berlin"),
            "by Monday 23 November, 20:00 Central European time (4 business hours)",
            id="in the customer's zone",
        ),
        pytest.param(
            replace(RESPONSE, zone="UTC-08:00"),
            "by Monday 23 November, 11:00 UTC-8 (4 business hours)",
            id="in a zone without a name",
        ),
        pytest.param(
            replace(RESPONSE, words="1 hour", calendar=""),
            "by Monday 23 November, 11:00 Pacific (1 hour, around the clock)",
            id="wall-clock time",
        ),
        pytest.param(
            replace(RESPONSE, words="2 days", calendar="", met_by="de-escalation to P2"),
            "by Monday 23 November, 11:00 Pacific (2 days, around the clock, met by de-escalation to P2)",
            id="met by something else",
        ),
        pytest.param(
            replace(RESPONSE, words="1-2 business days", expected_from=FRIDAY),
            "expected from Friday 20 November, 15:00, by Monday 23 November, 11:00 Pacific"
            " (1-2 business days)",
            id="a range",
        ),
        pytest.param(
            replace(RESPONSE, due=local("2027-01-04 11:00", PACIFIC)),
            "by Monday 4 January 2027, 11:00 Pacific (4 business hours)",
            id="next year",
        ),
        pytest.param(
            Promised(TargetKind.RESOLUTION, "best effort", None),
            "as soon as we can (best effort, without a fixed time)",
            id="best effort",
        ),
    ],
)
def test_a_promise_is_said_in_words_that_a_customer_understands(target: Promised, words: str) -> None:
    assert in_words(target, FRIDAY) == words


def test_an_answer_to_each_later_mail_has_no_instant_yet() -> None:
    later = replace(RESPONSE, kind=TargetKind.NEXT_RESPONSE, due=None)

    assert in_words(later, FRIDAY) == "each within 4 business hours"
    assert (
        in_words(replace(later, words="1 hour", calendar=""), FRIDAY)
        == "each within 1 hour (around the clock)"
    )
    assert in_words(replace(later, words="best effort"), FRIDAY) == (
        "as soon as we can (best effort, without a fixed time)"
    )


def test_what_a_policy_promises_for_later_mails_is_told_before_the_first_of_them() -> None:
    """Until a later mail comes there is no due instant, and yet it is no best effort."""
    targets = promised(WITH_NEXT, Case("full", asked="P2"), FRIDAY).targets

    assert [in_words(one, FRIDAY) for one in targets if one.kind is TargetKind.NEXT_RESPONSE] == [
        "each within 2 business hours"
    ]


def test_the_parts_are_there_for_mails_that_show_them_apart() -> None:
    assert by_when(RESPONSE, FRIDAY) == "by Monday 23 November, 11:00 Pacific"
    assert how_much(RESPONSE) == "4 business hours"


def test_what_a_policy_promises_is_said_as_it_promises_it() -> None:
    friday = local("2026-11-20 15:00", BERLIN)
    targets = [promised(VENDOR, Case("full", asked=name), friday).targets for name in ("P1", "P2", "P3")]

    assert [[in_words(target, friday) for target in several] for several in targets] == [
        [
            "by Friday 20 November, 15:15 Central European time (15 minutes, around the clock)",
            (
                "by Sunday 22 November, 15:00 Central European time"
                " (2 days, around the clock, met by de-escalation to P2)"
            ),
        ],
        [
            "by Monday 23 November, 11:00 Central European time (4 business hours)",
            "by Tuesday 24 November, 15:00 Central European time (2 business days)",
        ],
        [
            (
                "expected from Monday 23 November, 15:00, by Tuesday 24 November, 15:00 Central European time"
                " (1-2 business days)"
            ),
            "as soon as we can (best effort, without a fixed time)",
        ],
    ]


def test_the_year_is_that_of_the_reader() -> None:
    """In California it is still 2026."""
    new_year = replace(RESPONSE, due=utc("2027-01-01 07:00"))

    assert by_when(new_year, utc("2027-01-01 06:00")) == "by Thursday 31 December, 23:00 Pacific"


def test_staff_are_told_how_much_time_each_target_has() -> None:
    ticket = follows(hearing(mail(subject="[P1] Printer on fire"))).ticket
    assert ticket is not None

    assert amounts(ticket, desk()) == {
        (TargetKind.RESPONSE, "P1"): "1 hour",
        (TargetKind.RESOLUTION, "P1"): "2 days",
    }


def test_what_the_policy_says_now_is_not_told_of_a_ticket_that_was_promised_something_else() -> None:
    ticket = follows(hearing(mail())).ticket
    assert ticket is not None

    assert amounts(replace(ticket, policy="an older one"), desk()) == {}
    assert amounts(replace(ticket, account="gone"), desk()) == {}


def test_staff_are_told_the_vendors_word_for_a_priority() -> None:
    ticket = follows(hearing(mail(BOB, "[P2] Help"))).ticket
    assert ticket is not None

    notice = follows(hearing(mail(BOB, "[P2] Help"))).drafts[1].context
    assert isinstance(notice, StaffNotice)
    assert (notice.ticket.priority, notice.ticket.priority_name) == ("P2", "high")
    assert priority_name(replace(ticket, priority="P9"), desk()) == ""
    assert priority_name(replace(ticket, account="gone"), desk()) == ""
