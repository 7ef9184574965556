import pytest

from mailgate.core.subject import forwards, numbers, tags, title


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("[P1] down", ("p1",)),
        ("Re: Fwd: down [p2]", ("p2",)),
        ("[ P3 ] x", ("p3",)),
        ("[P1 - urgent] x", ("p1",)),
        ("[P1: urgent] x", ("p1",)),
        ("[P1-urgent] x", ("p1",)),
        ("[Critical] x [P4]", ("critical", "p4")),
        ("[On-Call] site down", ("on-call",)),
        ("[ACME-42] x", ("acme-42",)),
        ("[] [ ] x", ()),
        ("[a[P1]b", ("p1",)),
        ("no tag (P1)", ()),
        ("\uff3b\uff30\uff11\uff3d x", ()),
    ],
)
def test_a_tag_is_the_word_in_brackets(subject: str, found: tuple[str, ...]) -> None:
    """policies.md, Tags in a subject"""
    assert tags(subject) == found


@pytest.mark.parametrize(
    ("subject", "left"),
    [
        ("[P1] The fleet is down", "The fleet is down"),
        ("Re: AW: [P1 - urgent] The fleet is down", "The fleet is down"),
        ("Fwd: Re[2]: down [P1]", "down"),
        ("[OFFICE] printer [P2] on fire", "[OFFICE] printer on fire"),
        ("[P1]", "[P1]"),
        ("Re:", "Re:"),
        ("Reply: wanted", "Reply: wanted"),
    ],
)
def test_a_title_is_the_subject_without_what_is_around_it(subject: str, left: str) -> None:
    """policies.md, Tags in a subject: the tag is taken off the ticket's title"""
    assert title(subject, {"p1", "p2", "p3", "p4"}) == left


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("Re: [ACME-42] x", ("ACME-42",)),
        ("[acme-42] and [ACME-EU-7]", ("ACME-42", "ACME-EU-7")),
        ("[P1-2]", ("P1-2",)),
        ("Re: AW: [acme-list] [  ACME - 42  ] x [P2]", ("ACME-42",)),
        ('Re: "[acme-42] Printer... "', ("ACME-42",)),
        ("VeryStrangeRe: [ACME\u201142]", ("ACME-42",)),
        ("Printer on fire [ACME-42]", ("ACME-42",)),
        ("[ACME-42 and more] [ACME-] [ACME--42] [-42] [42] [[ACME-42", ()),
        ("ACME-42 without brackets", ()),
        ("[ACME-042]", ()),
        ("[ACME-]", ()),
    ],
)
def test_ticket_numbers_stand_in_brackets(subject: str, found: tuple[str, ...]) -> None:
    """behaviour.md 3.1"""
    assert numbers(subject) == found


def test_a_forward_says_so_first() -> None:
    assert [forwards(text) for text in ("Fwd: x", "WG: x", "Tr: x", "Re: Fwd: x", "Forward x")] == [
        True, True, True, False, False,
    ]  # fmt: skip
