"""core/authentication: what the results come to for the From of a mail."""

import json

import pytest

from mailgate.core.authentication import (
    NOBODY,
    Authentication,
    Check,
    Method,
    Proof,
    Result,
    as_tree,
    from_tree,
    judged,
    unsaid,
)
from mailgate.core.dmarc import Published, Request
from tests.core.test_dmarc import organisation

SILENT = Published()
REJECTS = Published(exists=True, request=Request.REJECT)
STRICT = Published(exists=True, request=Request.REJECT, strict_spf=True, strict_dkim=True)


def spf(result: Result, domain: str = "acme.test", reason: str = "") -> Check:
    return Check(Method.SPF, result, domain, reason)


def dkim(result: Result, domain: str = "acme.test", reason: str = "") -> Check:
    return Check(Method.DKIM, result, domain, reason)


def test_a_signature_of_the_domain_proves_the_mail() -> None:
    """behaviour.md 4.3"""
    checks = (spf(Result.FAIL), dkim(Result.PASS))
    assert judged("acme.test", checks, REJECTS, organisation) == Authentication(
        Proof.PASSED,
        "acme.test",
        "DKIM of acme.test proves it",
        (*checks, Check(Method.DMARC, Result.PASS, "acme.test", "p=reject")),
        Request.REJECT,
    )


def test_neither_passes_and_the_domain_asks_for_refusal() -> None:
    """behaviour.md 4.3"""
    checks = (spf(Result.SOFTFAIL), dkim(Result.PERMERROR, reason="there is no such key"))
    found = judged("acme.test", checks, REJECTS, organisation)
    assert found.is_forbidden
    assert found == Authentication(
        Proof.FAILED,
        "acme.test",
        "neither SPF nor DKIM proves it, and acme.test asks for its refusal then (DMARC p=reject)",
        (*checks, Check(Method.DMARC, Result.FAIL, "acme.test", "p=reject")),
        Request.REJECT,
    )


@pytest.mark.parametrize(
    ("checks", "known", "proof"),
    [
        # What a forger's own domain proves, proves nothing here.
        ((spf(Result.PASS, "evil.test"), dkim(Result.PASS, "evil.test")), REJECTS, Proof.FAILED),
        ((spf(Result.PASS, "evil.test"), dkim(Result.PASS, "evil.test")), SILENT, Proof.NONE),
        ((spf(Result.TEMPERROR, "evil.test"), dkim(Result.TEMPERROR, "evil.test")), REJECTS, Proof.FAILED),
        # Alignment: relaxed where nobody asks for more.
        ((spf(Result.PASS, "bounce.acme.test"),), REJECTS, Proof.PASSED),
        ((spf(Result.PASS, "bounce.acme.test"),), STRICT, Proof.FAILED),
        ((dkim(Result.PASS, "mail.acme.test"),), STRICT, Proof.FAILED),
        ((dkim(Result.PASS, "mail.acme.test"),), SILENT, Proof.PASSED),
        # A failure that is no contradiction.
        ((spf(Result.SOFTFAIL), dkim(Result.FAIL)), SILENT, Proof.NONE),
        ((spf(Result.FAIL),), SILENT, Proof.FAILED),
        ((spf(Result.FAIL, "evil.test"),), SILENT, Proof.NONE),
        ((dkim(Result.POLICY),), REJECTS, Proof.FAILED),
        # What nobody answered is neither.
        ((spf(Result.TEMPERROR), dkim(Result.FAIL)), REJECTS, Proof.UNKNOWN),
        ((dkim(Result.TEMPERROR), dkim(Result.PASS)), REJECTS, Proof.PASSED),
        ((spf(Result.FAIL),), Published(fault="silence"), Proof.UNKNOWN),
        ((spf(Result.PASS),), Published(fault="silence"), Proof.PASSED),
        # SPF that could not be looked for: only a signature could have proved it.
        ((spf(Result.NONE, "", "it came by a relay"),), REJECTS, Proof.NONE),
        ((spf(Result.NONE, "", "it came by a relay"), dkim(Result.PASS)), REJECTS, Proof.PASSED),
        ((), SILENT, Proof.NONE),
    ],
)
def test_only_what_speaks_for_the_domain_counts(
    checks: tuple[Check, ...], known: Published, proof: Proof
) -> None:
    """behaviour.md 4.3"""
    assert judged("acme.test", checks, known, organisation).proof is proof


def test_a_from_that_names_nobody_is_proven_by_nothing() -> None:
    checks = (spf(Result.PASS, "acme.test"),)
    found = judged("", checks, SILENT, organisation)
    assert (found.proof, found.reason) == (Proof.NONE, NOBODY)


def test_only_a_failure_that_the_domain_minds_is_forbidden() -> None:
    monitors = Published(exists=True, request=Request.NONE)
    found = judged("acme.test", (), monitors, organisation)
    assert (found.proof, found.is_forbidden) == (Proof.FAILED, False)
    cautious = Published(exists=True, request=Request.QUARANTINE)
    assert judged("acme.test", (), cautious, organisation).is_forbidden


def test_it_is_told_in_a_sentence() -> None:
    checks = (spf(Result.PASS), dkim(Result.PERMERROR, "evil.test", "there is no such key"))
    assert judged("acme.test", checks, SILENT, organisation).told == (
        "SPF of acme.test proves it; SPF pass (acme.test), DKIM permerror (evil.test: there is no such key),"
        " DMARC none (acme.test)"
    )
    assert unsaid("acme.test", "nobody looked").told == "nobody looked"


@pytest.mark.parametrize(
    "one",
    [
        judged("acme.test", (spf(Result.FAIL), dkim(Result.PASS)), REJECTS, organisation),
        unsaid("", "From names nobody", "mx.example.com"),
    ],
)
def test_what_is_stored_of_it_is_it_again(one: Authentication) -> None:
    assert from_tree(json.loads(json.dumps(as_tree(one)))) == one
