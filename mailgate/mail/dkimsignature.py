"""Knows whether a DKIM signature holds for a mail (RFC 6376).

It holds for no mail whose header two readers could read in two ways: what was signed would be one of them,
and what somebody is shown the other. Linear, whatever the octets are, and never raises.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from hmac import compare_digest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from mailgate.core.authentication import Result
from mailgate.mail import header
from mailgate.mail.dkimclaim import Claim, Failing, PublicKey, Sealed, octets, wrong
from mailgate.mail.header import Header
from mailgate.mail.signing import canonical_body, canonical_value

_SECONDS = re.compile(r"\d{1,12}")
_NAME = re.compile(rb"[!-9;-~]{1,76}[ \t]*:")
# Of these a reader is shown the first, and a signature covers the last: two of them are two mails.
_ONCE = (
    b"from", b"subject", b"date", b"to", b"cc", b"reply-to", b"message-id", b"in-reply-to", b"references",
    b"mime-version", b"content-type", b"content-transfer-encoding",
)  # fmt: skip


def verified(raw: bytes, sealed: Sequence[Sealed], at: datetime) -> tuple[Failing | None, ...]:
    """Of each signature why it does not hold for this mail, accepted at that instant; None where it does."""
    fields = _fields(raw)
    if fields is None:
        return (wrong("the header of the mail can be read in two ways"),) * len(sealed)
    body = raw[sum(map(len, fields)) + 2 :]

    @cache
    def body_hash(form: str) -> bytes:
        return sha256(_BODIES[form](body)).digest()

    return tuple(_verified(fields, body_hash, one, at) for one in sealed)


def _verified(
    fields: Sequence[bytes], body_hash: Callable[[str], bytes], sealed: Sealed, at: datetime
) -> Failing | None:
    tags = sealed.claim.tags
    of_header, _, of_body = tags.get("c", "simple/simple").lower().partition("/")
    forms = (of_header, of_body or "simple")
    if not set(forms) <= _BODIES.keys():
        return wrong("its way of writing is not known")
    if _is_past(tags.get("x", ""), at):
        return wrong("it is past its time")
    promised, signature = octets(tags.get("bh", "")), octets(tags.get("b", ""))
    if promised is None or signature is None:
        return wrong("it is damaged")
    if not compare_digest(promised, body_hash(forms[1])):
        return Failing(Result.FAIL, "the text is not what was signed")
    signed = b"".join(_signed(fields, sealed.claim, forms[0]))
    return None if _fits(sealed.key, signature, signed) else Failing(Result.FAIL, "the header was changed")


def _fits(key: PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        match key:
            case RSAPublicKey():
                key.verify(signature, signed, PKCS1v15(), SHA256())
            case Ed25519PublicKey():
                key.verify(signature, sha256(signed).digest())  # RFC 8463 section 3
    except InvalidSignature:
        return False
    return True


def _signed(fields: Sequence[bytes], claim: Claim, form: str) -> Iterator[bytes]:
    """What of the header was signed: the fields named, the last of a name first, then the signature."""
    left: dict[bytes, list[bytes]] = defaultdict(list)
    for one in fields:
        left[_named(one)].append(one)
    itself = left[b"dkim-signature"][claim.place]
    for named in claim.tags["h"].split(":"):  # RFC 6376 section 5.4.2
        several = left.get(named.strip().lower().encode("latin-1"), [])
        if several:
            yield _canonical(several.pop(), form)
    yield _canonical(_without_itself(itself), form).removesuffix(b"\r\n")


def _canonical(one: bytes, form: str) -> bytes:
    """The field as it is signed (RFC 6376 sections 3.4.1 and 3.4.2)."""
    if form == "simple":
        return one
    return b"%s:%s\r\n" % (_named(one), canonical_value(one.partition(b":")[2].replace(b"\r\n", b"")))


def _without_itself(one: bytes) -> bytes:
    """The signature field with nothing behind its `b=` (RFC 6376 section 3.7)."""
    name, colon, value = one.partition(b":")
    tags = value.removesuffix(b"\r\n").split(b";")
    emptied = (tag[: tag.index(b"=") + 1] if tag.partition(b"=")[0].strip() == b"b" else tag for tag in tags)
    return name + colon + b";".join(emptied) + b"\r\n"


def _fields(raw: bytes) -> list[bytes] | None:
    """The fields of the header as they stand; None where not everybody would read the same ones."""
    end = raw.find(b"\r\n\r\n")
    head = header.read(raw, 0, len(raw))
    if end < 0 or not isinstance(head, Header) or head.body != end + 4:
        return None
    fields: list[bytes] = []
    for line in raw[: end + 2].splitlines(keepends=True):
        if line[:1] in b" \t" and fields:
            fields[-1] += line
        elif _NAME.match(line):
            fields.append(line)
        else:
            return None
    names = [_named(one) for one in fields]
    return None if any(names.count(name) > 1 for name in _ONCE) else fields


def _named(one: bytes) -> bytes:
    return one.partition(b":")[0].rstrip(b" \t").lower()


def _simple_body(body: bytes) -> bytes:
    """RFC 6376 section 3.4.3: as it stands, without the empty lines at its end."""
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end] + b"\r\n"


_BODIES: Mapping[str, Callable[[bytes], bytes]] = {"simple": _simple_body, "relaxed": canonical_body}


def _is_past(text: str, at: datetime) -> bool:
    return bool(text) and not (_SECONDS.fullmatch(text) and int(text) >= at.timestamp())
