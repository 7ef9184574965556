"""Mail as it is sent: read back by the standard library, which shares no line with mail.write."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.clock import Clock, ClockState, TargetKind
from mailgate.core.message import Attachment, DeliveryReport, Mailbox, Origin
from mailgate.core.message import Message as Reading
from mailgate.core.notice import (
    Acknowledgement,
    DeliveryProblem,
    InternalNote,
    Link,
    Matter,
    OperatorNotice,
    RelayedReply,
    StaffNotice,
)
from mailgate.core.outgoing import AutoSubmitted, Care, Draft, Enclosure, MailKind
from mailgate.core.promise import Promised
from mailgate.core.ticket import Status
from mailgate.core.tickethead import TicketHead
from mailgate.mail.compose import compose
from mailgate.mail.fields import UnwritableError
from mailgate.mail.parse import parse
from mailgate.mail.render import Look
from mailgate.mail.shelf import Reader
from mailgate.mail.write import Field, Letter, TamperedHeaderError, written

TEMPLATES = Path(__file__).parents[2] / "templates"
LOOK = Look("Example Support", "support.example.com", TEMPLATES)
RECEIVED = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
KIM = Mailbox("kim@example.com", "Kim")
PACIFIC = "America/Los_Angeles"

ACKNOWLEDGEMENT = Acknowledgement(
    ticket="ACME-42",
    title="Gateway offline",
    received=RECEIVED,
    priority="P2",
    priority_name="high",
    asked="P1",
    because="a problem in development counts as P2 at most",
    targets=(
        Promised(
            TargetKind.RESPONSE,
            "4 business hours",
            datetime(2026, 11, 23, 19, tzinfo=UTC),
            zone=PACIFIC,
            calendar="office",
        ),
        Promised(TargetKind.RESOLUTION, "2 business days", None, zone=PACIFIC),
    ),
    links=(Link("Status page", "https://status.example.com/"),),
    zone=PACIFIC,
)
HEAD = TicketHead(
    name="ACME-42",
    title="Gateway offline",
    company="Acme Corp",
    priority="P2",
    status=Status.NEW,
    requester=Mailbox("bob@acme.example", "Bob"),
    priority_name="high",
    clocks=(
        Clock(
            TargetKind.RESPONSE,
            "P2",
            ClockState.RUNNING,
            started=RECEIVED,
            due=datetime(2026, 11, 23, 19, tzinfo=UTC),
        ),
    ),
    zone=PACIFIC,
)
NOTICE = StaffNotice(
    HEAD,
    opened=True,
    writer=Mailbox("bob@acme.example", "Bob"),
    received=RECEIVED,
    text="It is <offline>.\n\nBob",
    attachments=(Attachment("log.txt", "text/plain", 12345, "00" * 32),),
    flags=("the sender is not on the ticket",),
)
DRAFT = Draft(
    cause="acknowledgement:1",
    sender=Mailbox("acme@support.example.com", "Acme Support"),
    to=(Mailbox("bob@acme.example", "Bob"),),
    message_id="ack.1@support.example.com",
    date=datetime(2026, 11, 20, 23, 30, 1, tzinfo=UTC),
    context=ACKNOWLEDGEMENT,
    reply_to="acme+aebagbaf@support.example.com",
    in_reply_to="second@acme.example",
    references=("first@acme.example", "second@acme.example"),
    auto=AutoSubmitted.REPLIED,
    care=Care.AT_MOST_ONCE,
    account="acme",
)
FOOT = """Example Support

