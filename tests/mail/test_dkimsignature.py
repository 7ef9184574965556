"""mail/dkimclaim and mail/dkimsignature: what a signature claims, what it proves, and what it does not."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.authentication import Result
from mailgate.core.lookup import Answer, Found, Nothing, Unanswered
from mailgate.mail.dkimclaim import Failing, Sealed, claims, key
from mailgate.mail.dkimsignature import verified
from tests.signatures import MAIL, ed25519, ed25519_record, rsa, rsa_record, signed

NOW = datetime.now(UTC)  # noqa: TID251 - the library that signs reads the clock
RSA = Found((rsa_record(rsa()),))
HOLDS: list[Failing | None] = [None]
DAMAGED = Failing(Result.FAIL, "the text is not what was signed")
CHANGED = Failing(Result.FAIL, "the header was changed")
UNCLEAR = Failing(Result.PERMERROR, "the header of the mail can be read in two ways")


def permerror(reason: str) -> list[Failing | None]:
    return [Failing(Result.PERMERROR, reason)]


def came_to(raw: bytes, answer: Answer = RSA, at: datetime = NOW) -> list[Failing | None]:
    """What every signature of the mail comes to, if this is what the DNS answers about each key."""
    keys = [one.failing or key(one, answer) for one in claims(raw)]
    found = iter(verified(raw, [one for one in keys if isinstance(one, Sealed)], at))
    return [one if isinstance(one, Failing) else next(found) for one in keys]


@pytest.mark.parametrize("forms", ["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"])
@pytest.mark.parametrize(
    ("pair", "record"),
    [(rsa(), rsa_record(rsa())), (ed25519(), ed25519_record(ed25519()))],
    ids=[
        "rsa",
        "ed25519",
    ],  # the keys are new each time, and every process must know the tests by the same names
)
def test_what_another_library_signed_holds(
    forms: str, pair: RSAPrivateKey | Ed25519PrivateKey, record: str
) -> None:
    raw = signed(forms=forms, key=pair)
    assert came_to(raw, Found((record,))) == HOLDS
    assert came_to(raw.replace(b"burns", b"turns"), Found((record,))) == [DAMAGED]
    assert came_to(raw.replace(b"[P2] Printer", b"[P1] Printer"), Found((record,))) == [CHANGED]


LINES = st.lists(st.sampled_from([b" ", b"\t", b"a", b".", b"\r\n", b"\r\n", b"\xc3\xbc", b"  "])).map(
    b"".join
)


@given(body=LINES, forms=st.sampled_from(["relaxed/relaxed", "simple/simple"]))
def test_whatever_the_text_is_the_two_agree_on_how_it_is_signed(body: bytes, forms: str) -> None:
    raw = signed(
        b"From: bob@acme.test\r\nSubject: x\r\n\r\n" + body + b"\r\n",
        forms=forms,
        key=ed25519(),
        fields=("from",),
    )
    assert came_to(raw, Found((ed25519_record(ed25519()),))) == HOLDS


def test_what_mail_servers_do_on_the_way_breaks_no_relaxed_signature() -> None:
    raw = signed()
    folded = raw.replace(b"Subject: [P2] Printer\r\n on fire", b"SUBJECT:  [P2]\r\n\tPrinter   on fire  ")
    blanks = folded.replace(b"It  burns. \r\n\r\n", b"It burns.\t\r\n\r\n\r\n")
    assert came_to(b"Received: by mx; now\r\n" + blanks) == HOLDS


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (signed(length=True), [Failing(Result.POLICY, "it signs only the beginning of the text (l=)")]),
        (signed(algorithm=b"rsa-sha1"), [Failing(Result.POLICY, "SHA-1 proves nothing any more")]),
        (signed(identity="@mail.acme.test"), HOLDS),
        (b"From: eve@evil.test\r\n" + signed(), [UNCLEAR]),
        (b"Subject: [P1] Pay at once\r\n" + signed(), [UNCLEAR]),
        (b"Content-Type: text/html\r\nContent-Type: text/plain\r\n" + signed(), [UNCLEAR]),
        (b"a line that is no field\r\n" + signed(), [UNCLEAR]),
        (signed().replace(b"Date:", b"no field\r\nDate:"), [UNCLEAR]),
        (signed().replace(b"\r\n", b"\n"), [UNCLEAR]),
        (signed().replace(b"; a=", b"; a= ;a="), permerror("it cannot be read")),
        (signed().replace(b"v=1;", b"v=2;"), permerror("it is of another version")),
        (signed().replace(b"a=rsa-sha256", b"a=rsa-md5"), permerror("its algorithm is not known")),
        (signed().replace(b"q=dns/txt", b"q=carrier/pigeon"), permerror("its key is not in the DNS")),
        (signed().replace(b"i=@acme.test", b"i=@evil.test"), permerror("it speaks for somebody else")),
        (signed().replace(b"i=@acme.test", b"i=@notacme.test"), permerror("it speaks for somebody else")),
        (signed().replace(b"d=acme.test", b"d=acme..test"), permerror("it names no key")),
        (signed().replace(b"d=acme.test", b"d=_dmarc.acme.test)"), permerror("it names no key")),
        (signed().replace(b"c=relaxed/relaxed", b"c=nowsp"), permerror("its way of writing is not known")),
        (signed().replace(b" bh=", b" bh=!"), permerror("it is damaged")),
        (MAIL, []),
        (b"", []),
        (b"\r\n\r\n", []),
    ],
)  # fmt: skip
def test_what_a_signature_does_not_prove(raw: bytes, expected: list[Failing | None]) -> None:
    assert came_to(raw) == expected


def test_a_signature_that_leaves_from_out_proves_nothing() -> None:
    raw = re.sub(rb"h=from : ", b"h=", signed(), count=1)
    assert came_to(raw) == permerror("it does not sign From")


def test_a_signature_ends_when_it_says_so() -> None:
    raw = signed().replace(b"q=dns/txt;", b"q=dns/txt; x=%d;" % (NOW + timedelta(hours=1)).timestamp(), 1)
    assert came_to(raw, at=NOW) == [CHANGED]  # its end was not signed
    assert came_to(raw, at=NOW + timedelta(hours=2)) == permerror("it is past its time")
    assert came_to(raw.replace(b"x=", b"x=y")) == permerror("it is past its time")


RSA_TEXT = rsa_record(rsa())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Unanswered("no answer within 5 seconds"), [Failing(Result.TEMPERROR, "no answer within 5 seconds")]),
        (Nothing(), permerror("there is no such key")),
        (Found((RSA_TEXT, RSA_TEXT)), permerror("there are several keys of one name")),
        (Found((RSA_TEXT.replace("v=DKIM1; ", ""),)), HOLDS),
        (Found((f"{RSA_TEXT}; ;",)), permerror("its key cannot be read")),
        (Found((RSA_TEXT.replace("DKIM1", "DKIM2"),)), permerror("its key cannot be read")),
        (Found(("v=DKIM1; p=",)), permerror("its key was withdrawn")),
        (Found(("v=DKIM1; p=!!!",)), permerror("its key cannot be read")),
        (Found(("v=DKIM1; p=AAAA",)), permerror("its key cannot be read")),
        (Found(("v=DKIM1; p=" + "A" * 1004,)), permerror("its key is too long")),
        (Found((ed25519_record(ed25519()),)), permerror("its key is of another kind")),
        (Found((rsa_record(rsa(1024)),)), [CHANGED]),
        (Found((rsa_record(rsa(), " t=y;"),)), [Failing(Result.POLICY, "its domain only tests this key")]),
        (Found((rsa_record(rsa(), " t=s;"),)), HOLDS),
        (Found((rsa_record(rsa(), " h=sha1;"),)), permerror("its key is not for SHA-256")),
        (Found((rsa_record(rsa(), " s=tlsrpt;"),)), permerror("its key is not for mail")),
        (Found((rsa_record(rsa(), " s=email:x; n=a note;"),)), HOLDS),
    ],
)
def test_what_the_dns_says_of_a_key(answer: Answer, expected: list[Failing | None]) -> None:
    assert came_to(signed(), answer) == expected


SHORT_KEY = (
    "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALymM069OmpKAimu+VfAE5lNFLk2ELai/law17+WHNFS5nz5JJI5Hv7C"
    "Uew8S/0sl8JCxDDLRva8oGSRcK7jNL8CAwEAAQ=="
)


def test_a_key_of_512_or_of_64_thousand_bits_is_not_used() -> None:
    """The first is broken in an hour, and the second is the work that a forger makes for us."""
    found = came_to(signed(), Found((SHORT_KEY,)))
    assert found == permerror("its key has 512 bits")
    assert came_to(signed(), Found(("v=DKIM1; p=" + "MIIg" * 2800,))) == permerror("its key is too long")


def test_a_key_that_is_not_for_subdomains_proves_none() -> None:
    raw = signed(identity="@mail.acme.test")
    strict = Found((rsa_record(rsa(), " t=s;"),))
    assert came_to(raw, strict) == permerror("its key is not for subdomains")


def test_each_of_several_signatures_is_one_of_its_own() -> None:
    raw = signed(signed(MAIL), "list.test", key=ed25519(), selector="s2")
    first, second = claims(raw)
    assert (first.key_name, second.key_name) == ("s2._domainkey.list.test", "s1._domainkey.acme.test")
    keys = [key(first, Found((ed25519_record(ed25519()),))), key(second, RSA)]
    assert verified(raw, [one for one in keys if isinstance(one, Sealed)], NOW) == (None, None)


def test_however_many_signatures_there_are_so_many_are_looked_at() -> None:
    assert len(claims(b"DKIM-Signature: v=1\r\n" * 900 + MAIL)) == 100


@given(
    st.lists(
        st.sampled_from(
            [b"DKIM-Signature:", b"v=1;", b"a=rsa-sha256;", b"d=acme.test;", b"s=s1;", b"h=from:from;",
             b"b=;", b"bh=QQ==;", b"c=", b"simple", b"/", b"=", b";", b" ", b"\r\n ", b"\r\n", b"\r", b"\n",
             b"\x00", b"\xff", b"l=1;", b"i=@acme.test;", b"From: a@acme.test", b"x=9;", b"b" * 300]
        ),
        max_size=40,
    ).map(b"".join)
)  # fmt: skip
def test_whatever_the_field_holds_it_is_no_proof_and_no_fault(field: bytes) -> None:
    raw = b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.test; s=s1; h=from; " + field + b"\r\n" + MAIL
    assert all(isinstance(one, Failing) for one in came_to(raw))


@given(st.binary(max_size=400))
def test_whatever_the_mail_is_it_is_read(raw: bytes) -> None:
    assert isinstance(came_to(raw), list)


@given(st.text(st.characters(max_codepoint=255), max_size=300))
def test_whatever_the_key_is_it_is_one_or_none(text: str) -> None:
    assert isinstance(came_to(signed(), Found((text,)))[0], Failing)
