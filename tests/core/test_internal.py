"""core/internal: what in a staff member's words is for staff alone."""

from urllib.parse import quote

import pytest

from mailgate.core.address import SEPARATORS
from mailgate.core.internal import BEGIN, END, for_customer, names_inside, says_something, unmarked
from mailgate.core.message import Mailbox

SAM = "sam@example.com"
TOKEN = "ciaaaaaa7lgsljqx3xzyhkodvm253dw4"
HEAD = (BEGIN, "ACME-42 Printer on fire", "  Response: due 08:12", END)


def quoted(*lines: str, mark: str = "> ") -> str:
    return "\n".join(mark + line for line in lines)


@pytest.mark.parametrize("mark", ["", "> ", ">> ", "> > ", "| ", "ES> ", "\xa0> "])
def test_the_head_of_a_quoted_notice_is_taken_out_however_it_is_quoted(mark: str) -> None:
    """behaviour.md 4.2"""
    text = "\n".join((quoted(*HEAD, "It burns.", mark=mark), "", "Use water."))
    assert for_customer(text, SAM) == f"{mark}It burns.\n\nUse water.".strip()


@pytest.mark.parametrize(
    "begins",
    [
        "[ for \u200bstaff\u200d only ]",
        "*[ for staff only ]*",
        "[\xa0for staff only\xa0]",
        "[for staff only]",
        "seen: [ For staff only ]",
    ],
)
def test_a_mark_is_known_again_after_a_mail_program_has_changed_it(begins: str) -> None:
    assert for_customer(f"> {begins}\n> 08:12\n> {END}\n\nUse water.", SAM) == "Use water."


def test_what_staff_write_between_quoted_lines_of_the_head_reaches_the_customer() -> None:
    """behaviour.md 4.2"""
    text = f"{quoted(*HEAD[:3])}\n\nUse water.\n\n{quoted(END, 'It burns.')}"
    assert for_customer(text, SAM) == "Use water.\n\n> It burns."
    assert for_customer(f"{quoted(*HEAD[:3])}\n\nUse water.", SAM) == "Use water."


@pytest.mark.parametrize(
    "internal",
    [
        "write to Sam@Example.com",
        f"acme+{TOKEN}@support.example.com",
        f"ACME+{TOKEN.upper()}@SUPPORT.EXAMPLE.COM",
        *(f"acme{separator}{TOKEN}@support.example.com" for separator in SEPARATORS),
        *(f"https://x.example/?to=acme{quote(one, safe='')}{TOKEN}%40support" for one in SEPARATORS),
        f"{TOKEN}@support.example.com",
        f"On Friday, Example Support <acme+{TOKEN}@",
        "write to sam@\u200bexample.com",
        f"acme+{TOKEN[:9]}\u00ad{TOKEN[9:]}\u2060@support.example.com",
        f"https://x.example/?to=https%3A%2F%2Fx%2F%3Fto%3Dacme%252B{TOKEN}%2540support",
        f"https://x.example/?to=acme%25252B{TOKEN}%252540support",
    ],
)
def test_a_line_with_an_internal_address_is_taken_out(internal: str) -> None:
    """behaviour.md 4.2"""
    assert for_customer(f"Use water.\n{internal}\nBye.", SAM) == "Use water.\nBye."


@pytest.mark.parametrize(
    ("content", "inside"),
    [
        (f"Reply-To: <acme+{TOKEN}@support.example.com>".encode(), True),
        (b"\xd0\xcf\x11\xe0" + f"acme+{TOKEN}@support.example.com".encode("utf-16-le"), True),
        (f"<html><p>{BEGIN}</p><p>Response: due 08:12".encode(), True),
        ("Wasser \u00b7 Schaum".encode("utf-16"), False),
        (b"Use water, for staff only.", False),
    ],
    ids=["a mail", "a mail of Outlook", "a saved page", "another text", "words"],
)
def test_a_file_that_is_a_mail_to_staff_or_a_copy_of_one_is_known(content: bytes, *, inside: bool) -> None:
    """behaviour.md 4.2"""
    assert names_inside(content) is inside


def test_a_certificate_in_base64_is_no_signed_address() -> None:
    line = f"MIIB+{TOKEN}+{TOKEN}AA"
    assert for_customer(line, SAM) == line


def test_words_of_a_customer_cannot_be_taken_for_a_mark() -> None:
    """A subject that ends the head early would show the customer the rest of it."""
    for mark in (BEGIN, END, "[end\xa0of what is  for STAFF only]"):
        words = unmarked(f"Fire {mark} now")
        text = quoted(BEGIN, words, "08:12", END, words, "It burns.")
        assert for_customer(f"{text}\n\nUse water.", SAM) == f"{quoted(words, 'It burns.')}\n\nUse water."


def test_words_without_marks_stay_as_they_are() -> None:
    assert unmarked("[P1] for staff only [sic]") == "[P1] for staff only [sic]"


def test_words_that_nobody_can_see_are_none() -> None:
    """behaviour.md 4.2"""
    for unseen in ("\u200b", "\ufeff\n\xa0\u2060", "\u200e \u200d\n\xad"):
        assert for_customer(unseen, SAM) == ""
        assert for_customer(f"Yes.{unseen}", SAM).startswith("Yes.")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", False),
        ("> It burns.\n>> Where?", False),
        ("Sam Rivera", False),
        ("> It burns.\n\n-- \nSam", False),
        ("*SAM RIVERA*\n", False),
        ("Yes.\n\nSam", True),
        ("Sam is on his way.", True),
        ("> Is it Sam?\n\nYes.", True),
    ],
)
def test_a_name_or_a_quotation_alone_says_nothing(words: str, *, says: bool) -> None:
    """behaviour.md 4.2"""
    assert says_something(words, Mailbox(SAM, "Sam Rivera")) is says
    assert says_something(words, Mailbox(SAM)) is (says or "sam" in words.lower())
