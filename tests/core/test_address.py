"""core/address: aliases, signed addresses, and what RCPT answers."""

from base64 import b32encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.account import Account, AliasRole, Desk, UnknownSenders
from mailgate.core.address import (
    SEPARATORS,
    Keys,
    ToAccount,
    Token,
    TokenRole,
    ToOperators,
    admitted,
    destination,
    message_id,
    names_staff,
    principal,
    signed_address,
)
from mailgate.core.message import Mailbox
from mailgate.core.reply import NO_SUCH_USER, QUEUED, RELAY_DENIED, SENDER_REFUSED, Reply
from mailgate.core.ticket import TicketId

KEYS = Keys(1, {1: b"k" * 32})
DOMAIN = "support.example.com"
SAM = Mailbox("sam@example.com", "Sam Rivera")


def desk(unknown_senders: UnknownSenders = UnknownSenders.HOLD) -> Desk:
    acme = Account(
        key="acme",
        name="Acme Corp",
        policy="particle",
        plan="enterprise",
        aliases=("acme", "Bücher"),
        on_call_aliases=("acme-oncall",),
        domains=frozenset({"acme.example"}),
        unknown_senders=unknown_senders,
        staff=(SAM,),
    )
    return Desk("Example Support", DOMAIN, {"acme": acme}, {}, staff=(SAM,))


def test_an_alias_matches_whole_and_without_case() -> None:
    """behaviour.md 1.2"""
    found = destination("ACME@Support.Example.com", desk(), KEYS)
    assert found == ToAccount("acme", "acme", AliasRole.SUPPORT)
    assert destination("acme2@support.example.com", desk(), KEYS) == NO_SUCH_USER
    assert destination("acm@support.example.com", desk(), KEYS) == NO_SUCH_USER


def test_a_unicode_alias_is_found_in_any_case() -> None:
    """behaviour.md 1.2"""
    found = destination("BÜCHER@support.example.com", desk(), KEYS)
    assert found == ToAccount("acme", "bücher", AliasRole.SUPPORT)


def test_an_on_call_alias_has_its_role() -> None:
    expected = ToAccount("acme", "acme-oncall", AliasRole.ON_CALL)
    assert destination("acme-oncall@support.example.com", desk(), KEYS) == expected


def test_operators_have_their_mailboxes() -> None:
    """behaviour.md 1.1"""
    assert destination("Postmaster@support.example.com", desk(), KEYS) == ToOperators("postmaster")
    assert destination("abuse@support.example.com", desk(), KEYS) == ToOperators("abuse")
    assert destination("postmaster", desk(), KEYS) == ToOperators("postmaster")


def test_another_domain_is_refused_as_relaying() -> None:
    """behaviour.md 1.1"""
    assert destination("acme@elsewhere.example", desk(), KEYS) == RELAY_DENIED
    assert destination("postmaster@elsewhere.example", desk(), KEYS) == RELAY_DENIED


def test_reject_refuses_strangers_at_rcpt_but_not_reports_staff_or_signed_addresses() -> None:
    """behaviour.md 2.7"""
    closed = desk(UnknownSenders.REJECT)
    signed = signed_address(
        "acme", Token(TokenRole.CUSTOMER, TicketId(7), principal("x@y.example")), DOMAIN, KEYS
    )
    assert admitted(f"acme@{DOMAIN}", "eve@evil.example", closed, KEYS) == SENDER_REFUSED
    assert admitted(f"acme@{DOMAIN}", "bob@ACME.example", closed, KEYS) == QUEUED
    assert admitted(f"acme@{DOMAIN}", "", closed, KEYS) == QUEUED
    assert admitted(f"acme@{DOMAIN}", "sam@example.com", closed, KEYS) == QUEUED
    assert admitted(signed, "eve@evil.example", closed, KEYS) == QUEUED
    assert admitted(f"acme@{DOMAIN}", "eve@evil.example", desk(), KEYS) == QUEUED


tokens = st.builds(
    Token,
    role=st.sampled_from(TokenRole),
    ticket=st.sampled_from([0, 1, 42, 2**31, 2**40 - 1]).map(TicketId),
    principal=st.binary(min_size=4, max_size=4),
)


@given(tokens)
def test_a_signed_address_says_what_was_signed_in_any_case(token: Token) -> None:
    """behaviour.md 3.2"""
    address = signed_address("acme", token, DOMAIN, KEYS)
    assert destination(address.upper(), desk(), KEYS) == ToAccount("acme", "acme", AliasRole.SUPPORT, token)


@given(tokens)
def test_a_local_part_is_at_most_64_octets(token: Token) -> None:
    """behaviour.md 3.2"""
    assert len(signed_address("a" * 31, token, DOMAIN, KEYS).partition("@")[0]) == 64


