"""What a domain publishes for its mail, judged in words: there, missing, wrong, or not to be known now."""

import pytest

from mailgate.core.domain import Finding, State, exchanges, key, request, sending
from mailgate.core.lookup import Answer, Found, Nothing, Unanswered

DOMAIN = "support.example.com"
NAME = f"mg1._domainkey.{DOMAIN}"
RECORD = "v=DKIM1; k=rsa; p=QUJD"
SILENT = Unanswered("no answer within 5 seconds")
THERE = Found(("192.0.2.1",))
GOOD, WRONG, UNKNOWN = State.GOOD, State.WRONG, State.UNKNOWN


@pytest.mark.parametrize(
    ("answer", "addresses", "state", "said"),
    [
        (
            Found(("mx1.example.com", "mx2.example.com")),
            [THERE, THERE],
            GOOD,
            "mx1.example.com, mx2.example.com",
        ),
        (
            Found(("mx1.example.com", "mx2.example.com")),
            [THERE, Nothing()],
            WRONG,
            "mx2.example.com has no address",
        ),
        (
            Found(("mx1.example.com",)),
            [SILENT],
            UNKNOWN,
            "mx1.example.com could not be asked about: no answer",
        ),
        (Found(("",)), [], WRONG, "support.example.com says that it takes no mail"),
        (SILENT, [], UNKNOWN, "support.example.com could not be asked about: no answer within 5 seconds"),
        (Nothing(), [THERE], GOOD, "none, so mail comes to the address of support.example.com itself"),
        (Nothing(exists=False), [Nothing()], WRONG, "no host takes mail for support.example.com"),
        (Nothing(), [SILENT], UNKNOWN, "support.example.com could not be asked about"),
    ],
)
def test_it_is_known_where_mail_arrives(
    answer: Answer, addresses: list[Answer], state: State, said: str
) -> None:
    hosts = answer.records if isinstance(answer, Found) else (DOMAIN,)
    found = exchanges(DOMAIN, answer, dict(zip(hosts, addresses, strict=False)))
    assert (found.subject, found.state, found.said.startswith(said)) == ("MX", state, True)


def test_what_is_missing_is_said_as_a_zone_file_says_it() -> None:
    assert exchanges(DOMAIN, Nothing(), {}).right.startswith(
        "support.example.com. IN MX 10 mail.support.example.com."
    )
    assert sending(DOMAIN, Nothing(), "mx").right == 'support.example.com. IN TXT "v=spf1 mx -all"'
    assert key("mg1", NAME, RECORD, Nothing()).right == f'{NAME}. IN TXT "{RECORD}"'


@pytest.mark.parametrize(
    ("texts", "state", "said"),
    [
        (("other", "v=spf1 mx -all"), GOOD, "v=spf1 mx -all"),
        (("V=SPF1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all",), GOOD, "V=SPF1"),
        (("v=spf1 redirect=_spf.example.com",), GOOD, "v=spf1 redirect"),
        (("v=spf10 mx -all",), WRONG, "nothing says who may send mail of support.example.com"),
        (
            ("v=spf1 mx -all", "v=spf1 a -all"),
            WRONG,
            "support.example.com has 2 records, and then none of them counts",
        ),
        (("v=spf1 mx all",), WRONG, "it lets everybody send: v=spf1 mx all"),
        (("v=spf1 +ALL",), WRONG, "it lets everybody send"),
        (("v=spf1 mx",), WRONG, "it says nothing of strangers"),
        (("v=spf1 mx ?all",), WRONG, "it says nothing of strangers"),
        (("v=spf1 mx ipv4:192.0.2.1 -all",), WRONG, '"ipv4:192.0.2.1" is no term of SPF'),
        (("v=spf1 " + "include:a.example " * 11 + "-all",), WRONG, "it takes 11 questions to the DNS"),
        (("v=spf1",), WRONG, "it says nothing of strangers"),
    ],
)
def test_one_record_says_who_may_send_and_lets_no_stranger(
    texts: tuple[str, ...], state: State, said: str
) -> None:
    found = sending(DOMAIN, Found(texts), "mx")
    assert (found.subject, found.state, found.said.startswith(said), bool(found.right)) == (
        "SPF",
        state,
        True,
        state is not GOOD,
    )


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        (Found((RECORD,)), GOOD, f"our key is published at {NAME}"),
        (Found(("k=rsa;p= QU JD ; s=email; h=sha1:sha256; n=x",)), GOOD, f"our key is published at {NAME}"),
        (
            Found((f"{RECORD}; t=s:y",)),
            GOOD,
            f"our key is published at {NAME}; it says that it is a test (t=y)",
        ),
        (Found(("v=DKIM1; k=rsa; p=QUJE",)), WRONG, f"{NAME} publishes another key"),
        (Found(("v=DKIM1; k=ed25519; p=QUJD",)), WRONG, f"{NAME} publishes another key"),
        (Found(("v=DKIM1; k=rsa; p=",)), WRONG, f"{NAME} revokes the key"),
        (Found(("v=DKIM2; p=QUJD",)), WRONG, f"{NAME} holds no key of DKIM"),
        (Found(("something else",)), WRONG, f"{NAME} holds no key of DKIM"),
        (Found((f"{RECORD}; h=sha1",)), WRONG, f"{NAME} forbids sha256, which we sign with"),
        (Found((f"{RECORD}; s=tlsrpt",)), WRONG, f"{NAME} is not meant for mail"),
        (Found((RECORD, RECORD)), WRONG, f"{NAME} has 2 records"),
        (Nothing(exists=False), WRONG, f"no key is published at {NAME}"),
        (SILENT, UNKNOWN, f"{NAME} could not be asked about: no answer within 5 seconds"),
    ],
)
def test_whether_our_key_is_published(answer: Answer, state: State, said: str) -> None:
    """behaviour.md 5.6"""
    found = key("mg1", NAME, RECORD, answer)
    right = {GOOD: "", WRONG: f'{NAME}. IN TXT "{RECORD}"', UNKNOWN: "ask again in a while"}[state]
    assert found == Finding("DKIM mg1", state, said, right)


@pytest.mark.parametrize(
    ("answers", "state", "said"),
    [
        ([Found(("v=DMARC1; p=reject",))], GOOD, "p=reject"),
        (
            [Found(("other", "v=DMARC1; p=none; rua=mailto:a@b.example"))],
            GOOD,
            "p=none: reports are asked for",
        ),
        ([Nothing(), Found(("v=DMARC1; p=none; sp=quarantine",))], GOOD, "p=quarantine"),
        ([Nothing(exists=False), Nothing()], WRONG, "nothing says what is to become of forged mail"),
        ([Found(("v=spf1 -all",)), Nothing()], WRONG, "nothing says what is to become of forged mail"),
        ([Found(("v=DMARC1; p=reject", "v=DMARC1; p=none"))], WRONG, "what is published is not one record"),
        ([Found(("v=DMARC1; p=maybe",))], WRONG, "what is published is not one record with a policy"),
        ([SILENT, Found(("v=DMARC1; p=reject",))], UNKNOWN, "support.example.com could not be asked about"),
    ],
)
def test_what_is_asked_for_forged_mail(answers: list[Answer], state: State, said: str) -> None:
    found = request(DOMAIN, answers)
    assert (found.subject, found.state, found.said.startswith(said)) == ("DMARC", state, True)
    if state is WRONG:
        wanted = (
            '_dmarc.support.example.com. IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@support.example.com"'
        )
        assert found.right == wanted