Your request is ACME-42. Simply reply to this mail, and your answer is added
to it."""
ANYTHING = st.text(st.characters(codec=None), max_size=120)
NASTY = st.lists(
    st.sampled_from(
        [
            "\r\nBcc: x@y.example",
            "=?utf-8?q?=0D=0ABcc:_x@y?=",
            "=",
            "?",
            '"',
            "<x@y>",
            ",",
            "\u202e",
            "ü",
            "n" * 70,
            " ",
        ]
    )
).map("".join)
HOSTILE = ANYTHING | NASTY


def read(draft: Draft) -> Message:
    return message_from_bytes(compose(draft, LOOK).content)


def parts(mail: Message) -> dict[str, str]:
    return {
        part.get_content_type(): part.get_payload(decode=True).decode().replace("\r\n", "\n")  # type: ignore[union-attr]
        for part in mail.walk()
        if part.get_content_maintype() == "text" and part.get_filename() is None
    }


def subject_of(mail: Message) -> str:
    return str(make_header(decode_header(mail["Subject"].replace("\r\n", ""))))


def test_an_acknowledgement_says_what_was_understood_and_what_is_promised() -> None:
    """behaviour.md 5.1"""
    assert parts(read(DRAFT))["text/plain"] == (
        "Hello,\n"
        "\n"
        "we have received your request. Its number is ACME-42.\n"
        "\n"
        "    Gateway offline\n"
        "\n"
        "Received: Friday 20 November, 15:30 Pacific\n"
        "Priority: P2 (high)\n"
        "You asked for P1. A problem in development counts as P2 at most.\n"
        "\n"
        "WHAT YOU CAN COUNT ON\n"
        "\n"
        "  First response\n"
        "    by Monday 23 November, 11:00 Pacific (4 business hours)\n"
        "  Resolution\n"
        "    as soon as we can (best effort, without a fixed time)\n"
        "\n"
        "WHAT HAPPENS NEXT\n"
        "\n"
        "An engineer reads your request and answers you by mail.\n"
        "\n"
        "To add something, simply reply to this mail; your reply is added to ACME-42.\n"
        "If you begin a new mail instead, put [ACME-42] into its subject.\n"
        "\n"
        "LINKS\n"
        "\n"
        "  Status page: https://status.example.com/\n"
        "\n"
        "-- \n"
        "Example Support\n"
        "This confirmation was sent automatically."
    )


def test_its_html_says_the_same() -> None:
    html = parts(read(DRAFT))["text/html"]
    for words in (
        "<strong>ACME-42</strong>: Gateway offline",
        "by Monday 23 November, 11:00 Pacific",
        "4 business hours",
        "best effort",
        'href="https://status.example.com/"',
    ):
        assert words in html


def test_automatic_mail_says_so_to_every_program() -> None:
    """behaviour.md 5.2"""
    mail = compose(DRAFT, LOOK)
    assert (mail.kind, mail.reverse_path, mail.recipients, mail.subject) == (
        MailKind.ACKNOWLEDGEMENT,
        "",
        ("bob@acme.example",),
        "Re: [ACME-42] Gateway offline",
    )
    assert message_from_bytes(mail.content).items()[:-1] == [
        ("From", "Acme Support <acme@support.example.com>"),
        ("To", "bob@acme.example"),
        ("Reply-To", "acme+aebagbaf@support.example.com"),
        ("Subject", "Re: [ACME-42] Gateway offline"),
        ("Date", "Fri, 20 Nov 2026 23:30:01 +0000"),
        ("Message-ID", "<ack.1@support.example.com>"),
        ("In-Reply-To", "<second@acme.example>"),
        ("References", "<first@acme.example>\r\n <second@acme.example>"),
        ("X-Mailgate-Loop", "support.example.com"),
        ("Auto-Submitted", "auto-replied"),
        ("X-Auto-Response-Suppress", "All"),
        ("MIME-Version", "1.0"),
    ]


def test_our_own_mail_is_known_again_when_it_comes_back() -> None:
    """behaviour.md 2.2, 2.4"""
    reading = parse(compose(DRAFT, LOOK).content)
    assert isinstance(reading, Reading)
    assert (reading.loop_marks, reading.verdict.origin) == (("support.example.com",), Origin.MACHINE)
    assert (reading.message_id, reading.references) == (DRAFT.message_id, DRAFT.references)
    assert reading.text.startswith("Hello,\n\nwe have received your request. Its number is ACME-42.")


def test_a_persons_reply_carries_their_name_and_no_mark_of_a_machine() -> None:
    """behaviour.md 4.2, 5.2"""
    reply = RelayedReply("ACME-42", "Gateway offline", "Sam Rivera", "Please restart it.\n\n  Sam")
    mail = read(
        replace(
            DRAFT,
            context=reply,
            sender=Mailbox("acme@support.example.com", "Sam Rivera (Example Support)"),
            auto=AutoSubmitted.NO,
            reverse_path="acme+bounce@support.example.com",
        )
    )
    assert mail["From"] == '"Sam Rivera (Example Support)" <acme@support.example.com>'
    assert "Auto-Submitted" not in mail
    assert "X-Auto-Response-Suppress" not in mail
    assert parts(mail)["text/plain"] == f"Please restart it.\n\n  Sam\n\n-- \nSam Rivera\n{FOOT}"


def test_staff_see_the_ticket_first_and_then_the_customers_words_whole() -> None:
    """behaviour.md 4.1"""
    mail = read(replace(DRAFT, context=NOTICE))
    assert subject_of(mail) == "[ACME-42] [P2] Gateway offline"
    assert parts(mail)["text/plain"] == (
        "[ for staff only ]\n"
        "ACME-42 Gateway offline\n"
        "Acme Corp, priority P2 (high), new\n"
        "From Bob <bob@acme.example>\n"
        "  Response: due Monday 23 November, 11:00 Pacific\n"
        "    in 2 days 19 h\n"
        "\n"
        "! The sender is not on the ticket.\n"
        "\n"
        "A reply to this mail goes to bob@acme.example, from Example Support and with\n"
        "your name; your address stays hidden. Lines at its top such as /ack, /wait,\n"
        "/resolve or /note are commands.\n"
        "[ end of what is for staff only ]\n"
        "\n"
        "Bob <bob@acme.example> opened this ticket on Friday 20 November, 15:30\n"
        "Pacific:\n"
        "\n"
        "It is <offline>.\n"
        "\n"
        "Bob\n"
        "\n"
        "Attached:\n"
        "  - log.txt (12.3 kB, text/plain)"
    )
    assert "It is &lt;offline&gt;.<br>\n<br>\nBob" in parts(mail)["text/html"]


@pytest.mark.parametrize(
    ("colleagues", "readers"),
    [
        ((), "bob@acme.example"),
        (("carol@acme.example",), "bob@acme.example and carol@acme.example"),
        (
            ("a@acme.example", "b@acme.example", "c@acme.example", "d@acme.example"),
            "bob@acme.example and the 4 colleagues named above",
        ),
    ],
)
def test_staff_are_told_of_each_reader_of_their_answer(colleagues: tuple[str, ...], readers: str) -> None:
    """behaviour.md 4.1"""
    head = replace(HEAD, colleagues=tuple(map(Mailbox, colleagues)))
    given = InternalNote(head, KIM, RECEIVED, "", told=("Kim has given you this ticket: it is yours now",))
    for context in (replace(NOTICE, ticket=head), given):
        for page in parts(read(replace(DRAFT, context=context))).values():
            assert f"A reply to this mail goes to {readers}" in " ".join(page.split())


def test_a_note_says_that_its_answer_stays_inside_and_where_the_customer_is_answered() -> None:
    """behaviour.md 4.4"""
    note = InternalNote(HEAD, KIM, RECEIVED, "Look at it.", answer_to="acme+token@support.example.com")
    for page in parts(read(replace(DRAFT, context=note))).values():
        assert "A reply to this mail is a note as well" in " ".join(page.split())
        assert "acme+token@support.example.com" in page


def test_staff_are_told_once_what_a_server_said_and_what_follows() -> None:
    """behaviour.md 2.3"""
    report = DeliveryReport(("bob@acme.example",), "failed", "5.1.1", "550 no such user")
    problem = DeliveryProblem(
        None, "an answer to the customer", "Re: Help", report, "nothing more goes to it"
    )
    mail = parts(read(replace(DRAFT, context=problem)))
    assert mail["text/plain"] == (
        "[ for staff only ]\n"
        "An answer to the customer did not reach bob@acme.example.\n"
        "\n"
        "  Subject: Re: Help\n"
        "  Status: 5.1.1\n"
        "  Their server said: 550 no such user\n"
        "\n"
        "Nothing more goes to it.\n"
        "[ end of what is for staff only ]\n"
        "\n"
        "-- \n"
        "Example Support"
    )
    assert mail["text/html"].count("550 no such user") == 1


def test_operators_are_told_why_a_mail_is_held_and_nothing_else() -> None:
    notice = OperatorNotice(Matter.HELD, RECEIVED, "bob@acme.example", "Hello", "ACME-1 was marked as spam")
    words = parts(read(replace(DRAFT, context=notice)))["text/plain"]
    assert "people" not in words
    assert "Reason: ACME-1 was marked as spam" in words


def test_an_unproven_sender_gets_none_of_their_words_back() -> None:
    mail = read(replace(DRAFT, context=replace(ACKNOWLEDGEMENT, title="")))
    assert subject_of(mail) == "[ACME-42] We have received your request"


@given(title=HOSTILE, name=HOSTILE, words=HOSTILE, company=HOSTILE)
def test_no_words_of_others_reach_the_header(title: str, name: str, words: str, company: str) -> None:
    context = replace(
        NOTICE,
        ticket=replace(HEAD, title=title, company=company, requester=Mailbox("bob@acme.example", name)),
        writer=Mailbox("bob@acme.example", name),
        text=words,
        attachments=(Attachment(name, words, 1, "00"),),
        flags=(words,),
    )
    draft = replace(DRAFT, context=context, sender=Mailbox("acme@support.example.com", name))
    outgoing = compose(draft, LOOK)
    mail = message_from_bytes(outgoing.content)
    assert sorted(mail.keys()) == sorted(read(DRAFT).keys())
    for field, addresses in {
        "From": ["acme@support.example.com"],
        "To": ["bob@acme.example"],
        "Reply-To": ["acme+aebagbaf@support.example.com"],
    }.items():
        assert [address for _, address in getaddresses([mail[field]])] == addresses
        decoded = str(make_header(decode_header(mail[field])))
        assert [address for _, address in getaddresses([decoded])] == addresses
    assert outgoing.content.isascii()
    assert max(map(len, outgoing.content.split(b"\r\n"))) <= 998
    assert b"\n" not in outgoing.content.replace(b"\r\n", b"")
    assert b"\r" not in outgoing.content.replace(b"\r\n", b"")
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert subject_of(mail) == outgoing.subject.replace("=?", "= ?")


@given(words=st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), include_characters="\n\t")))
def test_a_persons_words_arrive_as_they_were_written(words: str) -> None:
    reply = RelayedReply("ACME-42", "t", "Sam", words)
    arrived = parts(read(replace(DRAFT, context=reply)))["text/plain"]
    assert arrived == f"{words.rstrip()}\n\n-- \nSam\n{FOOT}".lstrip("\n")


@given(title=st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=150))
def test_a_subject_arrives_as_it_was_meant(title: str) -> None:
    outgoing = compose(replace(DRAFT, context=replace(ACKNOWLEDGEMENT, title=title)), LOOK)
    raw = message_from_bytes(outgoing.content)["Subject"]
    assert str(make_header(decode_header(raw))) == outgoing.subject.replace("=?", "= ?")
    if not outgoing.subject.isascii():
        assert all(len(line) <= 76 for line in f"Subject: {raw}".split("\r\n"))


@given(ids=st.lists(HOSTILE | st.from_regex(r"[a-z0-9.]{1,200}@[a-z]{1,40}", fullmatch=True), max_size=40))
def test_a_thread_is_folded_between_ids_and_never_encoded(ids: list[str]) -> None:
    """behaviour.md 3.5"""
    mail = read(replace(DRAFT, references=tuple(ids), in_reply_to=ids[0] if ids else ""))
    kept = (mail["References"] or "").split()
    assert len(kept) <= 20
    assert all(bare.startswith("<") and bare.endswith(">") and bare[1:-1] in ids for bare in kept)
    assert all(
        f"<{bare}>" in kept
        for bare in ids[-19:]
        if bare.replace(".", "").replace("@", "").isalnum() and "@" in bare and bare.isascii()
    )


@given(
    ids=st.lists(
        st.from_regex(
            r"[A-Za-z0-9!#$%&'*+/=^_`{|}~.\[\]()-]{1,400}@[A-Za-z0-9.\[\]:-]{1,99}", fullmatch=True
        ),
        min_size=1,
        max_size=20,
        unique=True,
    )
)
def test_a_thread_is_read_back_whatever_programs_made_its_ids(ids: list[str]) -> None:
    """behaviour.md 3.5: up to 500 characters, each whole on a line that every server passes on"""
    content = compose(replace(DRAFT, references=tuple(ids), in_reply_to=ids[-1]), LOOK).content
    reading = parse(content)
    assert isinstance(reading, Reading)
    assert (reading.in_reply_to, reading.references) == ((ids[-1],), tuple(ids))
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_of_a_long_thread_the_first_and_the_newest_are_named() -> None:
    """RFC 5322 section 3.6.4"""
    ids = tuple(f"{number}@acme.example" for number in range(50))
    references = read(replace(DRAFT, references=ids))["References"].split()
    assert references == [f"<{bare}>" for bare in (ids[0], *ids[-19:])]


def test_an_id_that_could_be_decoded_is_left_out() -> None:
    mail = read(
        replace(DRAFT, references=("=?utf-8?q?a=0D=0ABcc:x@y?=", "1@acme.example"), in_reply_to="=?a?=@b")
    )
    assert (mail["References"], mail["In-Reply-To"]) == ("<1@acme.example>", None)


def test_words_that_look_like_the_end_of_a_part_end_nothing() -> None:
    for line in ("--=_alternative_", "--=_mixed_", "--=_"):
        text = f"Look:\n{line}\n{line}--\nDone."
        mail = read(replace(DRAFT, context=RelayedReply("ACME-42", "t", "Sam", text)))
        plain = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
        assert plain["Content-Transfer-Encoding"] == "quoted-printable"
        assert line.encode() not in plain.as_bytes().partition(b"\n\n")[2]


@pytest.mark.parametrize(("length", "coding"), [(998, "7bit"), (999, "quoted-printable")])
def test_words_go_as_they_are_unless_a_line_is_longer_than_a_mail_may_have(length: int, coding: str) -> None:
    """RFC 2045 section 2.7"""
    line = "=" * length
    mail = message_from_bytes(written(Letter((Field("Subject", "x"),), "1@x", line, line)))
    assert parts(mail) == {"text/plain": line, "text/html": line}
    assert [part["Content-Transfer-Encoding"] for part in mail.walk()] == [None, coding, coding]


def test_the_writer_lets_no_control_out() -> None:
    content = written(Letter((Field("Subject", "x"),), "1@x", "a\x00b\rc\x1bd\x7f\ud800", "<p>\x0b</p>"))
    assert parts(message_from_bytes(content)) == {"text/plain": "ab\ncd?", "text/html": "<p></p>"}
    assert b"\r" not in content.replace(b"\r\n", b"")


@given(
    filename=HOSTILE,
    media_type=HOSTILE | st.sampled_from(["image/png", "message/rfc822"]),
    content=st.binary(max_size=300),
)
def test_enclosures_arrive_whole_under_a_name_that_is_only_a_name(
    filename: str, media_type: str, content: bytes
) -> None:
    mail = read(replace(DRAFT, enclosures=(Enclosure(filename, media_type, content),)))
    assert mail.get_content_type() == "multipart/mixed"
    _, words, *_, enclosure = mail.walk()
    assert words.get_content_type() == "multipart/alternative"
    assert enclosure.get_payload(decode=True) == content
    assert enclosure.get_content_type() in {media_type.lower(), "application/octet-stream"}
    assert not enclosure.is_multipart()
    assert sorted(enclosure.keys()) == ["Content-Disposition", "Content-Transfer-Encoding", "Content-Type"]


def test_a_file_name_in_any_script_has_a_plain_one_beside_it() -> None:
    mail = read(
        replace(
            DRAFT,
            enclosures=(
                Enclosure(
                    "Störung im Ölwerk und anderswo, sehr lang geschrieben.pdf", "application/pdf", b"%PDF"
                ),
            ),
        )
    )
    disposition = mail.get_payload()[1]["Content-Disposition"]  # type: ignore[index]
    assert 'filename="St_rung im _lwerk und anderswo, sehr lang geschrieben.pdf"' in disposition
    assert "filename*0*=utf-8''St%C3%B6rung%20im" in disposition
    assert all(len(line) <= 78 for line in disposition.split("\r\n"))


def test_a_file_name_that_fits_on_a_line_is_in_one_piece() -> None:
    """RFC 2231 section 4: there are readers that know no others"""
    mail = read(replace(DRAFT, enclosures=(Enclosure("Łatwa.txt", "text/plain", b""),)))
    disposition = mail.get_payload()[1]["Content-Disposition"]  # type: ignore[index]
    assert disposition.split("\r\n ")[1:] == ['filename="_atwa.txt";', "filename*=utf-8''%C5%81atwa.txt"]


def test_addresses_of_other_scripts_are_written_as_each_side_can_read_them() -> None:
    domain = compose(replace(DRAFT, to=(Mailbox("bob@müller.example"),)), LOOK)
    assert (domain.recipients, domain.needs_smtputf8) == (("bob@xn--mller-kva.example",), False)
    local = compose(replace(DRAFT, to=(Mailbox("用户@例子.example"),)), LOOK)
    assert (local.recipients, local.needs_smtputf8) == (("用户@例子.example",), True)
    assert "To: 用户@例子.example\r\n".encode() in local.content


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bob",
        "bob@acme.example, eve@x.example",
        "bob@acme.example\r\nBcc: x@y",
        "=?utf-8?q?bob?=@acme.example",
        "<bob@acme.example>",
        '"a@b"@acme.example',
        "bob @acme.example",
        "b\u202eob@acme.example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UnwritableError):
        compose(replace(DRAFT, to=(Mailbox(address),)), LOOK)


def test_a_mail_to_nobody_is_refused() -> None:
    with pytest.raises(UnwritableError):
        compose(replace(DRAFT, to=()), LOOK)


@pytest.mark.parametrize(
    "field",
    [
        Field("Subject", "x\r\nBcc: eve@x.example"),
        Field("Subject", "x\r\n\r\nbody"),
        Field("Subject", "x\nBcc: eve@x.example"),
        Field("Subject", "x" * 1000),
        Field("Subject", "x\0"),
        Field("Subject", "x\r\n \r\n y"),
        Field("To", "bob@acme.example, eve@x.example", ("bob@acme.example",)),
        Field("To", '"bob" <eve@x.example>', ("bob@acme.example",)),
    ],
)
def test_a_header_that_reads_otherwise_than_meant_never_leaves(field: Field) -> None:
    with pytest.raises(TamperedHeaderError):
        written(Letter((field,), "1@x", "text", "<p>html</p>"))


def test_a_template_of_the_account_wins_over_the_policys_and_that_over_the_shipped(tmp_path: Path) -> None:
    """behaviour.md 5.1"""
    for owner, subject in (("accounts/acme/", "account"), ("policies/particle/", "policy"), ("", "all")):
        folder = tmp_path / owner / "acknowledgement"
        folder.mkdir(parents=True)
        (folder / "subject.txt").write_text(f"{subject} {{{{ ticket }}}}", encoding="utf-8")
    look = Look("Example Support", "support.example.com", TEMPLATES, tmp_path)
    subjects = [
        look.words(ACKNOWLEDGEMENT, RECEIVED, Reader(account, policy)).subject
        for account, policy in (("acme", "particle"), ("other", "particle"), ("other", "other"))
    ]
    assert subjects == ["account ACME-42", "policy ACME-42", "all ACME-42"]
