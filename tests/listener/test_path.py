"""listener/path: the arguments of MAIL and RCPT. What is refused is in the dialogues s04 to s12, s35, s41."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.reply import BAD_FORWARD_PATH, NEEDS_SMTPUTF8, RELAY_DENIED, UNKNOWN_PARAMETER, Reply
from mailgate.listener.path import MailFrom, mail_from, rcpt_to
from tests.work import grows_with_its_length


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        (b"FROM:<>", MailFrom("")),
        (b"FROM:<bob@acme.example>", MailFrom("bob@acme.example")),
        (b"from: <Bob@Acme.example> size=10", MailFrom("Bob@Acme.example", 10)),
        (b"FROM:<@a.example,@b.example:bob@acme.example>", MailFrom("bob@acme.example")),
        (b'FROM:<"bob"@acme.example>', MailFrom("bob@acme.example")),
        (b'FROM:<"b\\ob"@acme.example>', MailFrom("bob@acme.example")),
        (b'FROM:<"bob baker"@acme.example>', MailFrom('"bob baker"@acme.example')),
        (b'FROM:<"a\\"b"@acme.example>', MailFrom('"a\\"b"@acme.example')),
        (b"FROM:<bob..baker.@acme.example>", MailFrom("bob..baker.@acme.example")),
        (b"FROM:<bounce+a=b.example@acme.example>", MailFrom("bounce+a=b.example@acme.example")),
        (b"FROM:<bob@[192.0.2.7]>", MailFrom("bob@[192.0.2.7]")),
        (b"FROM:<bob@[IPv6:2001:db8::7]>", MailFrom("bob@[IPv6:2001:db8::7]")),
        (b"FROM:<b\xc3\xb6b@acme.example> SMTPUTF8 SIZE=0", MailFrom("böb@acme.example", 0, utf8=True)),
        (b"FROM:<bob@xn--bcher-kva.example> BODY=7BIT", MailFrom("bob@xn--bcher-kva.example")),
    ],
)
def test_a_reverse_path_comes_out_bare(argument: bytes, said: MailFrom) -> None:
    assert mail_from(argument) == said


@pytest.mark.parametrize(
    ("argument", "utf8", "said"),
    [
        (b"TO:<acme@support.example.com>", False, "acme@support.example.com"),
        (b"TO:<PostMaster>", False, "PostMaster"),
        (b"TO:<abuse>", False, BAD_FORWARD_PATH),
        (b'TO:<"postmaster">', False, BAD_FORWARD_PATH),
        (b'TO:<"acme@evil"@support.example.com>', False, RELAY_DENIED),
        (b'TO:<"acme@evil">', False, RELAY_DENIED),
        (b'TO:<""@support.example.com>', False, '""@support.example.com'),
        (b"TO:<acme@support.example.com> ORCPT=x", False, UNKNOWN_PARAMETER),
        ("TO:<jörg@support.example.com>".encode(), True, "jörg@support.example.com"),
        ("TO:<jörg@support.example.com>".encode(), False, NEEDS_SMTPUTF8),
        (b"TO:<j\xf6rg@support.example.com>", True, NEEDS_SMTPUTF8),
    ],
)
def test_a_forward_path_comes_out_bare_or_is_refused(
    argument: bytes, *, utf8: bool, said: str | Reply
) -> None:
    assert rcpt_to(argument, utf8=utf8) == said


@given(st.binary(max_size=60))
def test_any_bytes_are_an_address_or_a_refusal(argument: bytes) -> None:
    for answer in (rcpt_to(b"TO:" + argument, utf8=True), rcpt_to(b"TO:<" + argument + b">", utf8=True)):
        if isinstance(answer, Reply):
            assert answer.refuses
        else:
            assert answer.isprintable()
            assert answer.lower() == "postmaster" or answer.count("@") == 1


@pytest.mark.parametrize("bait", [b'"', b'\\"', b"@a,", b"a.", b"<", b'"\\', b"a@", b":", b" a"])
@pytest.mark.parametrize("around", [(b"FROM:<", b""), (b"FROM:<", b"@b>"), (b"FROM:<@", b"")])
def test_no_argument_costs_more_than_its_length(bait: bytes, around: tuple[bytes, bytes]) -> None:
    assert grows_with_its_length(lambda times: mail_from(around[0] + bait * times + around[1]), 5_000)
