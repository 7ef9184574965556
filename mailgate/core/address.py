"""Knows the addresses of the desk: whose alias an address is, and the signed ones that replies come back to.

A signed address is `alias+token@domain`, or has another separator in the place of the `+`: all of them are
read, whichever is written. Its token is 20 octets in base32 (32 characters): key and role, ticket, principal,
and 80 bits of HMAC-SHA256 over these and the alias. It names who may use it, may be used many times, and
grants nothing but what its role says (`behaviour.md` 3.2, 4.3).
"""

import hashlib
import hmac
import re
from base64 import b32decode, b32encode
from binascii import Error as BadBase32
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from mailgate.core.account import Account, AliasRole, Desk, UnknownSenders
from mailgate.core.message import domain_of, folded
from mailgate.core.reply import NO_SUCH_USER, QUEUED, RELAY_DENIED, SENDER_REFUSED, Reply
from mailgate.core.ticket import TicketId

OPERATOR_MAILBOXES = frozenset({"postmaster", "abuse"})  # RFC 5321 section 4.5.1, RFC 2142 section 4
SEPARATORS = "+-=_."
"""What may stand between an alias and a token: some mail systems keep one of them for themselves."""

LONGEST_ALIAS = 31  # octets; with a separator and a token it fills the 64 of RFC 5321 section 4.5.3.1.1

_TOKEN_CHARACTERS = 32
TOKEN = rf"[a-z2-7]{{{_TOKEN_CHARACTERS}}}"
"""How a token looks, as a pattern."""

_SIGNED = re.compile(rf"(?:[{re.escape(SEPARATORS)}]|=3d)({TOKEN})@".encode(), re.IGNORECASE)
"""Also in quoted-printable, in which `=` is `=3D`."""

_OWN_ID = re.compile(r"[a-z2-7]{24}@", re.IGNORECASE)
_TICKET_OCTETS = 5
_PRINCIPAL_OCTETS = 4
_MAC_OCTETS = 10  # 80 bits


class TokenRole(IntEnum):
    """What a signed address is for."""

    CUSTOMER = 1
    STAFF = 2
    BOUNCE = 3
    COMMAND = 4  # a member of staff's, whose words stay inside: the way back from an internal note


