"""Every mail that mailgate builds, read by strangers: its header is the one that was meant.

Whatever a customer or anybody else puts into a subject, a name, a text, a page or the name of a file: no
header field more, no address more, in no part of the mail and by no parser.
"""

import json
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from enum import Enum
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.core.message import Mailbox, Message
from mailgate.core.notice import InternalNote, RelayedReply, StaffNotice
from mailgate.core.outgoing import MAIL_KIND, AutoSubmitted, Context, Draft, Enclosure, MailKind
from mailgate.mail import fields as header
from mailgate.mail.address import mailboxes
from mailgate.mail.compose import compose
from mailgate.mail.enclosure import enclosures
from mailgate.mail.markup import sanitised
from mailgate.mail.parse import parse
from mailgate.mail.render import Look
from mailgate.mail.samples import SAMPLES
from tests.mail.hostile import MAILS
from tests.mail.strangers import ADDRESSED, Seen, seen_by_all

LOOK = Look("Example Support", "support.example.com", Path(__file__).parents[2] / "templates")
AT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
TOKEN = "k" * 32
ALIAS = Mailbox("acme@support.example.com", "Example Support")
BOB = Mailbox("bob@acme.example", "Bob")
MIME = ["MIME-Version", "Content-Type"]
WRITTEN = re.compile(rb"=\?utf-8\?b\?[A-Za-z0-9+/]+={0,2}\?=")
"""An encoded word as we write them; nothing else may look like one."""

IN_PARTS = {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID"}

SEEDS = [
    "\r\nBcc: x@evil.example", "\nBcc: x@evil.example\n\nbody", "\rX: y", "a\r\n\r\nbody", "a\r\n b",
    "=?utf-8?q?hi=0D=0ABcc:_x=40evil.example?=", "=?utf-8?q?=3D=3Futf-8=3Fq=3Fhi=3D0D=3D0ABcc:_x=3F=3D?=",
    "=?utf-8?b?QmNjOiB4QGV2aWwuZXhhbXBsZQ==?=", "=?x?b?c?=", "=?utf-8?q?=99?=", "=?", "?=", "=?utf-8?q?a",
    "x@evil.example", "x@evil.example, y@evil.example", "<x@evil.example>", '"x@evil.example, ' + "n" * 70,
    'a" <x@evil.example>, "b', "a\\", '\\"', "(a", "a)", "a:b;", ";", ",", "[a]", "@", "<", ">", "'", "`",
    "\x00", "\x0b", "\x0c", "\x1c", "\x1e", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\ufeff", "\ud800",
    "ü", "日本語" * 40, "\N{THUMBS UP SIGN}" * 60, "e\u0301", "a\u0300" * 30, "n" * 1200, " ", "\t",
    "../../etc/passwd", "a\u202egpj.exe", "a;filename=b", 'a"; x="b', "utf-8''a%0d%0aBcc:%20x", "a " * 200,
    "Subject: x", "To: x@evil.example", "--=_mixed_", "--=_alternative_", ".", "..", "From here on",
    "{{ 7 * 7 }}", "{% raw %}", "<script>alert(1)</script>", "<img src=https://evil.example/a>", "</table>",
    "[ for staff only ]", f"acme+{TOKEN}@support.example.com", "-- ", "\xa0", "%", "${x}", "\\r\\nBcc: x",
]  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(SEEDS),
    st.lists(st.sampled_from(SEEDS), min_size=2, max_size=4).map("".join),
    st.text(st.characters(codec=None), max_size=90),
)
OURS = {"zone", "words", "calendar", "markup"}
"""Names of fields that no words of others come into, or not as they were written."""


