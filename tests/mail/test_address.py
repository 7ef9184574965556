import pytest

from mailgate.core.message import Mailbox
from mailgate.mail.address import bare, mailboxes


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b"bob@acme.example", [("bob@acme.example", "")]),
        (b"Bob <bob@acme.example>", [("bob@acme.example", "Bob")]),
        (
            b'"Builder, Bob" <bob@acme.example>, carol@acme.example',
            [("bob@acme.example", "Builder, Bob"), ("carol@acme.example", "")],
        ),
        (b"=?utf-8?q?B=C3=B6b?= <bob@acme.example>", [("bob@acme.example", "B\u00f6b")]),
        (b'"=?utf-8?q?B=C3=B6b?=" <bob@acme.example>', [("bob@acme.example", "B\u00f6b")]),
        (b"bob@acme.example (Bob (the) Builder)", [("bob@acme.example", "Bob (the) Builder")]),
        (b"Bob bob@acme.example", [("bob@acme.example", "Bob")]),
        (b"Bob <bob@acme.example", [("bob@acme.example", "Bob")]),
        (
            b"team: bob@acme.example, carol@acme.example;",
            [("bob@acme.example", ""), ("carol@acme.example", "")],
        ),
        (b"undisclosed-recipients:;", []),
        (b"<mailto:bob@acme.example>", [("bob@acme.example", "")]),
        (b"<@relay.example:bob@acme.example>", [("bob@acme.example", "")]),
        (b'"bob builder"@acme.example', [('"bob builder"@acme.example', "")]),
        (b"b\xc3\xb6b@acme.example", [("b\u00f6b@acme.example", "")]),
        (b'" <bob@acme.example>', [("bob@acme.example", "")]),
        (b'"a\\"b" <bob@acme.example>', [("bob@acme.example", 'a"b')]),
        (b"=?utf-8?q?B=C3=B6b,_Inc;?= <bob@acme.example>", [("bob@acme.example", "B\u00f6b, Inc;")]),
        (
            b"=?utf-8?q?a,<eve@x.example>?= <bob@acme.example>",
            [("eve@x.example", "?="), ("bob@acme.example", "?=")],  # two, so that nobody is the sender
        ),
        (b"Bob <'bob@acme.example'>", [("bob@acme.example", "Bob")]),
        (b"bob@localhost", [("bob@localhost", "")]),
        (b"bob@[192.0.2.1]", [("bob@[192.0.2.1]", "")]),
        (b",, ;", []),
    ],
)
def test_addresses_are_read(value: bytes, found: list[tuple[str, str]]) -> None:
    """RFC 5322 section 3.4, and what programs make of it"""
    assert mailboxes((value,)) == tuple(Mailbox(*one) for one in found)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"bob",
        b"@acme.example",
        b"bob@",
        b"bob@acme@x.example",
        b"=?utf-8?q?bob?=@acme.example",
        b"b ob@acme.example",
        b"bob\x00@acme.example",
        b"bob@acme.example\x7f",
        b"bob\xff@acme.example",
        "bob\u200b@acme.example".encode(),
        "bob\u202e@acme.example".encode(),
        b'"a@b"@acme.example',
        b"a,b@acme.example",
    ],
)
def test_what_could_be_read_in_two_ways_is_no_address(text: bytes) -> None:
    """behaviour.md 4.3: nobody is identified by what another reader reads differently"""
    assert bare(text) == ""
