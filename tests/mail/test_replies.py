"""Replies to mails of our own, as each mail program quotes them: nothing but the answer comes out."""

import textwrap
from pathlib import Path

import pytest

from mailgate.core.message import Message
from mailgate.core.outgoing import Context, MailKind
from mailgate.mail.parse import parse
from mailgate.mail.render import Look
from mailgate.mail.samples import NOW, SAMPLES
from tests.mail.test_marks import MARKUP, bold, filled, shown, words
from tests.mail.test_tongues import TONGUES, own

LOOK = Look("Example Support", "support.example.com", Path(__file__).parents[2] / "templates")
ANSWERED = (
    MailKind.ACKNOWLEDGEMENT,
    MailKind.RELAYED_REPLY,
    MailKind.STAFF_NOTICE,
    MailKind.INTERNAL_NOTE,
    MailKind.WARNING,
)
CONTEXTS = [pytest.param(sample, id=str(kind)) for kind in ANSWERED for sample in SAMPLES[kind][:1]]
ENGLISH = TONGUES["english"]
ANSWERS = ("It still burns.\n\n- the first one\n- the second one\n\nBob", "/ack\n\nWe look at it.")


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_reply_to_our_text_is_the_answer_alone(context: Context, answer: str) -> None:
    """behaviour.md 4.6"""
    text = LOOK.words(context, NOW).text
    quoted = textwrap.indent(text, "> ", lambda _: True)
    for introduction in ENGLISH["attributions"].values():
        assert own(f"{answer}\n\n{introduction}\n{quoted}\n") == answer
        assert own(f"{introduction}\n{quoted}\n\n{answer}\n") == answer
        assert own(f"{answer}\n\n{introduction}\n\n{text}\n") == answer
    for header in ENGLISH["headers"].values():
        assert own(f"{answer}\n\n{header.strip()}\n\n{text}\n") == answer
    for rule in ENGLISH["rules"]:
        assert own(f"{answer}\n\n{rule}\n\n{text}\n") == answer
    assert own(f"{answer}\n\n{quoted}\n") == answer


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("program", MARKUP["introduced"])
def test_a_reply_to_our_page_is_the_answer_alone(context: Context, program: str) -> None:
    """behaviour.md 4.6"""
    page = LOOK.words(context, NOW).html
    introduction = ENGLISH["attributions"].get(program, ENGLISH["attributions"]["Gmail"])
    for answer in ANSWERS:
        reply = filled(MARKUP["introduced"][program], answer, page, INTRODUCTION=shown(introduction))
        assert words(reply) == answer


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("program", MARKUP["headed"])
def test_a_reply_to_our_page_below_header_lines_is_the_answer_alone(context: Context, program: str) -> None:
    """behaviour.md 4.6"""
    page = LOOK.words(context, NOW).html
    header = ENGLISH["headers"]["Outlook"].strip()
    for answer in ANSWERS:
        assert words(filled(MARKUP["headed"][program], answer, page, HEADLINES=bold(header))) == answer


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_mail_that_only_quotes_ours_has_no_words_of_its_own(context: Context) -> None:
    """behaviour.md 4.2"""
    quoted = textwrap.indent(LOOK.words(context, NOW).text, "> ", lambda _: True)
    introduction = ENGLISH["attributions"]["Gmail"]
    read = parse(f"From: sam@example.com\n\n{introduction}\n{quoted}\n\n-- \nSam".encode())
    assert isinstance(read, Message)
    assert read.only_quotes
