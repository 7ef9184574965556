"""Knows what mails are signed or encrypted, by their containers (RFC 1847, RFC 3156, RFC 8551); no more."""

import re

from mailgate.core.message import Protection
from mailgate.mail.structure import Part, Structure

_SIGNATURES = frozenset({"multipart/signed", "application/pkcs7-signature", "application/pgp-signature"})
_ENCRYPTED = frozenset({"multipart/encrypted", "application/pgp-encrypted"})
SMIME = frozenset(["application/pkcs7-mime", "application/x-pkcs7-mime"])
_OPAQUE = frozenset({"enveloped-data", "authenveloped-data"})
_ARMOUR = re.compile(r"^-----BEGIN PGP MESSAGE-----[ \t]*$", re.MULTILINE)


def of(structure: Structure, text: str) -> Protection:
    """How the mail is protected; `text` is what could be read of it."""
    kinds = [_kind_of(part) for part in structure.parts if part.content_type in SMIME]
    types = {structure.content_type, *(part.content_type for part in structure.parts)}
    if _OPAQUE.intersection(kinds) or types & _ENCRYPTED or _ARMOUR.search(text):
        return Protection.ENCRYPTED
    if "" in kinds and not text.strip():  # it does not say, and nothing in it can be read
        return Protection.ENCRYPTED
    is_signed = types & _SIGNATURES or {"signed-data", ""}.intersection(kinds)
    return Protection.SIGNED if is_signed else Protection.NONE


def _kind_of(part: Part) -> str:
    return part.parameters.get("smime-type", "").lower()
