"""mail/authresults: what a mail server in front wrote, and what anybody could have written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.authentication import Check, Method, Result
from mailgate.core.dmarc import Request
from mailgate.mail.authresults import NO_NAME, Heard, heard

NAME = "mx.example.com"
SPF = Check(Method.SPF, Result.PASS, "acme.test")
DKIM = Check(Method.DKIM, Result.PASS, "acme.test")
PASSES = Check(Method.DMARC, Result.PASS, "acme.test")
FAILS = Check(Method.DMARC, Result.FAIL, "acme.test")

REFUSED = Check(Method.SPF, Result.FAIL, "evil.test")
DMARC = "mx.example.com; dmarc=fail"
GOOGLE = (
    'mx.example.com;\r\n dkim=pass header.i=@acme.test header.s=s1 header.b="Ab/c+=";\r\n'
    " spf=pass (example.com: domain of bob@acme.test designates 192.0.2.1 as permitted sender)"
    " smtp.mailfrom=bob@acme.test;\r\n dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=acme.test"
)


def field(*values: str) -> bytes:
    head = "".join(f"Authentication-Results: {value}\r\n" for value in values)
    return f"Received: by mx\r\n{head}From: bob@acme.test\r\n\r\nIt burns.\r\n".encode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # Google, OpenDMARC, Rspamd, and two that say what is published in a property.
        (GOOGLE, Heard((DKIM, SPF, PASSES), Request.REJECT)),
        (f"{DMARC} (p=quarantine dis=none) header.from=acme.test", Heard((FAILS,), Request.QUARANTINE)),
        (f'{DMARC} reason="SPF not aligned, No DKIM" header.from=acme.test (policy=none)', Heard((FAILS,))),
        (f"{DMARC} header.from=acme.test policy.dmarc=reject", Heard((FAILS,), Request.REJECT)),
        (f"{DMARC} header.from=acme.test policy.published-domain-policy=none", Heard((FAILS,))),
        # Spelling.
        ("MX.Example.COM 1; SPF=Pass smtp.MailFrom=ACME.test", Heard((SPF,))),
        ("mx.example.com/1; spf=pass smtp.mailfrom=acme.test", None),
        ("mx.example.com (a comment (in (a comment)); ) ; spf/1=pass smtp.mailfrom=acme.test", Heard((SPF,))),
        ('"mx.example.com"; spf=pass smtp.mailfrom="bob@acme.test"', Heard((SPF,))),
        ("mx.example.com; spf=pass smtp.mailfrom=<bob@acme.test>", Heard((SPF,))),
        ("mx.example.com; spf=pass smtp.helo=acme.test", Heard((SPF,))),
        ("mx.example.com; spf=hardfail smtp.mailfrom=x@evil.test", Heard((REFUSED,))),
        ("mx.example.com; spf=excellent", Heard((Check(Method.SPF, Result.PERMERROR),))),
        ("mx.example.com; none", Heard()),
        ("mx.example.com", Heard()),
        ("mx.example.com; auth=pass smtp.auth=bob; iprev=pass; arc=pass; x-own=pass", Heard()),
        # Not by that name.
        ("mx.example.com.evil.test; spf=pass smtp.mailfrom=acme.test", None),
        ("evil.test mx.example.com; spf=pass smtp.mailfrom=acme.test", None),
        ("(mx.example.com) evil.test; spf=pass smtp.mailfrom=acme.test", None),
        ("; spf=pass smtp.mailfrom=acme.test", None),
        ("spf=pass smtp.mailfrom=acme.test", None),
        # Damaged: none of it is read.
        ("mx.example.com; spf=pass smtp.mailfrom=acme.test (without an end", None),
        ("mx.example.com; spf=pass smtp.mailfrom=acme.test)", None),
        ('mx.example.com; spf=pass smtp.mailfrom="acme.test', None),
        ("mx.example.com; spf=pass smtp.mailfrom=acme.test \\", None),
        ("mx.example.com; " + "(" * 6 + ")" * 6 + "spf=pass", None),
        ("mx.example.com" + "; spf=pass" * 40, None),
        ("mx.example.com; x=" + "y" * 9000, None),
        ("", None),
    ],
)  # fmt: skip
def test_a_field_is_read_whole_or_not_at_all(value: str, expected: Heard | None) -> None:
    assert heard(field(value), NAME) == expected


def test_what_stands_in_words_of_others_is_no_result() -> None:
    """A forger chooses the local part, and with some servers the comment."""
    comment, path = '(said: "dmarc=pass;")', '"x; dmarc=pass header.from=acme.test"@evil.test'
    value = f"mx.example.com; spf=fail {comment} smtp.mailfrom={path}"
    assert heard(field(value), NAME) == Heard((REFUSED,))


@pytest.mark.parametrize("greeting", ['a"b', 'a"b"', '"', "\\)", '\\"'])
def test_a_quotation_mark_in_a_comment_hides_no_result(greeting: str) -> None:
    """RFC 5322 section 3.2.2: in a comment it is a letter like others, and a greeting may have one."""
    value = f'mx.example.com; x=pass (helo={greeting}); dmarc=fail header.from=acme.test; y=none (again a"b)'
    assert heard(field(value), NAME) == Heard((FAILS,))


def test_of_a_property_that_stands_twice_the_first_counts() -> None:
    """A forger chooses the local part, and the domain stands behind it."""
    value = "mx.example.com; spf=pass smtp.mailfrom=a@evil.test smtp.mailfrom=acme.test b@evil.test"
    assert heard(field(value), NAME) == Heard((Check(Method.SPF, Result.PASS, "evil.test"),))


@pytest.mark.parametrize(
    "others", [("mx.example.com; dmarc=pass header.from=acme.test",), ("evil.test; none",)]
)
def test_only_the_topmost_field_is_read(others: tuple[str, ...]) -> None:
    """behaviour.md 1.6: below it stands what anybody may have written"""
    assert heard(field("mx.example.com; dmarc=fail header.from=acme.test", *others), NAME) == Heard((FAILS,))
    assert (
        heard(field("other.example; none", "mx.example.com; dmarc=pass header.from=acme.test"), NAME) is None
    )


def test_a_server_that_writes_no_name_is_known_by_that() -> None:
    """Exchange Online"""
    value = (
        "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=acme.test; dkim=pass (signature was verified)"
        " header.d=acme.test;dmarc=fail action=oreject header.from=acme.test;compauth=fail reason=000"
    )
    assert heard(field(value), NO_NAME) == Heard((SPF, DKIM, FAILS), Request.REJECT)
    assert heard(field("mx.example.com; dmarc=pass"), NO_NAME) is None


PIECES = [
    NAME,
    "spf=pass",
    "dkim=fail",
    "dmarc=pass",
    "header.from=acme.test",
    "smtp.mailfrom=x@acme.test",
    ";",
]
PIECES += [
    " ",
    "(",
    ")",
    '"',
    "\\",
    "=",
    "/",
    "1",
    "p=reject",
    "\t",
    "\x00",
    "\u00e9",
    "\ud83d",
    "@",
    "<",
    ">",
    "\r\n ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_whatever_the_field_holds_it_is_read_or_not(value: str) -> None:
    raw = b"Authentication-Results: " + value.encode("utf-8", "surrogatepass") + b"\r\n\r\n"
    found = heard(raw, NAME)
    assert found is None or isinstance(found, Heard)


@given(st.binary(max_size=300))
def test_whatever_the_mail_is_it_is_read_or_not(raw: bytes) -> None:
    assert heard(raw, NAME) is None or b"authentication-results" in raw.lower()
