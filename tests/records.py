"""Knows keys of DKIM that tests sign with, and whether a signature is believed by a stranger: dkimpy."""

from dataclasses import dataclass
from functools import cache

import dkim

from mailgate.core.dnsrecord import ascii_name
from mailgate.mail import dkimkey
from mailgate.mail.signing import Algorithm, Signer

DOMAIN = "support.example.com"


@dataclass(frozen=True)
class Desk:
    """Keys at work, and the records by which they are verified."""

    signers: tuple[Signer, ...]
    records: dict[str, str]

    def verdicts(self, content: bytes) -> list[bool]:
        """Whether each signature of the mail holds, from the top."""
        count = content.partition(b"\r\n\r\n")[0].lower().count(b"dkim-signature:")
        return [self._holds(content, at) for at in range(count)]

    def _holds(self, content: bytes, at: int) -> bool:
        try:
            return bool(dkim.DKIM(content).verify(at, dnsfunc=self._found))
        except dkim.ValidationError:  # of the body
            return False

    def _found(self, name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG002 - dkimpy's signature
        record = self.records.get(name.decode().removesuffix("."))
        return record.encode() if record else None


@cache
def desk(domain: str = DOMAIN) -> Desk:
    """A domain that signs with a key of each kind."""
    keys = {f"mg-{one}": dkimkey.fresh(one) for one in Algorithm}
    name = ascii_name(domain)
    return Desk(
        tuple(dkimkey.signer(key, name, selector) for selector, key in keys.items()),
        {f"{selector}._domainkey.{name}": dkimkey.record(key) for selector, key in keys.items()},
    )