@given(tokens, st.integers(min_value=0, max_value=31), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_changed_token_says_nothing(token: Token, place: int, letter: str) -> None:
    local, _, domain = signed_address("acme", token, DOMAIN, KEYS).partition("@")
    alias, _, signed = local.partition("+")
    changed = signed[:place] + letter + signed[place + 1 :]
    found = destination(f"{alias}+{changed}@{domain}", desk(), KEYS)
    if changed == signed:
        assert found == ToAccount("acme", "acme", AliasRole.SUPPORT, token)
    else:
        assert found in {ToAccount("acme", "acme", AliasRole.SUPPORT, unbelieved=True), NO_SUCH_USER}


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("alias", ["acme", "acme-oncall", "a.b_c-d", "q" * 31])
def test_an_address_is_read_whichever_separator_it_was_written_with(alias: str, separator: str) -> None:
    """behaviour.md 3.2"""
    named = Account("acme", "Acme Corp", "particle", "enterprise", aliases=(alias,))
    at = Desk("Example Support", DOMAIN, {"acme": named}, {})
    token = Token(TokenRole.CUSTOMER, TicketId(7), principal("bob@acme.example"))
    address = signed_address(alias, token, DOMAIN, KEYS, separator)
    assert address.startswith(f"{alias}{separator}")
    assert len(address.partition("@")[0]) <= 64
    for written in (address, address.upper(), address.title()):
        assert destination(written, at, KEYS) == ToAccount("acme", alias, AliasRole.SUPPORT, token)
    for other in SEPARATORS:
        moved = address.replace(f"{alias}{separator}", f"{alias}{other}", 1)
        assert destination(moved, at, KEYS) == ToAccount("acme", alias, AliasRole.SUPPORT, token)
    assert destination(address.replace(f"{alias}{separator}", f"{alias}~", 1), at, KEYS) == NO_SUCH_USER


def test_what_follows_an_alias_and_is_no_token_is_nobody() -> None:
    """behaviour.md 1.1"""
    token = Token(TokenRole.CUSTOMER, TicketId(7), principal("bob@acme.example"))
    local = signed_address("acme", token, DOMAIN, KEYS).partition("@")[0]
    strange = b32encode(bytes([1 << 4 | 9]) + b"x" * 19).decode()  # a role that there is not
    for text in (
        f"{local}a",
        local[:-1],
        "acme+",
        "acme+token",
        local[4:],
        f"acme+{'1' * 32}",
        f"acme+{strange}",
    ):
        assert destination(f"{text}@{DOMAIN}", desk(), KEYS) == NO_SUCH_USER


def test_a_token_holds_under_its_own_alias_only() -> None:
    address = signed_address(
        "acme", Token(TokenRole.STAFF, TicketId(7), principal(SAM.address)), DOMAIN, KEYS
    )
    assert destination(address.replace("acme+", "acme-oncall+"), desk(), KEYS) == NO_SUCH_USER


ALIAS = ToAccount("acme", "acme", AliasRole.SUPPORT)
UNBELIEVED = replace(ALIAS, unbelieved=True)


@pytest.mark.parametrize(
    ("role", "without_its_key"),
    [
        (TokenRole.CUSTOMER, UNBELIEVED),
        (TokenRole.BOUNCE, UNBELIEVED),
        (TokenRole.STAFF, NO_SUCH_USER),
        (TokenRole.COMMAND, NO_SUCH_USER),
    ],
)
def test_an_address_signed_with_an_older_key_still_holds_and_with_a_retired_one_says_nothing(
    role: TokenRole, without_its_key: ToAccount | Reply
) -> None:
    """behaviour.md 3.2: a customer's mail is not lost, and one of staff is never taken for a customer's."""
    token = Token(role, TicketId(7), principal("bob@acme.example"))
    address = signed_address("acme", token, DOMAIN, KEYS)
    rotated = Keys(2, {1: b"k" * 32, 2: b"n" * 32})
    assert destination(address, desk(), rotated) == replace(ALIAS, token=token)
    assert destination(address, desk(), Keys(2, {2: b"n" * 32})) == without_its_key
    assert destination(address, desk(), Keys(1, {1: b"n" * 32})) == without_its_key  # its number, given again


def test_an_address_of_a_retired_key_is_shut_where_the_alias_is() -> None:
    """behaviour.md 2.7"""
    token = Token(TokenRole.CUSTOMER, TicketId(7), principal("bob@acme.example"))
    address, closed = signed_address("acme", token, DOMAIN, KEYS), desk(UnknownSenders.REJECT)
    retired = Keys(2, {2: b"n" * 32})
    assert admitted(address, "eve@evil.example", closed, retired) == SENDER_REFUSED
    assert admitted(address, "bob@acme.example", closed, retired) == QUEUED


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert destination(f"acme+{text}@{DOMAIN}", desk(), KEYS) == NO_SUCH_USER


def test_a_message_id_depends_on_its_cause_and_on_the_key() -> None:
    first = message_id("acknowledgement:7", DOMAIN, KEYS)
    assert first == message_id("acknowledgement:7", DOMAIN, KEYS)
    assert first.endswith("@support.example.com")
    assert (
        len(
            {
                first,
                message_id("acknowledgement:8", DOMAIN, KEYS),
                message_id("acknowledgement:7", DOMAIN, Keys(1, {1: b"o"})),
            }
        )
        == 3
    )


@pytest.mark.parametrize(
    ("role", "internal"), [(TokenRole.STAFF, True), (TokenRole.CUSTOMER, False), (TokenRole.BOUNCE, False)]
)
def test_a_file_that_names_staff_is_known_by_the_signed_address_in_it(
    role: TokenRole, *, internal: bool
) -> None:
    """behaviour.md 4.2"""
    address = signed_address(
        "acme", Token(role, TicketId(7), principal("sam@example.com")), "a.example", KEYS
    )
    for separator in (*SEPARATORS, "=3D"):
        shown = address.replace("+", separator).upper()
        assert names_staff(f"Subject: x\r\nReply-To: <{shown}>\r\n\r\n".encode()) is internal


@pytest.mark.parametrize("role", [TokenRole.STAFF, TokenRole.COMMAND])
def test_an_address_of_staff_is_known_wherever_it_stands(role: TokenRole) -> None:
    """behaviour.md 3.2, 4.2"""
    token = Token(role, TicketId(7), principal(SAM.address))
    address = signed_address("acme", token, DOMAIN, KEYS)
    assert names_staff(f"Reply-To: {address}".encode())
