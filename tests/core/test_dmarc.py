"""core/dmarc: what a domain publishes about mail in its name, and when two domains are one organisation's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.dmarc import Published, Record, Request, is_aligned, names, published, record_among
from mailgate.core.lookup import Found, Nothing, Unanswered

NONE, QUARANTINE, REJECT = Request.NONE, Request.QUARANTINE, Request.REJECT


def organisation(domain: str) -> str:
    """A list of two suffixes, `test` and `co.test`."""
    labels = domain.split(".")
    kept = 3 if labels[-2:] == ["co", "test"] else 2
    return ".".join(labels[-kept:])


@pytest.mark.parametrize(
    ("one", "other", "relaxed", "strict"),
    [
        ("acme.test", "acme.test", True, True),
        ("ACME.Test.", "acme.test", True, True),
        ("mail.acme.test", "acme.test", True, False),
        ("a.acme.test", "b.acme.test", True, False),
        ("acme.co.test", "other.co.test", False, False),
        ("mail.acme.co.test", "acme.co.test", True, False),
        ("my-bank.test", "my.test", False, False),
        ("notacme.test", "acme.test", False, False),
        ("acme.test.evil.test", "acme.test", False, False),
        ("", "acme.test", False, False),
        ("", "", False, False),
        ("b\xfccher.test", "xn--bcher-kva.test", True, True),
    ],
)
def test_two_domains_are_aligned_by_their_organisation(
    one: str, other: str, *, relaxed: bool, strict: bool
) -> None:
    assert is_aligned(one, other, organisation, strict=False) is relaxed
    assert is_aligned(one, other, organisation, strict=True) is strict


@pytest.mark.parametrize(
    ("texts", "record"),
    [
        (["v=DMARC1; p=reject"], Record(REJECT, REJECT)),
        (["v=DMARC1;p=REJECT;sp=none;"], Record(REJECT, NONE)),
        (
            [" v = DMARC1 ; p = quarantine ; pct = 25 ; adkim = s ; aspf = S"],
            Record(QUARANTINE, QUARANTINE, 25, strict_spf=True, strict_dkim=True),
        ),
        (["v=DMARC1; p=none; adkim=x; pct=many"], Record(NONE, NONE)),
        (["v=DMARC1; p=reject; pct=999"], Record(REJECT, REJECT)),
        (["v=DMARC1; p=reject; p=none"], Record(REJECT, REJECT)),
        (["v=DMARC1; p=refuse; rua=mailto:x@acme.test"], Record(NONE, NONE)),
        (["v=DMARC1; p=reject; sp=refuse"], Record(REJECT, REJECT)),
        (["v=DMARC1; p=refuse"], None),
        (["v=DMARC1"], None),
        (["v=dmarc1; p=reject"], None),
        (["v=DMARC12; p=reject"], None),
        (["p=reject; v=DMARC1"], None),
        (["v=spf1 -all"], None),
        (["v=spf1 -all", "v=DMARC1; p=reject"], Record(REJECT, REJECT)),
        (["v=DMARC1; p=reject", "v=DMARC1; p=reject"], None),
        (["v=DMARC1; p=reject", "v=DMARC1"], None),
        ([], None),
    ],
)
def test_a_record_is_one_and_is_read_as_the_standard_says(texts: list[str], record: Record | None) -> None:
    """RFC 7489 section 6.6.3"""
    assert record_among(texts) == record


def test_a_record_is_sought_at_the_domain_and_at_its_organisation() -> None:
    assert names("Mail.Acme.Test", organisation) == ("_dmarc.mail.acme.test", "_dmarc.acme.test")
    assert names("acme.test", organisation) == ("_dmarc.acme.test",)
    assert names("", organisation) == ()


OWN, ORGANISATIONS = Found(("v=DMARC1; p=none",)), Found(("v=DMARC1; p=none; sp=reject",))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([OWN, ORGANISATIONS], Published(exists=True, request=NONE)),
        ([Nothing(), ORGANISATIONS], Published(exists=True, request=REJECT)),
        ([Found(("something else",)), ORGANISATIONS], Published(exists=True, request=REJECT)),
        ([ORGANISATIONS], Published(exists=True, request=NONE)),
        ([Nothing(), Nothing(exists=False)], Published()),
        ([Unanswered("silence"), ORGANISATIONS], Published(fault="silence")),
        ([Nothing(), Unanswered("silence")], Published(fault="silence")),
        ([OWN, Unanswered("silence")], Published(exists=True, request=NONE)),
        ([], Published()),
    ],
)
def test_a_subdomain_without_a_record_is_under_that_of_its_organisation(
    answers: list[Found | Nothing | Unanswered], expected: Published
) -> None:
    """RFC 7489 section 6.6.3: and a record that could not be asked for is no missing one."""
    assert published(answers, 0) == expected


@pytest.mark.parametrize(
    ("record", "sample", "asked"),
    [
        ("p=reject; pct=30", 29, REJECT),
        ("p=reject; pct=30", 30, QUARANTINE),
        ("p=quarantine; pct=30", 29, QUARANTINE),
        ("p=quarantine; pct=30", 30, NONE),
        ("p=reject; pct=0", 0, QUARANTINE),
        ("p=none; pct=0", 0, NONE),
        ("p=reject", 99, REJECT),
    ],
)
def test_of_the_mails_that_are_not_sampled_one_step_less_is_asked(
    record: str, sample: int, asked: Request
) -> None:
    """RFC 7489 section 6.6.4"""
    found = published([Found((f"v=DMARC1; {record}",))], sample)
    assert found == Published(exists=True, request=asked)


@given(st.lists(st.text(max_size=300) | st.builds("v=DMARC1;{}".format, st.text(max_size=300)), max_size=3))
def test_whatever_is_published_there_it_is_a_record_or_none(texts: list[str]) -> None:
    assert isinstance(published([Found(tuple(texts))], 50), Published)


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_the_domains_are_they_are_aligned_or_not(one: str, other: str) -> None:
    assert is_aligned(one, other, organisation, strict=False) == is_aligned(
        other, one, organisation, strict=False
    )
