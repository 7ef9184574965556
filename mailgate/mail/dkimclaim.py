"""Knows what the DKIM signatures of a mail claim, and which keys they are verified by (RFC 6376).

Strict where a forger could gain: what leaves From out, or the end of the text, proves nothing, nor does a key
that is too short, or that its domain only tests. Linear, whatever the octets are, and never raises.
"""

import re
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mailgate.core.authentication import Result
from mailgate.core.lookup import Answer, Found, Nothing, Unanswered
from mailgate.mail import header
from mailgate.mail.header import Header
from mailgate.mail.signing import Algorithm

_FIELD = "dkim-signature"
_LONGEST = 8192  # octets of one field
_MOST = 100  # signatures that are looked at; one in three hundred mails has more than three
_SIGNED_FIELDS = 200  # names in h=
_SHORTEST_KEY = 1024  # bits; RFC 8301 section 3.2
_LONGEST_KEY = 4096  # bits; the most that RFC 8301 section 3.2 asks for
_LONGEST_RECORD = 1000  # characters of base64; RSA of 4096 bits has 736
_LABEL = "[a-z0-9_][a-z0-9_-]{0,62}"
_LABELS = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_ALGORITHMS = {f"{one}-sha256": one for one in Algorithm}
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Failing:
    """Why a signature proves nothing, before or after it was verified."""

    result: Result
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature as it stands.

    Args:
        place: among the signatures of the mail, counted from the top, from 0.
        domain: who signs (`d=`).
        tags: all that it says, by the names of its tags.
        failing: why it is not worth verifying; None where it is.
    """

    place: int
    domain: str
    selector: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, repr=False)
    failing: Failing | None = None

    @property
    def identity(self) -> str:
        """The part of the domain that signs (`i=`)."""
        return self.tags.get("i", "").rpartition("@")[2].lower() or self.domain

    @property
    def key_name(self) -> str:
        """Where its key stands in the DNS (RFC 6376 section 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"


PublicKey = RSAPublicKey | Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signature with the key that it is verified by."""

    claim: Claim
    key: PublicKey


def claims(raw: bytes) -> tuple[Claim, ...]:
    """What the signatures of the mail claim, the topmost first."""
    head = header.read(raw, 0, len(raw))
    fields = head.every(_FIELD)[:_MOST] if isinstance(head, Header) else ()
    return tuple(_claim(place, value) for place, value in enumerate(fields))


def key(claim: Claim, answer: Answer) -> Sealed | Failing:
    """The key of a signature in what the DNS answers about its name, or why there is none to be used."""
    match answer:
        case Unanswered(reason):
            return Failing(Result.TEMPERROR, reason)
        case Nothing():
            return Failing(Result.PERMERROR, "there is no such key")
        case Found(records):
            if len(records) != 1:
                return Failing(Result.PERMERROR, "there are several keys of one name")
            tags = _tags(records[0])
            if tags is None:
                return wrong("its key cannot be read")
            return _no_key(tags, claim) or _sealed(tags, claim)


def octets(text: str) -> bytes | None:
    """The octets that base64 stands for, with blanks in it or not; None where it is none."""
    try:
        return b64decode(_BLANKS.sub("", text), validate=True)
    except (BadBase64, ValueError):
        return None


def _claim(place: int, value: bytes) -> Claim:
    tags = _tags(value.decode("latin-1")) if len(value) <= _LONGEST else None
    if tags is None:
        return Claim(place, "", failing=wrong("it cannot be read"))
    domain, selector = tags.get("d", "").lower(), tags.get("s", "")
    if not (_LABELS.fullmatch(domain) and _LABELS.fullmatch(selector)):
        return Claim(place, "", failing=wrong("it names no key"))
    claim = Claim(place, domain, selector, tags)
    return replace(claim, failing=_no_proof(claim))


def _no_proof(claim: Claim) -> Failing | None:
    """What keeps a signature from proving a mail, whether it holds or not."""
    tags, algorithm = claim.tags, claim.tags.get("a", "").lower()
    signed = [name.strip().lower() for name in tags.get("h", "").split(":", _SIGNED_FIELDS)]
    faults = {
        "it is of another version": tags.get("v") != "1",
        "it does not sign From": "from" not in signed,  # RFC 6376 section 5.4: nothing else is proven by it
        "it signs too much": len(signed) > _SIGNED_FIELDS,
        "its key is not in the DNS": "dns/txt" not in _listed(tags.get("q", "dns/txt")),
        "it speaks for somebody else": not f".{claim.identity}".endswith(f".{claim.domain}"),
        "its algorithm is not known": algorithm not in {*_ALGORITHMS, "rsa-sha1"},
    }
    for reason, holds in faults.items():
        if holds:
            return wrong(reason)
    if "l" in tags:  # RFC 6376 section 8.2: anything may be added below
        return Failing(Result.POLICY, "it signs only the beginning of the text (l=)")
    if algorithm == "rsa-sha1":  # RFC 8301 section 3.1
        return Failing(Result.POLICY, "SHA-1 proves nothing any more")
    return None


def _no_key(tags: Mapping[str, str], claim: Claim) -> Failing | None:
    """What keeps a key from verifying the signature (RFC 6376 section 3.6.1)."""
    flags, hashes = _listed(tags.get("t", "")), _listed(tags.get("h", "sha256"))
    public = _BLANKS.sub("", tags.get("p", ""))
    faults = {
        "its key cannot be read": tags.get("v", "DKIM1") != "DKIM1",
        "its key was withdrawn": not public,
        "its key is too long": len(public) > _LONGEST_RECORD,
        "its key is of another kind": tags.get("k", "rsa") != _algorithm(claim),
        "its key is not for SHA-256": "sha256" not in hashes,
        "its key is not for mail": not {"*", "email"} & _listed(tags.get("s", "*")),
        "its key is not for subdomains": "s" in flags and claim.identity != claim.domain,
    }
    for reason, holds in faults.items():
        if holds:
            return wrong(reason)
    # A domain that only tests is as if it had not signed.
    return Failing(Result.POLICY, "its domain only tests this key") if "y" in flags else None


def _sealed(tags: Mapping[str, str], claim: Claim) -> Sealed | Failing:
    """The signature with its key, if that is one that proves something (RFC 8301 section 3.2)."""
    public = octets(tags["p"])
    if public is None:
        return wrong("its key cannot be read")
    try:
        if _algorithm(claim) is Algorithm.ED25519:
            return Sealed(claim, Ed25519PublicKey.from_public_bytes(public))
        key = load_der_public_key(public)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return wrong("its key cannot be read")
    if not isinstance(key, RSAPublicKey):
        return wrong("its key is of another kind")
    if not _SHORTEST_KEY <= key.key_size <= _LONGEST_KEY:
        return wrong(f"its key has {key.key_size} bits")
    return Sealed(claim, key)


def _algorithm(claim: Claim) -> Algorithm:
    return _ALGORITHMS[claim.tags["a"].lower()]


def _listed(value: str) -> frozenset[str]:
    return frozenset(one.strip().lower() for one in value.split(":"))


def _tags(text: str) -> dict[str, str] | None:
    """The tags of a list (RFC 6376 section 3.2); None where it is none, or has one of them twice."""
    found: dict[str, str] = {}
    for tag in text.strip().rstrip(";").split(";"):
        name, equals, value = (one.strip() for one in tag.partition("="))
        if not (equals and name.isascii() and name.isidentifier()) or name in found:
            return None
        found[name] = value
    return found


def wrong(reason: str) -> Failing:
    """That it will never hold, and why."""
    return Failing(Result.PERMERROR, reason)