STAFF_ROLES = frozenset({TokenRole.STAFF, TokenRole.COMMAND})
"""What only a member of staff may use."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets that sign, by key number (0 to 15); new addresses are signed with `current`."""

    current: int
    secrets: Mapping[int, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """What a signed address says. `principal` is a digest of the address of the person it was made for."""

    role: TokenRole
    ticket: TicketId
    principal: bytes


@dataclass(frozen=True, slots=True)
class ToAccount:
    """An address that is an account's: an alias, or a signed address under that alias.

    Args:
        unbelieved: it looks signed, but not with a key that there is: it counts as the alias.
    """

    account: str
    alias: str
    role: AliasRole
    token: Token | None = None
    unbelieved: bool = False


@dataclass(frozen=True, slots=True)
class ToOperators:
    """`postmaster` or `abuse`."""

    mailbox: str


Destination = ToAccount | ToOperators


def principal(address: str) -> bytes:
    """The digest of a person's address that a token carries."""
    return hashlib.sha256(folded(address).encode()).digest()[:_PRINCIPAL_OCTETS]


def signed_address(alias: str, token: Token, domain: str, keys: Keys, separator: str = "+") -> str:
    """The address `alias+token@domain` for this token, with that separator."""
    claims = _claims(token, keys.current)
    mac = _mac(claims, alias, keys.secrets[keys.current])
    return f"{alias}{separator}{b32encode(claims + mac).decode().lower()}@{domain}"


def message_id(cause: str, domain: str, keys: Keys) -> str:
    """A Message-ID that is the same for the same cause and that nobody can guess; without angle brackets."""
    mac = hmac.digest(keys.secrets[keys.current], b"message-id\0" + cause.encode(), "sha256")
    return f"{b32encode(mac[:15]).decode().lower()}@{domain}"


def spellings(named: str) -> tuple[str, ...]:
    """A Message-ID as it is named, and as it may have been before it was damaged on the way.

    Some mail systems change the case of one of ours, which have none, or leave quoted-printable undecoded.
    """
    plain = named.replace("=3D", "=")
    return tuple(dict.fromkeys((named, plain, plain.lower() if _OWN_ID.match(plain) else plain)))


def names_staff(content: bytes) -> bool:
    """Whether a signed address of a member of staff stands in it, in whatever way it was signed."""
    return any(_octets(found[1].decode())[0] & 15 in STAFF_ROLES for found in _SIGNED.finditer(content))


def destination(address: str, desk: Desk, keys: Keys) -> Destination | Reply:
    """Whose address this is, or the reply that refuses it (`behaviour.md` 1.1, 1.2)."""
    local, _, domain = address.rpartition("@")
    local, domain = local.casefold(), domain_of(domain)
    if local in OPERATOR_MAILBOXES and domain == desk.domain:
        return ToOperators(local)
    if not local and domain in OPERATOR_MAILBOXES:  # RFC 5321 section 4.1.1.3: bare `postmaster`
        return ToOperators(domain)
    if domain != desk.domain:
        return RELAY_DENIED
    if local in desk.by_alias:
        account, role = desk.by_alias[local]
        return ToAccount(account, local, role)
    return _signed(local, desk, keys)


def admitted(recipient: str, reverse_path: str, desk: Desk, keys: Keys) -> Reply:
    """The reply to RCPT: from configuration alone (`behaviour.md` 1.1; 2.7 `reject`)."""
    found = destination(recipient, desk, keys)
    match found:
        case Reply():
            return found
        case ToAccount(account=key, token=None) if _shut_out(reverse_path, desk.accounts[key], desk):
            return SENDER_REFUSED
        case ToAccount() | ToOperators():
            return QUEUED


def _claims(token: Token, key: int) -> bytes:
    return bytes([key << 4 | token.role]) + token.ticket.to_bytes(_TICKET_OCTETS) + token.principal


def _mac(claims: bytes, alias: str, secret: bytes) -> bytes:
    return hmac.digest(secret, b"address\0" + claims + alias.casefold().encode(), "sha256")[:_MAC_OCTETS]


def _signed(local: str, desk: Desk, keys: Keys) -> ToAccount | Reply:
    """Whose signed address it is, read from its end: an alias may hold separators too.

    A token that is not believed (its key was retired) says nothing, but a customer's mail, or a report, goes
    where one to the alias goes: it is found by what it answers, and never lost. One of staff is refused, so
    that no internal word is taken for a customer's.
    """
    if len(local) <= _TOKEN_CHARACTERS or local[-_TOKEN_CHARACTERS - 1] not in SEPARATORS:
        return NO_SUCH_USER
    alias, signed = local[: -_TOKEN_CHARACTERS - 1], local[-_TOKEN_CHARACTERS:]
    try:
        octets = _octets(signed)
    except (BadBase32, ValueError):
        return NO_SUCH_USER
    found, claimed = desk.by_alias.get(alias), octets[0] & 15
    if found is None or claimed not in TokenRole.__members__.values():
        return NO_SUCH_USER
    account, role = found
    token = _token(alias, octets, keys)
    if token is None and claimed in STAFF_ROLES:
        return NO_SUCH_USER
    return ToAccount(account, alias, role, token, unbelieved=token is None)


def _token(alias: str, octets: bytes, keys: Keys) -> Token | None:
    """What it says, if it was signed with a key that is believed."""
    claims, mac = octets[:-_MAC_OCTETS], octets[-_MAC_OCTETS:]
    secret = keys.secrets.get(claims[0] >> 4)
    if secret is None or not hmac.compare_digest(mac, _mac(claims, alias, secret)):
        return None
    ticket = int.from_bytes(claims[1 : 1 + _TICKET_OCTETS])
    return Token(TokenRole(claims[0] & 15), TicketId(ticket), claims[1 + _TICKET_OCTETS :])


def _octets(signed: str) -> bytes:
    return b32decode(signed.upper())


def _shut_out(reverse_path: str, account: Account, desk: Desk) -> bool:
    if account.unknown_senders is not UnknownSenders.REJECT or not reverse_path:
        return False
    return not account.knows(reverse_path) and desk.member(reverse_path) is None
