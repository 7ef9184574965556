"""Knows the keys of DKIM: how one is made, read and written, and which public key its record publishes.

RSA of 2048 to 4096 bits, which everybody can verify (RFC 8301), and Ed25519 (RFC 8463) beside it.
"""

from base64 import b64encode
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from mailgate.mail.signing import Algorithm, Signer

DkimKey = RSAPrivateKey | Ed25519PrivateKey
"""A private key; its `repr` shows nothing of it."""

SHORTEST, LONGEST = 2048, 4096
"""Bits of an RSA key: verifiers need not take longer ones (RFC 8301 section 3.2)."""

_EXPONENT = 65537


class DkimKeyError(ValueError):
    """These octets hold no key to sign by; the text says why not, and never what they are."""


def fresh(algorithm: Algorithm, bits: int = SHORTEST) -> DkimKey:
    """A new key; `bits` are of RSA."""
    match algorithm:
        case Algorithm.RSA:
            return generate_private_key(_EXPONENT, bits)
        case Algorithm.ED25519:
            return Ed25519PrivateKey.generate()


def read(pem: bytes) -> DkimKey:
    """The key of a PEM file: PKCS #8, or PKCS #1 of RSA.

    Raises:
        DkimKeyError: there is none, or none that may sign.
    """
    try:
        key = load_pem_private_key(pem, None)
    except TypeError:
        raise DkimKeyError("the key is locked by a password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise DkimKeyError("holds no private key in PEM") from None
    match key:
        case RSAPrivateKey() if not SHORTEST <= key.key_size <= LONGEST:
            raise DkimKeyError(f"is an RSA key of {key.key_size} bits")
        case RSAPrivateKey() | Ed25519PrivateKey():
            return key
        case _:
            raise DkimKeyError("is neither an RSA key nor one of Ed25519")


def written(key: DkimKey) -> bytes:
    """The key as PEM (PKCS #8), which `read` reads: a secret."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def algorithm_of(key: DkimKey) -> Algorithm:
    """How it signs."""
    return Algorithm.RSA if isinstance(key, RSAPrivateKey) else Algorithm.ED25519


def record(key: DkimKey) -> str:
    """What the domain publishes so that anybody can verify (RFC 6376 section 3.6.1)."""
    return f"v=DKIM1; k={algorithm_of(key)}; p={b64encode(_public(key)).decode()}"


def signer(key: DkimKey, domain: str, selector: str) -> Signer:
    """The key at work for a domain."""
    match key:
        case RSAPrivateKey():
            return Signer(
                domain, selector, Algorithm.RSA, lambda octets: key.sign(octets, PKCS1v15(), SHA256())
            )
        case Ed25519PrivateKey():  # RFC 8463 section 3: the hash is what is signed
            return Signer(
                domain, selector, Algorithm.ED25519, lambda octets: key.sign(sha256(octets).digest())
            )


def _public(key: DkimKey) -> bytes:
    match key:
        case RSAPrivateKey():
            return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        case Ed25519PrivateKey():  # RFC 8463 section 4: the 32 octets alone
            return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
