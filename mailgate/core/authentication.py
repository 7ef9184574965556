"""Knows what proves who sent a mail: the results of SPF, DKIM and DMARC, and what they come to for its From.

Only what speaks for the domain in From proves it (RFC 7489 section 3.1): a forger's own domain may be as
sound as it likes. A question that nobody answered is neither a proof nor a failure, but unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from mailgate.core.dmarc import Organisation, Published, Request, ascii_domain, is_aligned
from mailgate.core.enumeration import listed

NOBODY = "From names nobody, or more than one"


class Method(StrEnum):
    """How it was looked for (RFC 8601 section 2.7)."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"


class Result(StrEnum):
    """What it came to, in the words of RFC 8601 section 2.7."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    POLICY = "policy"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class Proof(StrEnum):
    """What is known of the From of a mail."""

    PASSED = "passed"  # its domain sent it
    FAILED = "failed"  # its domain says how its mail is known, and this one is not known by it
    UNKNOWN = "unknown"  # nobody could say now
    NONE = "none"  # its domain says nothing, or nobody who is believed looked


@dataclass(frozen=True, slots=True)
class Check:
    """One result.

    Args:
        domain: whose word it is: of the reverse-path, of the signature, of From.
        reason: why, where there is more to say; one line.
    """

    method: Method
    result: Result
    domain: str = ""
    reason: str = ""

    @property
    def told(self) -> str:
        """`DKIM pass (acme.example)`."""
        why = ": ".join(filter(None, (self.domain, self.reason)))
        return f"{self.method.upper()} {self.result}" + (f" ({why})" if why else "")


@dataclass(frozen=True, slots=True)
class Authentication:
    """What proves who sent a mail.

    Args:
        domain: of its From; empty where that names nobody, or more than one.
        reason: what the verdict rests on, in a sentence.
        request: what the domain asks for mail that is not proven to be its own.
        by: whose word it is: empty for our own, else the authserv-id of the mail server in front.
    """

    proof: Proof
    domain: str
    reason: str
    checks: tuple[Check, ...] = ()
    request: Request = Request.NONE
    by: str = ""

    @property
    def is_forbidden(self) -> bool:
        """Whether the domain asks that this mail be not taken for its own."""
        return self.proof is Proof.FAILED and self.request is not Request.NONE

    @property
    def told(self) -> str:
        """All of it in a sentence."""
        said = [check.told for check in self.checks]
        return f"{self.reason}; {', '.join(said)}" if said else self.reason


def judged(
    domain: str, checks: Iterable[Check], known: Published, organisation: Organisation
) -> Authentication:
    """What the results come to for a mail of that domain. An SPF result of no domain was not looked for."""
    said = tuple(checks)
    ours = [
        one for one in said if one.method is not Method.DMARC and _speaks(one, domain, known, organisation)
    ]
    proof, reason = _weighed(domain, ours, known, _unasked(said))
    whole = (*said, _as_dmarc(domain, proof, known))
    return Authentication(proof, domain, reason, whole, known.request)


def heard(
    domain: str, checks: Iterable[Check], request: Request, organisation: Organisation, by: str
) -> Authentication:
    """What a mail server in front found, about this mail.

    Its DMARC result decides; of several that differ the worst. If it is about another From than we read,
    somebody was to be deceived. Without one its other results come to what ours would where nothing is
    published.
    """
    said = tuple(checks)
    verdicts = [one for one in said if one.method is Method.DMARC]
    others = {ascii_domain(one.domain) for one in verdicts} - {"", ascii_domain(domain)}
    if others:
        reason = f"{by} speaks of {listed(sorted(others))} as From, which reads {domain}"
        return Authentication(Proof.FAILED, domain, reason, said, by=by)
    results = {one.result for one in verdicts}
    for result, proof in _VERDICTS.items():
        if results == {result} or (result in results and result is not Result.PASS):
            reason = f"{by} says that DMARC {_BY_RESULT[proof]}"
            return Authentication(proof, domain, reason, said, request, by)
    found = judged(domain, said, Published(), organisation)
    return replace(found, checks=said, by=by)


def unsaid(domain: str, reason: str, by: str = "") -> Authentication:
    """That nothing is known of the mail, and why."""
    return Authentication(Proof.NONE, domain, reason, by=by)


def as_tree(authentication: Authentication) -> dict[str, Any]:
    """As JSON has it: what is stored with a mail and shown."""
    return {
        "proof": authentication.proof.value,
        "domain": authentication.domain,
        "reason": authentication.reason,
        "request": authentication.request.value,
        "by": authentication.by,
        "checks": [
            {
                "method": one.method.value,
                "result": one.result.value,
                "domain": one.domain,
                "reason": one.reason,
            }
            for one in authentication.checks
        ],
    }


def from_tree(tree: Mapping[str, Any]) -> Authentication:
    """The same again from what was stored."""
    checks = tuple(
        Check(Method(one["method"]), Result(one["result"]), one["domain"], one["reason"])
        for one in tree["checks"]
    )
    return Authentication(
        Proof(tree["proof"]), tree["domain"], tree["reason"], checks, Request(tree["request"]), tree["by"]
    )


_VERDICTS = {  # the worst first
    Result.FAIL: Proof.FAILED,
    Result.TEMPERROR: Proof.UNKNOWN,
    Result.PASS: Proof.PASSED,
}
_BY_RESULT = {
    Proof.PASSED: "proves it",
    Proof.FAILED: "does not prove it",
    Proof.UNKNOWN: "could not be asked",
}


def _speaks(check: Check, domain: str, known: Published, organisation: Organisation) -> bool:
    strict = known.strict_spf if check.method is Method.SPF else known.strict_dkim
    return is_aligned(check.domain, domain, organisation, strict=strict)


def _unasked(checks: Iterable[Check]) -> str:
    """Why SPF could not be asked: then nobody can say that the mail is not the domain's."""
    return next((one.reason for one in checks if one.method is Method.SPF and not one.domain), "")


