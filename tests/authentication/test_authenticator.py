"""authentication: who sent a mail, found out with a real name server, or heard from the server in front."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from mailgate.authentication import Authenticator, organisations
from mailgate.authentication.authenticator import SIGNATURES
from mailgate.core.authentication import Authentication, Check, Method, Proof, Result
from mailgate.core.change import SpooledMail
from mailgate.core.dmarc import Request
from mailgate.core.message import Envelope, Unreadable
from mailgate.core.trust import Trust, Verify
from mailgate.mail.parse import parse
from mailgate.resolver import Resolver
from tests.nameserver import Fault, Nameserver, Zone, answering
from tests.signatures import MAIL, ed25519, ed25519_record, rsa, rsa_record, signed

NOW = datetime.now(UTC)  # noqa: TID251 - the library that signs reads the clock
OWN = Trust(Verify.OWN)
ZONE: Zone = {
    ("acme.test", "TXT"): ["v=spf1 ip4:192.0.2.0/24 -all"],
    ("_dmarc.acme.test", "TXT"): ["v=DMARC1; p=reject"],
    ("s1._domainkey.acme.test", "TXT"): [rsa_record(rsa())],
    ("s2._domainkey.acme.test", "TXT"): [ed25519_record(ed25519())],
    ("evil.test", "TXT"): ["v=spf1 +all"],
    ("s1._domainkey.evil.test", "TXT"): [rsa_record(rsa())],
    ("_dmarc.strict.co.uk", "TXT"): ["v=DMARC1; p=reject; adkim=s; aspf=s"],
    ("s1._domainkey.strict.co.uk", "TXT"): [rsa_record(rsa())],
    ("_dmarc.my-bank.test", "TXT"): ["v=DMARC1; p=quarantine"],
}


@asynccontextmanager
async def looking(
    zone: Zone = ZONE, faults: dict[str, Fault] | None = None, trust: Trust = OWN
) -> AsyncIterator[tuple[Authenticator, Nameserver]]:
    async with answering(zone, faults) as server:
        resolver = Resolver([server.place], 0.5)
        yield Authenticator(trust, lambda: resolver.inquiry().ask, organisations()), server


def came(raw: bytes, peer: str = "198.51.100.1", sender: str = "bob@acme.test") -> SpooledMail:
    return SpooledMail(1, 1, NOW, Envelope(sender, ("acme@support.example.com",), peer, "mail.test"), raw, 1)


async def found(
    raw: bytes,
    peer: str = "198.51.100.1",
    sender: str = "bob@acme.test",
    faults: dict[str, Fault] | None = None,
    trust: Trust = OWN,
) -> Authentication:
    async with looking(faults=faults, trust=trust) as (authenticator, _):
        said = await authenticator.of(came(raw, peer, sender), parse(raw))
    assert said is not None
    return said


async def test_a_mail_that_its_domain_signed_is_proven() -> None:
    """behaviour.md 4.3"""
    assert await found(signed()) == Authentication(
        Proof.PASSED,
        "acme.test",
        "DKIM of acme.test proves it",
        (
            Check(Method.SPF, Result.FAIL, "acme.test"),
            Check(Method.DKIM, Result.PASS, "acme.test"),
            Check(Method.DMARC, Result.PASS, "acme.test", "p=reject"),
        ),
        Request.REJECT,
    )


async def test_a_mail_that_came_from_its_domains_server_is_proven() -> None:
    """behaviour.md 4.3"""
    said = await found(MAIL, "192.0.2.9")
    assert (said.proof, said.reason) == (Proof.PASSED, "SPF of acme.test proves it")


async def test_a_forgery_is_found_out_however_sound_its_own_domain_is() -> None:
    """behaviour.md 4.3"""
    said = await found(signed(MAIL, "evil.test"), sender="bob@evil.test")
    assert (said.proof, said.request) == (Proof.FAILED, Request.REJECT)
    assert said.checks == (
        Check(Method.SPF, Result.PASS, "evil.test"),
        Check(Method.DKIM, Result.PASS, "evil.test"),
        Check(Method.DMARC, Result.FAIL, "acme.test", "p=reject"),
    )


async def test_a_hyphen_is_part_of_a_domain() -> None:
    said = await found(MAIL.replace(b"acme.test", b"my-bank.test"), sender="bob@evil.test")
    assert (said.proof, said.domain, said.request) == (Proof.FAILED, "my-bank.test", Request.QUARANTINE)


async def test_where_the_domain_is_strict_its_organisation_does_not_speak_for_it() -> None:
    mail = MAIL.replace(b"acme.test", b"news.strict.co.uk")
    said = await found(signed(mail, "strict.co.uk"), sender="bob@evil.test")
    assert (said.proof, said.request) == (Proof.FAILED, Request.REJECT)


@pytest.mark.parametrize("fault", [Fault.SILENCE, Fault.SERVFAIL])
@pytest.mark.parametrize("name", ["_dmarc.acme.test", "s1._domainkey.acme.test", "acme.test", "*"])
async def test_a_question_that_nobody_answers_is_no_failure(name: str, fault: Fault) -> None:
    """behaviour.md 4.3"""
    said = await found(signed().replace(b"burns", b"turns"), faults={name: fault})
    assert said.proof is Proof.UNKNOWN
    assert "could not be asked" in said.reason


async def test_what_a_forger_adds_uses_up_nothing_of_what_is_asked_for_the_domain() -> None:
    """Names that never answer, in signatures and in the reverse-path, leave a forgery a forgery."""
    faults = {f"s{n}._domainkey.evil.test": Fault.SILENCE for n in range(50)} | {"evil.test": Fault.SILENCE}
    head = b"".join(
        b"DKIM-Signature: v=1; a=rsa-sha256; d=evil.test; s=s%d; h=from; bh=QQ==; b=QQ==\r\n" % n
        for n in range(50)
    )
    said = await found(head + MAIL, sender="bob@evil.test", faults=faults)
    assert said.proof is Proof.FAILED


async def test_however_many_signatures_there_are_the_domains_own_are_verified() -> None:
    raw = signed(signed(MAIL, key=ed25519(), selector="s2"))
    others = b"DKIM-Signature: v=1; a=rsa-sha256; d=evil.test; s=x; h=from; bh=QQ==; b=QQ==\r\n" * 60
    async with looking() as (authenticator, server):
        said = await authenticator.of(came(others + raw), parse(raw))
    assert said is not None
    assert said.proof is Proof.PASSED
    assert [check.result for check in said.checks].count(Result.PASS) == 3  # two signatures, and DMARC
    assert len([one for one in said.checks if one.method is Method.DKIM]) == SIGNATURES
    assert len(server.questions) < 20


TWO_FIELDS = b"From: a@acme.test\r\nFrom: b@acme.test\r\n"


@pytest.mark.parametrize(
    "senders", [b"", b"From: nobody\r\n", b"From: a@acme.test, b@evil.test\r\n", TWO_FIELDS]
)
async def test_a_from_that_names_nobody_is_not_looked_into(senders: bytes) -> None:
    raw = senders + b"Subject: x\r\n\r\ntext\r\n"
    async with looking() as (authenticator, server):
        said = await authenticator.of(came(raw), parse(raw))
    assert said == Authentication(Proof.NONE, "", "From names nobody, or more than one")
    assert server.questions == []


async def test_what_came_by_a_server_of_our_own_is_proven_by_its_signature_or_by_nothing() -> None:
    assert (await found(signed(), "127.0.0.1")).proof is Proof.PASSED
    assert (await found(MAIL, "127.0.0.1")).proof is Proof.NONE


async def test_nobody_looks_where_nobody_is_to_look() -> None:
    async with looking(trust=Trust()) as (authenticator, server):
        assert await authenticator.of(came(signed()), parse(signed())) is None
    async with looking() as (authenticator, server):
        assert await authenticator.of(came(b""), Unreadable("an empty mail")) is None
        assert server.questions == []


UPSTREAM = Trust(Verify.UPSTREAM, (ip_network("192.0.2.1"),), by_socket=True, authserv_id="mx.example.com")
BELIEVED = "Authentication-Results: mx.example.com; dmarc={} header.from=acme.test (p=reject)\r\n"


def told(result: str) -> bytes:
    return BELIEVED.format(result).encode() + MAIL


@pytest.mark.parametrize(
    ("result", "proof", "request_"),
    [
        ("pass", Proof.PASSED, Request.REJECT),
        ("fail", Proof.FAILED, Request.REJECT),
        ("temperror", Proof.UNKNOWN, Request.REJECT),
        ("permerror", Proof.NONE, Request.NONE),
        ("none", Proof.NONE, Request.NONE),
    ],
)
async def test_a_server_in_front_is_believed(result: str, proof: Proof, request_: Request) -> None:
    """behaviour.md 1.6"""
    said = await found(told(result), "192.0.2.1", trust=UPSTREAM)
    assert (said.proof, said.request, said.by) == (proof, request_, "mx.example.com")
    assert (await found(told(result), "unix", trust=UPSTREAM)) == said


@pytest.mark.parametrize("peer", ["192.0.2.2", "127.0.0.1", "", "::ffff:192.0.2.9"])
async def test_nobody_else_is_believed(peer: str) -> None:
    """behaviour.md 1.6"""
    said = await found(told("pass"), peer, trust=UPSTREAM)
    assert (said.proof, said.checks) == (Proof.NONE, ())
    assert said.reason.endswith("which is not believed about senders")


async def test_a_server_in_front_that_says_nothing_proves_nothing() -> None:
    """behaviour.md 1.6: and a field that came with the mail is not its word"""
    for head in (b"", b"Authentication-Results: evil.test; none\r\n" + BELIEVED.format("pass").encode()):
        said = await found(head + MAIL, "192.0.2.1", trust=UPSTREAM)
        assert (said.proof, said.reason) == (Proof.NONE, "the mail server in front says nothing about it")


async def test_a_server_in_front_that_read_another_from_was_deceived() -> None:
    raw = b"Authentication-Results: mx.example.com; dmarc=pass header.from=evil.test\r\n" + MAIL
    said = await found(raw, "192.0.2.1", trust=UPSTREAM)
    assert said.proof is Proof.FAILED
    assert said.reason == "mx.example.com speaks of evil.test as From, which reads acme.test"


@pytest.mark.parametrize(
    ("results", "proof"),
    [
        ("dkim=pass header.d=mail.acme.test", Proof.PASSED),
        ("dkim=pass header.d=evil.test; spf=pass smtp.mailfrom=evil.test", Proof.NONE),
        ("spf=pass smtp.mailfrom=bob@acme.test", Proof.PASSED),
        ("spf=fail smtp.mailfrom=bob@acme.test", Proof.FAILED),
        ("spf=temperror smtp.mailfrom=bob@acme.test", Proof.UNKNOWN),
        ("dmarc=pass header.from=acme.test; dmarc=fail header.from=acme.test", Proof.FAILED),
        ("dmarc=pass header.from=acme.test; dmarc=temperror header.from=acme.test", Proof.UNKNOWN),
        ("dmarc=pass header.from=acme.test; dmarc=none header.from=acme.test", Proof.NONE),
        ("dmarc=pass header.from=ACME.test.", Proof.PASSED),
    ],
)
async def test_without_a_word_about_dmarc_the_other_results_count(results: str, proof: Proof) -> None:
    raw = f"Authentication-Results: mx.example.com; {results}\r\n".encode() + MAIL
    assert (await found(raw, "192.0.2.1", trust=UPSTREAM)).proof is proof


async def test_a_bug_of_ours_leaves_it_unknown() -> None:
    async def broken(_name: str, _kind: object) -> Sequence[object]:
        raise RuntimeError

    authenticator = Authenticator(OWN, lambda: broken, organisations())  # type: ignore[arg-type,return-value]
    said = await authenticator.of(came(MAIL), parse(MAIL))
    assert said == Authentication(Proof.UNKNOWN, "acme.test", "a bug of ours, RuntimeError")
