"""mail/signature: where a signature begins, and what only looks like one."""

import pytest

from mailgate.core.message import Message
from mailgate.mail import signature
from mailgate.mail.line import lines_of, text_of
from mailgate.mail.parse import parse


def unsigned(text: str) -> str:
    return text_of(signature.without(lines_of(text))).strip()


def of_both(plain: str, page: str) -> Message:
    """A mail that says the same as plain text and as a page."""
    read = parse(
        b"From: sam@example.com\nContent-Type: multipart/alternative; boundary=b\n\n"
        b"--b\nContent-Type: text/plain; charset=utf-8\n\n%s\n--b\nContent-Type: text/html\n\n%s\n--b--\n"
        % (plain.encode(), page.encode())
    )
    assert isinstance(read, Message)
    return read


@pytest.mark.parametrize(
    "delimited",
    [
        "-- \nBob\nAcme Corp",
        "--\nBob",
        "-- \nBob\n\n-- \nusers mailing list",
        "______________\nBob Baker\nAcme Corp, 555-0100",
        "_______________________________________________\nusers mailing list\nhttps://lists.example/listinfo/users",
        "Sent from my iPhone\n\n-- \nBob",
        "-- \nBob\n\nSent from my iPhone",
        "Sent from my iPhone\nBob Baker",
        "\N{CANADIAN SYLLABICS FINAL MIDDLE DOT}",
    ],
)
def test_a_signature_is_cut(delimited: str) -> None:
    """behaviour.md 4.6"""
    assert unsigned(f"It burns.\n\n{delimited}\n") == "It burns."
    assert unsigned(delimited) == ""


@pytest.mark.parametrize(
    "text",
    [
        "One:\n-- a\n-- b",
        "First\n\n---\n\nSecond",
        "First\n\n_____\n\nSecond",
        "Name: Bob\n_____\nTown: Rome",
        "Choose\n--verbose\nor not",
        "SELECT 1 -- one\nfrom x",
        "Sent from my iPhone, the pictures were all black.\nWhat now?\n\nBob",
        "Sent from my desk, which is far from it.",
        "It was sent via Outlook on Monday, and came back.\nIt burns.",
        "Get the parcel, please.",
        "Bob\nAcme Corp\n+1 555 0100",
    ],
)
def test_what_is_no_signature_is_kept(text: str) -> None:
    """behaviour.md 4.6: in doubt nothing is cut."""
    assert unsigned(text) == text


@pytest.mark.parametrize(
    "tag",
    [
        '<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">',
        '<div id="Signature" class="elementToProof">',
        '<div id="x_Signature">',
        '<div class="moz-signature">',
        '<div class="protonmail_signature_block">',
        '<div id="ms-outlook-mobile-signature">',
    ],
)
def test_what_the_page_marks_as_signature_is_none_of_the_words(tag: str) -> None:
    """behaviour.md 4.6"""
    page = f"<div>It burns.</div>{tag}<div>Bob <b>Baker</b></div><div>Acme Corp</div></div>"
    assert of_both("", page).reply_text == "It burns."
    assert of_both("It burns.\n\nBob Baker\nAcme\nCorp", page).reply_text == "It burns."
    assert of_both("It burns.\n\n-- \nBob Baker\nAcme Corp", page).reply_text == "It burns."
    assert of_both("It burns.\n\nBob Baker\nAcme Corporation", page).reply_text.endswith("Corporation")


def test_words_below_a_marked_signature_are_kept_with_it() -> None:
    page = '<div>It burns.</div><div class="gmail_signature">Bob</div><div>And smokes.</div>'
    assert of_both("", page).reply_text == "It burns.\nBob\nAnd smokes."


def test_a_marked_signature_that_never_ends_does_not_swallow_the_mail() -> None:
    page = '<div>It burns.</div><div class="gmail_signature">Bob<p>And smokes.</p>'
    assert of_both("", page).reply_text == "It burns.\nBob\n\nAnd smokes."


def test_a_mail_that_is_only_a_signature_has_no_words_of_its_own() -> None:
    """behaviour.md 4.2"""
    read = of_both("Bob\nAcme Corp", '<div id="Signature">Bob<br>Acme Corp</div>')
    assert (read.only_quotes, read.reply_text) == (True, "Bob\nAcme Corp")
