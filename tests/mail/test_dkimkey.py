"""Keys of DKIM: made, written, read again; what is none is refused, and no key is ever shown."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from mailgate.mail.dkimkey import DkimKeyError, algorithm_of, fresh, read, record, signer, written
from mailgate.mail.signing import Algorithm
from tests.records import desk

RSA = fresh(Algorithm.RSA)
PKCS8, PEM = PrivateFormat.PKCS8, Encoding.PEM
LOCKED = RSA.private_bytes(PEM, PKCS8, BestAvailableEncryption(b"hush"))
SHORT = generate_private_key(65537, 1024).private_bytes(PEM, PKCS8, NoEncryption())  # noqa: S505 - to be refused
ELLIPTIC = elliptic(SECP256R1()).private_bytes(PEM, PKCS8, NoEncryption())


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_key_that_was_written_is_read_again(algorithm: Algorithm) -> None:
    """behaviour.md 5.6"""
    key = fresh(algorithm)
    again = read(written(key))
    assert (algorithm_of(again), record(again)) == (algorithm, record(key))
    assert record(key).startswith(f"v=DKIM1; k={algorithm}; p=")


def test_a_key_that_openssl_made_is_read() -> None:
    older = RSA.private_bytes(PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert older.startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    assert record(read(older)) == record(RSA)


@pytest.mark.parametrize(
    ("pem", "wrong"),
    [
        (b"", "holds no private key in PEM"),
        (b"hush", "holds no private key in PEM"),
        (LOCKED, "the key is locked by a password"),
        (SHORT, "is an RSA key of 1024 bits"),
        (ELLIPTIC, "is neither an RSA key nor one of Ed25519"),
    ],
    ids=["empty", "no key", "locked", "short", "of another kind"],
)
def test_what_is_no_key_to_sign_by_is_refused(pem: bytes, wrong: str) -> None:
    """behaviour.md 5.6"""
    with pytest.raises(DkimKeyError) as told:
        read(pem)
    assert str(told.value) == wrong


def test_a_key_is_not_shown() -> None:
    octets = written(RSA).decode().splitlines()[1]
    assert octets not in f"{RSA!r} {signer(RSA, 'support.example.com', 'mg1')!r} {desk().signers!r}"