def _weighed(domain: str, ours: list[Check], known: Published, unasked: str) -> tuple[Proof, str]:
    for one in ours:
        if one.result is Result.PASS:
            return Proof.PASSED, f"{one.method.upper()} of {one.domain} proves it"
    unanswered = _unanswered(domain, ours, known)
    if unanswered:
        return Proof.UNKNOWN, unanswered
    if known.exists and unasked:
        return Proof.NONE, f"no signature of {domain} proves it, and SPF cannot: {unasked}"
    if known.exists:
        return Proof.FAILED, f"neither SPF nor DKIM proves it, and {domain} asks for {_asks(known)}"
    if any(one.method is Method.SPF and one.result is Result.FAIL for one in ours):
        return Proof.FAILED, f"SPF of {domain} says that it was sent from elsewhere"
    return Proof.NONE, f"{domain} publishes nothing that would prove it" if domain else NOBODY


def _unanswered(domain: str, ours: list[Check], known: Published) -> str:
    """What could not be asked, and might have proved it."""
    for one in ours:
        if one.result is Result.TEMPERROR:
            return f"{one.method.upper()} of {one.domain} could not be asked: {one.reason}"
    return f"what {domain} publishes could not be asked: {known.fault}" if known.fault else ""


def _asks(known: Published) -> str:
    asks = {Request.NONE: "nothing", Request.QUARANTINE: "caution", Request.REJECT: "its refusal"}
    return f"{asks[known.request]} then (DMARC p={known.request})"


def _as_dmarc(domain: str, proof: Proof, known: Published) -> Check:
    """The same as a result of DMARC (RFC 7489 section 11.2)."""
    if known.fault:
        return Check(Method.DMARC, Result.TEMPERROR, domain, known.fault)
    if not known.exists:
        return Check(Method.DMARC, Result.NONE, domain)
    results = {
        Proof.PASSED: Result.PASS,
        Proof.FAILED: Result.FAIL,
        Proof.UNKNOWN: Result.TEMPERROR,
        Proof.NONE: Result.NONE,
    }
    return Check(Method.DMARC, results[proof], domain, f"p={known.request}")
