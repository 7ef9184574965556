"""listener/turnstile: who may come in, and how often."""

from ipaddress import ip_network

import pytest

from mailgate.core.message import MailObject
from mailgate.core.reply import QUEUED, TOO_BUSY, TOO_MANY_CONNECTIONS, TOO_MUCH_MAIL, Reply
from mailgate.listener.limits import Limits
from mailgate.listener.rules import LOOPBACK, Rules
from mailgate.listener.turnstile import Turnstile, client_of, peer_at


async def accept(_letter: MailObject) -> Reply:
    return QUEUED


def rules(limits: Limits) -> Rules:
    return Rules("mail.example", lambda _recipient, _sender: QUEUED, accept, limits)


def test_the_sessions_of_all_clients_are_counted() -> None:
    """behaviour.md 1.4"""
    turnstile, two = Turnstile(1000), rules(Limits(sessions=2))
    assert [turnstile.enter(peer_at(f"192.0.2.{n}"), two, 0.0) for n in range(3)] == [None, None, TOO_BUSY]
    turnstile.leave(peer_at("192.0.2.0"))
    assert turnstile.enter(peer_at("192.0.2.9"), two, 0.0) is None


def test_a_process_that_has_room_for_fewer_sessions_takes_fewer() -> None:
    turnstile, many = Turnstile(1), rules(Limits(sessions=500))
    assert turnstile.enter(peer_at("192.0.2.1"), many, 0.0) is None
    assert turnstile.enter(peer_at("192.0.2.2"), many, 0.0) == TOO_BUSY


def test_the_sessions_of_one_client_are_counted() -> None:
    """behaviour.md 1.4"""
    turnstile, one = Turnstile(1000), rules(Limits(sessions_per_client=1))
    assert turnstile.enter(peer_at("192.0.2.1"), one, 0.0) is None
    assert turnstile.enter(peer_at("192.0.2.1"), one, 0.0) == TOO_MANY_CONNECTIONS
    assert turnstile.enter(peer_at("192.0.2.2"), one, 0.0) is None
    turnstile.leave(peer_at("192.0.2.1"))
    assert turnstile.enter(peer_at("192.0.2.1"), one, 0.0) is None


def test_connections_are_counted_for_a_minute() -> None:
    turnstile, two = Turnstile(1000), rules(Limits(connections_per_client=2))
    for moment, answer in [(100.0, None), (110.0, None), (120.0, TOO_MANY_CONNECTIONS), (160.0, None)]:
        assert turnstile.enter(peer_at("192.0.2.1"), two, moment) == answer


def test_mails_are_counted_for_a_minute() -> None:
    """behaviour.md 1.4"""
    turnstile, two = Turnstile(1000), rules(Limits(messages_per_client=2))
    for moment, answer in [(100.0, None), (110.0, None), (120.0, TOO_MUCH_MAIL), (161.0, None)]:
        assert turnstile.begin_mail(peer_at("192.0.2.1"), two, moment) == answer
    assert turnstile.begin_mail(peer_at("192.0.2.2"), two, 130.0) is None


def test_our_own_machine_is_exempt_from_the_limits_of_a_client_but_not_from_those_of_all() -> None:
    turnstile = Turnstile(1000)
    strict = rules(Limits(sessions=3, sessions_per_client=1, connections_per_client=1, messages_per_client=1))
    for peer in ("127.0.0.1", "127.0.0.1", "::1"):
        assert turnstile.enter(peer_at(peer), strict, 0.0) is None
        assert turnstile.begin_mail(peer_at(peer), strict, 0.0) is None
    assert turnstile.enter(peer_at("127.0.0.1"), strict, 0.0) == TOO_BUSY
    assert strict.exempt == LOOPBACK == (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::"),
        ("2001:db8:0:0:ffff::1", "2001:db8::"),
        ("2001:db8:0:1::1", "2001:db8:0:1::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
    ],
)
def test_who_has_one_address_of_a_network_has_all(host: str, client: str) -> None:
    assert str(client_of(peer_at(host))) == client
