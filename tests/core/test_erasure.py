"""One rule takes a person out of every text, and nobody else."""

import pytest

from mailgate.core.erasure import Person, left_of_fields, pseudonym

GONE = pseudonym("1a2b3c4d")
BOBINA = Person("bobina@acme.example", GONE, frozenset({"Bobina Tables"}), {"ACME-7": "The vault burns"})


def test_a_pseudonym_is_at_a_domain_in_which_nobody_is() -> None:
    assert GONE == "erased-1a2b3c4d@erased.invalid"


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("bobina@acme.example", GONE),
        ("<Bobina@ACME.example>", f"<{GONE}>"),
        ("smtp.mailfrom=bobina@acme.example;", f"smtp.mailfrom={GONE};"),
        ("to bobina@acme.example.", f"to {GONE}."),
        ("rfc822;bobina@acme.example, x@y.example", f"rfc822;{GONE}, x@y.example"),
    ],
)
def test_an_address_is_taken_out_wherever_it_stands(text: str, without: str) -> None:
    assert BOBINA.text(text) == without


@pytest.mark.parametrize(
    "text",
    [
        *(
            "notbobina@acme.example",
            "x.bobina@acme.example",
            "bobina@acme.example.org",
            "bobina@acme.examples",
        ),
        *("bobina+list@acme.example", "-bobina@acme.example", "Bobina Tables"),
    ],
)
def test_somebody_elses_address_stays(text: str) -> None:
    assert BOBINA.text(text) == text


def test_names_and_titles_go_from_their_own_tickets_alone() -> None:
    text = "Re: The vault burns, says Bobina Tables"
    assert BOBINA.text(text, own=True) == "Re: erased, says erased"
    assert BOBINA.text(text) == text
    assert BOBINA.text("Bobina Tablespoon", own=True) == "Bobina Tablespoon"
    assert Person("x@y.example", GONE).text("Re: a", own=True) == "Re: a"


def test_a_mailbox_loses_its_name_in_every_value() -> None:
    value = {
        "people": [{"mailbox": {"address": "Bobina@acme.example", "name": "B. T."}, "side": "customer"}],
        "joined": ["bobina@acme.example"],
        "count": 3,
        "by": None,
        "other": {"address": "x@y.example", "name": "X"},
    }
    assert BOBINA.value(value) == {
        "people": [{"mailbox": {"address": GONE, "name": "erased"}, "side": "customer"}],
        "joined": [GONE],
        "count": 3,
        "by": None,
        "other": {"address": "x@y.example", "name": "X"},
    }


def test_a_message_id_of_theirs_may_hide_the_address_in_a_word() -> None:
    value = {"thread": [{"message_id": "x1.bobina@acme.example"}]}
    assert BOBINA.value(value, own=True) == {"thread": [{"message_id": f"x1.{GONE}"}]}
    assert BOBINA.value(value) == value


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ask bobina@acme.example", True),
        ("Bobina Tables said", True),
        ("Bobina said", False),
        ("ACME-7: The vault burns", True),
        ("The vault burns", False),
        ("ACME-7", False),
    ],
)
def test_others_name_them_by_address_by_whole_name_or_by_a_ticket(text: str, named: bool) -> None:  # noqa: FBT001
    assert BOBINA.is_named_in(text) is named


def test_fields_stay_that_the_policy_asks_for() -> None:
    policy = '[requirements]\n"Device OS" = "always"\n'
    fields = {"device os": "6.1.0", "Telephone": "+44 20 7946 0000"}
    assert left_of_fields(fields, policy) == {"device os": "6.1.0"}