def worded(value: Any, words: Iterator[str], name: str = "") -> Any:
    """The value with such words in every text of it."""
    if isinstance(value, tuple):
        return tuple(worded(one, words) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {one.name: worded(getattr(value, one.name), words, one.name) for one in fields(value)}
        return replace(value, **changed)
    if isinstance(value, str) and not isinstance(value, Enum) and name not in OURS:
        return next(words)
    return value


def in_turn(written: list[str]) -> Iterator[str]:
    while True:
        yield from written


def dressed(context: Context, words: Iterator[str]) -> Context:
    """The context with a page that says its text, and hostile words in its attributes."""
    if not isinstance(context, StaffNotice | RelayedReply | InternalNote):
        return context
    said = context.text.replace("&", "&amp;").replace("<", "&lt;")
    link = next(words).replace('"', "&quot;")
    page = (
        f'<p title="{link}"><a href="{link}">{said}</a></p><img alt="{link}" src="cid:a"><img src="{link}">'
    )
    return replace(context, markup=sanitised(page, {"a": "a"}))


def draft(context: Context, words: Iterator[str], *, person: bool) -> Draft:
    """A mail of that kind in which everything that others have a say in is theirs."""
    return Draft(
        cause="cause",
        sender=replace(ALIAS, name=next(words)),
        to=(replace(BOB, name=next(words)),),
        message_id="own.1@support.example.com",
        date=AT,
        context=context,
        reverse_path=f"acme+{TOKEN}@support.example.com" if person else "",
        reply_to=f"acme+{TOKEN}@support.example.com",
        in_reply_to=next(words),
        references=(next(words), "first@acme.example", next(words), "l" * 400 + "@acme.example"),
        auto=AutoSubmitted.NO if person else AutoSubmitted.GENERATED,
        cc=(Mailbox("carol@acme.example", next(words)),) if person else (),
        enclosures=(
            Enclosure(next(words), next(words), b"a file"),
            Enclosure(next(words), "image/png", b"a picture", "a"),
            Enclosure(next(words), "message/rfc822", b"Bcc: x@evil.example\r\n\r\nx", next(words)),
        ),
    )


def meant(one: Draft) -> Seen:
    """The header that the draft is to have, and no other."""
    told = ["In-Reply-To"] if header.references([one.in_reply_to]) else []
    marks = [] if one.auto is AutoSubmitted.NO else ["Auto-Submitted", "X-Auto-Response-Suppress"]
    cc = ["Cc"] if one.cc else []
    names = ["From", "To", *cc, "Reply-To", "Subject", "Date", "Message-ID", *told, "References"]
    return {
        "names": [*names, "X-Mailgate-Loop", *marks, *MIME],
        "From": [one.sender.address],
        "To": [box.address for box in one.to],
        "Cc": [box.address for box in one.cc],
        "Reply-To": [one.reply_to],
    }


def is_sound(content: bytes) -> None:
    """The form of the bytes: seven bits, line ends, lengths of lines and of encoded words."""
    assert content.isascii()
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\0" not in content
    assert max(map(len, content.split(b"\r\n"))) <= 998
    head = content.partition(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n"):
        words = WRITTEN.findall(line)
        assert not words or (len(line) <= 76 and max(map(len, words)) <= 75)  # RFC 2047 section 2
    assert b"=?" not in WRITTEN.sub(b"", head)


def has_sound_parts(content: bytes) -> None:
    """No part has a field that is not ours, or a file's name that is more than a name."""
    mail = message_from_bytes(content)
    whole, *parts = mail.walk()
    assert not whole.defects
    for part in parts:
        assert not part.defects
        assert set(part.keys()) <= IN_PARTS
        assert len(set(part.keys())) == len(part.keys())
        assert part.get_content_maintype() != "message"
        name = part.get_filename()
        if name is not None:
            assert not re.search(r"[\x00-\x1f\x7f/\\\u2028\u202e]", str(name))
            assert str(name).strip(". ")
    shown = [part["Content-ID"] for part in parts if part["Content-ID"]]
    assert all(re.fullmatch(r"<[0-9a-f]{24}@support\.example\.com>", one) for one in shown)


CASES = [
    pytest.param(kind, number, id=f"{kind}-{number}")
    for kind in MailKind
    for number in range(len(SAMPLES[kind]))
]


def test_every_kind_of_mail_is_tried() -> None:
    assert set(SAMPLES) == set(MAIL_KIND.values()) == set(MailKind)


@pytest.mark.parametrize(("kind", "number"), CASES)
@settings(max_examples=12)
@given(written=st.lists(WORDS, min_size=1, max_size=12), person=st.booleans())
def test_every_mail_has_the_header_that_was_meant(
    kind: MailKind, number: int, written: list[str], *, person: bool
) -> None:
    """behaviour.md 5.1, 5.2"""
    words = in_turn(written)
    context = dressed(worded(SAMPLES[kind][number], words), words)
    one = draft(context, words, person=person)
    outgoing = compose(one, LOOK)
    assert seen_by_all(outgoing.content) == [meant(one)] * 3
    is_sound(outgoing.content)
    has_sound_parts(outgoing.content)
    assert (outgoing.kind, outgoing.recipients) == (kind, ("bob@acme.example",))
    Fetching().feed(page_of(outgoing.content))


class Fetching(HTMLParser):
    """Holds against a page whatever a mail program would fetch or run for it."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "link", "iframe", "object", "embed", "form", "base", "svg", "math"}
        for name, value in attrs:
            assert name not in {"srcset", "background", "poster", "ping"}
            assert not name.startswith("on")
            assert name != "src" or str(value).startswith("cid:")
            assert name != "href" or str(value).lower().startswith(("https:", "http:", "mailto:", "tel:"))
            assert name != "style" or "url" not in str(value).lower()


def page_of(content: bytes) -> str:
    part = next(one for one in message_from_bytes(content).walk() if one.get_content_type() == "text/html")
    return part.get_payload(decode=True).decode()  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: ascii(seed)[:30])
def test_every_seed_in_every_kind_of_mail(seed: str) -> None:
    """behaviour.md 5.1"""
    for kind in MailKind:
        words = in_turn([seed])
        one = draft(dressed(worded(SAMPLES[kind][0], words), words), words, person=True)
        assert seen_by_all(compose(one, LOOK).content) == [meant(one)] * 3


def answers(message: Message, raw: bytes) -> Iterator[Draft]:
    """What a mail that came in makes go out: to staff, back to who wrote it, and as a reply to a customer."""
    sender = message.sender or Mailbox("bob@acme.example")
    notice = next(one for one in SAMPLES[MailKind.STAFF_NOTICE] if isinstance(one, StaffNotice))
    head = replace(notice.ticket, title=message.subject, requester=sender)
    said: tuple[Context, ...] = (
        replace(notice, ticket=head, writer=sender, text=message.text, markup=message.markup),
        RelayedReply("ACME-42", message.subject, sender.name, message.reply_text, message.markup),
    )
    for context in said:
        yield Draft(
            cause="cause",
            sender=replace(ALIAS, name=sender.name),
            to=(sender,),
            message_id="own.1@support.example.com",
            date=AT,
            context=context,
            reply_to=f"acme+{TOKEN}@support.example.com",
            in_reply_to=message.message_id,
            references=(*message.references, message.message_id, "first@acme.example"),
            enclosures=enclosures(raw),
        )


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_what_follows_from_a_hostile_mail_has_the_header_that_was_meant(mail: Any) -> None:
    message = parse(mail.raw)
    if isinstance(message, Message):
        for one in answers(message, mail.raw):
            content = compose(one, LOOK).content
            assert seen_by_all(content) == [meant(one)] * 3
            is_sound(content)
            has_sound_parts(content)


OCTETS = st.one_of(
    st.sampled_from(SEEDS).map(lambda seed: seed.encode("utf-8", "surrogatepass")),
    st.binary(max_size=40),
    st.sampled_from([b"Bob <bob@acme.example>", b"\r\n ", b"=?utf-8?q?", b"?=", b"=0D=0A", b"@", b"<", b'"']),
)
LINE = st.lists(OCTETS, max_size=5).map(b"".join).map(lambda line: re.sub(rb"[\r\n]+(?![ \t])", b" ", line))


@settings(max_examples=80)
@given(sender=LINE, subject=LINE, name=LINE, identifier=LINE, page=st.lists(OCTETS, max_size=6).map(b"".join))
def test_what_follows_from_any_mail_has_the_header_that_was_meant(
    sender: bytes, subject: bytes, name: bytes, identifier: bytes, page: bytes
) -> None:
    """behaviour.md 2, 5.1"""
    raw = (
        b"From: " + sender + b" <bob@acme.example>\r\nSubject: " + subject + b"\r\nReferences: " + identifier
        + b"\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: text/html\r\n\r\n" + page
        + b'\r\n--b\r\nContent-Type: image/png; name="' + name + b'"\r\nContent-ID: <' + identifier
        + b">\r\n\r\nx\r\n--b--\r\n"
    )  # fmt: skip
    message = parse(raw)
    if isinstance(message, Message):
        for one in answers(message, raw):
            content = compose(one, LOOK).content
            wire = replace(one, to=tuple(Mailbox(header.address(box.address)) for box in one.to))
            assert seen_by_all(content) == [meant(wire)] * 3
            is_sound(content)
            has_sound_parts(content)


@given(field=LINE | st.binary(max_size=60))
def test_whoever_is_known_by_a_field_can_be_written_to(field: bytes) -> None:
    for box in mailboxes((field,)):
        assert header.is_writable(box.address)


def other_pythons() -> list[str]:
    """Those that are there and run: a version manager names some, and runs them from its own folder."""
    found = [shutil.which(name) for name in ("python3.12", "python3.13", "python3.14")]
    found += map(str, sorted(Path.home().glob(".pyenv/versions/3.1[1-9].*/bin/python3")))
    runs = [one for one in found if one and subprocess.run([one, "-V"], capture_output=True).returncode == 0]  # noqa: PLW1510
    return list(dict.fromkeys(runs))


@pytest.mark.parametrize("python", other_pythons() or [pytest.param("", marks=pytest.mark.skip)])
def test_other_versions_of_python_see_the_same(python: str) -> None:
    drafts = []
    for seed in SEEDS:
        words = in_turn([seed])
        drafts.append(draft(worded(SAMPLES[MailKind.STAFF_NOTICE][0], words), words, person=True))
    mails = [b64encode(compose(one, LOOK).content).decode() for one in drafts]
    stranger = Path(__file__).with_name("strangers.py")
    ran = subprocess.run(
        [python, stranger], input=json.dumps(mails).encode(), capture_output=True, check=True
    )
    assert json.loads(ran.stdout) == [[meant(one)] * 3 for one in drafts]


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (lambda text: text + "\r\nBcc: x@evil.example", "text"),
        (lambda text: f"{text},\r\n x@evil.example", "addresses"),
    ],
    ids=["a field more", "an address more"],
)
def test_the_strangers_would_see_it(broken: Callable[[str], str], place: str) -> None:
    one = draft(SAMPLES[MailKind.ACKNOWLEDGEMENT][0], in_turn(["x"]), person=True)
    content = compose(one, LOOK).content.decode()
    field = "Subject" if place == "text" else "To"
    line = next(line for line in content.split("\r\n") if line.startswith(field))
    for seen in seen_by_all(content.replace(line, broken(line), 1).encode()):
        assert seen != meant(one)
        assert set(seen) == {"names", *ADDRESSED}
