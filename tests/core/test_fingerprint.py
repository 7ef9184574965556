"""core/fingerprint: automatic answers are alike, whatever they name; what people write is not."""

from itertools import combinations

import pytest

from mailgate.core.fingerprint import alike, fingerprint

ANSWER = (
    "Thank you for your mail. We have opened ticket {name} for it. What you wrote: {subject}. "
    "Its priority is P3 (normal), so that somebody answers by {day}, 17:00 Pacific (two business days). "
    "To add something, answer this mail; whoever works on your ticket then sees it. Example Support"
)
AWAY = "Ich bin bis {day} nicht im Büro und lese keine Mails. In dringenden Fällen hilft Ihnen Frau Kim."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ANSWER.format(name="ACME-1", subject="Fire", day="Monday 23 November"),
            ANSWER.format(name="BETA-77", subject="[ACME-1] Fire", day="Friday 4 December"),
        ),
        (AWAY.format(day="Montag, 23.11."), AWAY.format(day="Freitag, 4.12.")),
        ("自動返信です。担当者は不在です。", "自動返信です。担当者は不在です。 2026/11/20"),
        ("Order 123 has shipped", "order 99 HAS shipped!"),
        ("", "123 456"),
    ],
)
def test_what_one_program_writes_is_alike(one: str, other: str) -> None:
    """behaviour.md 5.3"""
    assert alike(fingerprint(one), fingerprint(other))


MAILS = (
    "The printer on the second floor prints every page twice since this morning.",
    "Our gateways in Berlin drop their connections every ten minutes, all of them at once.",
    "Could you please raise the limit of our account? We expect more traffic on Friday.",
    "Thanks, that was it! You can close the ticket.",
    "Login fails with error 500 after the update; see the attached screenshot.",
    "Wir können uns seit heute früh nicht mehr anmelden, es kommt immer nur eine leere Seite.",
    "自動返信です。担当者は不在です。",
    "Yes, done.",
    "Yes, please.",
    "No, please.",
    "Please do that.",
    "Please do that now.",
    "Restart the other server, please.",
    "Restart the third server, please.",
    "",
)


@pytest.mark.parametrize(("one", "other"), [*combinations(MAILS, 2)])
def test_what_people_write_is_not(one: str, other: str) -> None:
    """behaviour.md 5.3"""
    assert not alike(fingerprint(one), fingerprint(other))


def test_a_fingerprint_fits_a_signed_column_and_stays_the_same() -> None:
    """It is stored: what is reckoned tomorrow must be comparable."""
    found = [fingerprint(text) for text in MAILS]
    assert all(-(1 << 63) <= one < 1 << 63 for one in found)
    assert any(one < 0 for one in found)
    assert fingerprint(MAILS[3]) == 4481761799752774678
