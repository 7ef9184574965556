"""Knows how a domain says by DKIM that a mail is its own, whole and as it was written (RFC 6376).

Header and body are signed as a reader would see them (`relaxed`): blanks and folds on the way break nothing.
Every field that a reader is shown is signed once more than it is there, so that nobody can add another of its
name; no `l=`, so nothing can be added to the body. What is signed is what our own relay puts on the wire.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from textwrap import wrap

FIELDS = (
    "From",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "To",
    "Cc",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Auto-Submitted",
)
"""What is signed, and signed once more as not being there (RFC 6376 sections 5.4.1 and 5.4.2)."""

_LINE = 72  # octets of a folded line
_BLANKS = re.compile(rb"[ \t]+")


class Algorithm(StrEnum):
    """How a key signs, in the words of `k=` in its record."""

    RSA = "rsa"
    ED25519 = "ed25519"  # RFC 8463


@dataclass(frozen=True, slots=True)
class Signer:
    """One key of a domain at work.

    Args:
        domain: in ASCII, as DNS knows it.
        selector: the name below which the domain publishes the public key.
        sign: makes the signature of octets with the private key, which is shown nowhere.
    """

    domain: str
    selector: str
    algorithm: Algorithm
    sign: Callable[[bytes], bytes] = field(repr=False, compare=False)


def signed(content: bytes, signers: Sequence[Signer], at: datetime) -> bytes:
    """The mail with a signature of each signer on top; with none, as it was.

    Args:
        content: a mail whose lines end with CRLF, and whose header has no field twice that is signed.
        at: when it is signed.
    """
    if not signers:
        return content
    head, _, body = content.partition(b"\r\n\r\n")
    fields = _canonical_fields(head)
    body_hash = b64encode(sha256(canonical_body(body)).digest()).decode()
    signatures = (_signature(one, fields, body_hash, at) for one in signers)
    return b"".join((*signatures, content))


def canonical_body(body: bytes) -> bytes:
    """The body as it is signed (RFC 6376 section 3.4.4), in time that grows with its length alone."""
    if b"\t" in body:
        body = body.replace(b"\t", b" ")
    while b"  " in body:  # each round halves the longest run
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n").rstrip(b" ")
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end] + b"\r\n" if end else b""


def canonical_value(body: bytes) -> bytes:
    """The body of a field, unfolded, as it is signed (RFC 6376 section 3.4.2)."""
    return _BLANKS.sub(b" ", body).strip(b" ")


def _canonical_fields(head: bytes) -> Mapping[bytes, bytes]:
    """The body of each field as it is signed, by its name in lower case (RFC 6376 section 3.4.2)."""
    unfolded = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n")
    named = (line.partition(b":") for line in unfolded)
    return {name.rstrip(b" \t").lower(): canonical_value(body) for name, _, body in named}


def _signature(signer: Signer, fields: Mapping[bytes, bytes], body_hash: str, at: datetime) -> bytes:
    """The field that holds a signature (RFC 6376 section 3.5), folded, with its line end."""
    names = [one.lower() for one in FIELDS]
    present = [name for name in names if name.encode() in fields]
    tags = (
        f" v=1; a={signer.algorithm}-sha256; c=relaxed/relaxed",
        f"d={signer.domain}",
        f"s={signer.selector}; t={int(at.timestamp())}",
        "h=" + _names_folded(present + names),
        f"bh={body_hash}",
        "b=",
    )
    unsigned = ";\r\n ".join(tags)
    # RFC 6376 section 3.7: the fields in the order of h=, then this one without its end and its own b=.
    covered = b"".join(b"%s:%s\r\n" % (name, fields[name]) for name in map(str.encode, present))
    itself = canonical_value(unsigned.replace("\r\n", "").encode())
    written = b64encode(signer.sign(covered + b"dkim-signature:" + itself)).decode()
    folded = "\r\n ".join(written[start : start + _LINE] for start in range(0, len(written), _LINE))
    return f"DKIM-Signature:{unsigned}{folded}\r\n".encode()


def _names_folded(names: Sequence[str]) -> str:
    lines = wrap(": ".join(names), _LINE, break_on_hyphens=False)
    return "\r\n ".join(line.replace(": ", ":") for line in lines)
