"""A mail's words, where its templates are ours and what they are told differs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailgate.core.clock import TargetKind
from mailgate.core.notice import Acknowledgement, Link, StaffNotice
from mailgate.core.outgoing import MailKind
from mailgate.core.promise import Promised
from mailgate.mail.render import Look
from mailgate.mail.samples import SAMPLES

LOOK = Look("Example Support", "support.example.com", Path(__file__).parents[2] / "templates")
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 19, 30, tzinfo=UTC)
ACKNOWLEDGEMENT = Acknowledgement("ACME-42", "Gateway offline", NOW, "P2")


def test_what_a_second_member_of_staff_is_told_is_told_by_the_clock_again() -> None:
    notice = SAMPLES[MailKind.STAFF_NOTICE][0]
    assert isinstance(notice, StaffNotice)
    instants = (NOW, NOW, NOW + timedelta(hours=1), NOW)
    told = [LOOK.words(notice, now).text for now in instants]
    assert ["in 3 h (4 business hours)\n" in text for text in told] == [True, True, False, True]
    assert LOOK.words(replace(notice, text="Otherwise."), NOW).text != told[0]


@pytest.mark.parametrize(
    ("dues", "preview"),
    [
        ((), "ACME-42, priority P2"),
        ((None,), "ACME-42, priority P2"),
        ((None, DUE, NOW), "ACME-42, priority P2. First response by Monday 23 November, 19:30 UTC"),
    ],
)
def test_a_list_of_mails_shows_the_first_promise_that_has_an_instant(
    dues: tuple[datetime | None, ...], preview: str
) -> None:
    """behaviour.md 5.1"""
    targets = tuple(Promised(TargetKind.RESPONSE, "4 hours", due) for due in dues)
    assert f">{preview}</div>" in LOOK.words(replace(ACKNOWLEDGEMENT, targets=targets), NOW).html


@pytest.mark.parametrize(
    ("address", "led"),
    [
        ("https://status.example.com/", True),
        ("tel:+15550100", True),
        ("+1 555 0100", False),
        ("javascript:alert(1)", False),
        ("/etc/https://", False),
    ],
)
def test_a_link_leads_only_where_a_reader_may_be_sent(address: str, *, led: bool) -> None:
    html = LOOK.words(replace(ACKNOWLEDGEMENT, links=(Link("Status", address),)), NOW).html
    assert (f'href="{address}"' in html) is led
    assert f">{address}<" in html
