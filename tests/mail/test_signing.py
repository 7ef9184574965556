"""What goes out is signed, and verified by a library that shares no line with ours."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from dkim.canonicalization import Relaxed
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.message import Mailbox
from mailgate.core.outgoing import Draft, MailKind
from mailgate.mail.compose import compose
from mailgate.mail.samples import SAMPLES
from mailgate.mail.signing import canonical_body, signed
from mailgate.mail.write import Field, Letter, written
from tests.mail.test_every_mail import CASES, LOOK, SEEDS, draft, dressed, in_turn, is_sound, worded
from tests.records import DOMAIN, desk

AT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
BOTH = [True, True]
MAIL = (
    b"From: Example Support <acme@support.example.com>\r\n"
    b"To: bob@acme.example\r\n"
    b"Subject: [ACME-42] Gateway\r\n offline\r\n"
    b"Date: Fri, 20 Nov 2026 23:30:00 +0000\r\n"
    b"Message-ID: <1@support.example.com>\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain\r\n"
    b"\r\n"
    b"We  have\tit. \r\n"
    b".\r\n"
    b"\r\n"
)
LINES = st.lists(st.sampled_from([b" ", b"\t", b"a", b".", b"\r\n", b"\r\n", b"\xc3\xbc", b"  "])).map(
    b"".join
)


def letter(number: int = 0, seed: str = "ü and words", *, person: bool = True) -> Draft:
    words = in_turn([seed])
    return draft(dressed(worded(SAMPLES[MailKind.RELAYED_REPLY][number], words), words), words, person=person)


@pytest.mark.parametrize(("kind", "number"), CASES)
def test_every_kind_of_mail_is_signed_with_every_key(kind: MailKind, number: int) -> None:
    """behaviour.md 5.6"""
    for seed in ("ü and words", "日本語" * 400, "n" * 1200, ".", "\r\nBcc: x@evil.example"):
        words = in_turn([seed])
        one = draft(dressed(worded(SAMPLES[kind][number], words), words), words, person=number % 2 == 0)
        content = compose(one, LOOK, desk().signers).content
        assert desk().verdicts(content) == BOTH
        is_sound(content)


@given(seed=st.sampled_from(SEEDS) | st.text(st.characters(codec=None), max_size=90))
def test_whatever_others_wrote_the_mail_that_carries_it_verifies(seed: str) -> None:
    """behaviour.md 5.6"""
    assert desk().verdicts(compose(letter(seed=seed), LOOK, desk().signers).content) == BOTH


def test_a_mail_with_addresses_in_other_scripts_verifies() -> None:
    """behaviour.md 5.6"""
    domain = "bücher.example"
    one = replace(
        letter(),
        sender=Mailbox(f"hilfe@{domain}", "Hilfe"),
        to=(Mailbox("пользователь@пример.example", "П"),),
        reply_to=f"hilfe+{'k' * 32}@{domain}",
    )
    content = compose(one, LOOK, desk(domain).signers).content
    assert not content.isascii()
    assert b" d=xn--bcher-kva.example;" in content
    assert desk(domain).verdicts(content) == BOTH


def test_a_mail_is_signed_at_the_moment_of_its_date() -> None:
    """behaviour.md 5.6"""
    content = compose(letter(), LOOK, desk().signers).content
    assert content.count(f"; t={int(AT.timestamp())};".encode()) == 2


def test_the_same_letter_is_signed_the_same_again() -> None:
    first, second = (compose(letter(), LOOK, desk().signers).content for _ in range(2))
    assert first == second


def test_without_a_key_a_mail_goes_as_it_is() -> None:
    assert signed(MAIL, (), AT) == MAIL


def test_what_the_signature_says() -> None:
    """behaviour.md 5.6"""
    tags = {
        name.strip(): "".join(value.split())
        for name, _, value in (
            tag.partition("=") for tag in signature(signed(MAIL, desk().signers, AT)).split(";")
        )
    }
    every = "reply-to subject date message-id to cc in-reply-to references"
    mime = "mime-version content-type content-transfer-encoding auto-submitted"
    there = "from subject date message-id to mime-version content-type"
    assert {name: tags[name] for name in tags if name not in {"b", "bh"}} == {
        "v": "1",
        "a": "rsa-sha256",
        "c": "relaxed/relaxed",
        "d": DOMAIN,
        "s": "mg-rsa",
        "t": "1795217400",
        "h": ":".join([*there.split(), "from", *every.split(), *mime.split()]),
    }


def signature(content: bytes) -> str:
    """What the first signature says, unfolded."""
    head = content.decode().partition("\r\nDKIM-Signature:")[0]
    return head.removeprefix("DKIM-Signature:").replace("\r\n", "")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        pytest.param(b"Gateway\r\n offline", b"Gateway offline", id="a fold goes"),
        pytest.param(b"Subject: ", b"SUBJECT:    ", id="a name in capitals"),
        pytest.param(b"it. \r\n", b"it.\r\n", id="a blank at the end goes"),
        pytest.param(b"We  have\tit", b"We have it", id="blanks become one"),
        pytest.param(b".\r\n\r\n", b".\r\n\r\n\r\n\r\n", id="empty lines at the end"),
        pytest.param(b"\r\nFrom:", b"\r\nReceived: by mx.example\r\nFrom:", id="a trace field on top"),
    ],
)
def test_what_mail_servers_do_on_the_way_breaks_no_signature(was: bytes, becomes: bytes) -> None:
    """behaviour.md 5.6"""
    assert desk().verdicts(changed(was, becomes)) == BOTH


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        pytest.param(b"We  have", b"We had", id="another word"),
        pytest.param(b".\r\n\r\n", b".\r\n\r\nmore\r\n", id="words after the end"),
        pytest.param(b"bob@", b"eve@", id="another reader"),
        *(
            pytest.param(
                b"\r\nFrom:", b"\r\n%s: x@evil.example\r\nFrom:" % name, id=f"one more {name.decode()}"
            )
            for name in (
                b"From",
                b"Subject",
                b"To",
                b"Cc",
                b"Date",
                b"Message-ID",
                b"Reply-To",
                b"In-Reply-To",
            )
        ),
        *(
            pytest.param(b"\r\n\r\nWe", b"\r\n%s: x\r\n\r\nWe" % name, id=f"{name.decode()} at the end")
            for name in (
                b"References",
                b"MIME-Version",
                b"Content-Type",
                b"Content-Transfer-Encoding",
                b"Auto-Submitted",
                b"From",
            )
        ),
    ],
)
def test_what_changes_what_a_reader_sees_breaks_the_signature(was: bytes, becomes: bytes) -> None:
    """behaviour.md 5.6"""
    assert desk().verdicts(changed(was, becomes)) == [False, False]


def changed(was: bytes, becomes: bytes) -> bytes:
    content = signed(MAIL, desk().signers, AT)
    assert was in content
    return content.replace(was, becomes, 1)


@given(LINES)
def test_a_body_is_signed_in_the_form_that_verifiers_see(body: bytes) -> None:
    theirs: Any = Relaxed.canonicalize_body(body + b"\r\n" if body and not body.endswith(b"\r\n") else body)
    assert canonical_body(body) == theirs


def test_a_body_of_blanks_is_signed_in_time_that_grows_with_its_length() -> None:
    began = time.process_time()
    for body in (b" " * 5_000_000, b" \t" * 2_500_000 + b"x", b" \r\n" * 1_500_000, b"\r\n" * 2_500_000):
        canonical_body(body)
    assert time.process_time() - began < 5


def test_one_long_line_that_is_not_ascii_has_no_bare_newline() -> None:
    """What our relay would have to put right would be other bytes than were signed."""
    header = (Field("From", "acme@support.example.com"), Field("Subject", "x"))
    content = written(Letter(header, "1@support.example.com", "a" * 200 + "ü", "a" * 200 + "ü"))
    assert b"=\r\n" in content
    is_sound(content)
