"""Knows signed mails for tests: signed by a library that shares no line with ours, and by keys made once."""

from base64 import b64encode
from functools import cache

import dkim
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

MAIL = (
    b"From: Bob <bob@acme.test>\r\n"
    b"To: acme@support.example.com\r\n"
    b"Subject: [P2] Printer\r\n on fire\r\n"
    b"Date: Fri, 20 Nov 2026 12:00:00 +0000\r\n"
    b"Message-ID: <m1@acme.test>\r\n"
    b"\r\n"
    b"It  burns. \r\n"
    b"\r\n"
)


@cache
def rsa(bits: int = 2048) -> RSAPrivateKey:
    return generate_private_key(65537, bits)


@cache
def ed25519() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def rsa_record(key: RSAPrivateKey, more: str = "") -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa;{more} p={b64encode(der).decode()}"


def ed25519_record(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k=ed25519; p={b64encode(raw).decode()}"


def signed(
    mail: bytes = MAIL,
    domain: str = "acme.test",
    *,
    key: RSAPrivateKey | Ed25519PrivateKey | None = None,
    selector: str = "s1",
    forms: str = "relaxed/relaxed",
    fields: tuple[str, ...] = ("from", "to", "subject", "date", "message-id"),
    length: bool = False,
    identity: str = "",
    algorithm: bytes = b"rsa-sha256",
) -> bytes:
    """The mail with a signature of the domain on top."""
    key = key or rsa()
    of_header, of_body = (one.encode() for one in forms.split("/"))
    if isinstance(key, RSAPrivateKey):
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    else:
        raw = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        secret, algorithm = b64encode(raw), b"ed25519-sha256"
    signer = dkim.DKIM(mail)
    signer.should_not_sign.clear()
    field: bytes = signer.sign(
        selector.encode(),
        domain.encode(),
        secret,
        signature_algorithm=algorithm,
        identity=identity.encode() or None,
        canonicalize=(of_header, of_body),
        include_headers=[one.encode() for one in fields],
        length=length,
    )
    return field + mail
