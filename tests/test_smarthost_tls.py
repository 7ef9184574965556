"""Knows what is asked of the line to a smarthost, and that what was asked for is what is had."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from mailgate.core.relay import Attempt, Ending
from mailgate.core.route import SmarthostRoute, Tls
from mailgate.smarthost import Manners, Smarthost, Timeouts
from tests.outgoing import ACKNOWLEDGEMENT
from tests.sink import Answers, Chatters, Fault, HangsUp, Sink, Stage, serving

CERTIFICATE = Path(__file__).parent / "dialogs" / "door.pem"  # for localhost
IMPATIENT = Manners(Timeouts(connect=2, command=2, answer=2, goodbye=2))
SENT = Attempt(Ending.SENT, "250 2.0.0 queued as 1")
IN_TLS = ["EHLO support.example.com", "STARTTLS", "EHLO support.example.com", "MAIL FROM:<> SIZE=12"]
IN_THE_CLEAR = ["EHLO support.example.com", "MAIL FROM:<> SIZE=12"]
MAIL = replace(ACKNOWLEDGEMENT, content=b"Subject:\r\n\r\n")


async def sure() -> bool:
    return True


def with_tls() -> Sink:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return Sink(tls=context)


async def carried(
    sink: Sink, tls: Tls, trust: ssl.SSLContext | None = None, login: tuple[str, str] = ("", "")
) -> Attempt:
    username, password = login
    route = SmarthostRoute("localhost", sink.port, tls, username, password)
    smarthost = Smarthost(route, "support.example.com", IMPATIENT, trust=trust)
    outcome = await smarthost.carry(MAIL, sure)
    await smarthost.close()
    return outcome


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=CERTIFICATE)


@pytest.mark.parametrize(
    ("tls", "commands"), [(Tls.OFF, IN_THE_CLEAR), (Tls.OFFERED, IN_TLS), (Tls.REQUIRED, IN_TLS)]
)
async def test_starttls_is_used_where_it_is_wanted_and_offered(tls: Tls, commands: list[str]) -> None:
    async with serving(with_tls()) as sink:
        assert await carried(sink, tls, trusting()) == SENT
        assert sink.commands[: len(commands)] == commands


async def test_tls_from_the_first_byte() -> None:
    async with serving(with_tls(), implicit_tls=True) as sink:
        assert await carried(sink, Tls.IMPLICIT, trusting()) == SENT


@pytest.mark.parametrize("tls", [Tls.REQUIRED, Tls.IMPLICIT])
async def test_a_certificate_that_nobody_vouches_for_keeps_the_mail_here(tls: Tls) -> None:
    async with serving(with_tls(), implicit_tls=tls is Tls.IMPLICIT) as sink:
        outcome = await carried(sink, tls)

    assert outcome.ending is Ending.UNREACHED
    assert "certificate verify failed" in outcome.reply
    assert sink.copies == []


async def test_where_tls_is_only_offered_any_certificate_will_do() -> None:
    """RFC 7435 section 3"""
    async with serving(with_tls()) as sink:
        assert await carried(sink, Tls.OFFERED) == SENT
        assert sink.commands[:4] == IN_TLS


async def test_tls_that_is_required_and_not_offered_keeps_the_mail_here() -> None:
    async with serving(Sink()) as sink:
        outcome = await carried(sink, Tls.REQUIRED)

    assert outcome == Attempt(Ending.UNREACHED, "TLS failed: the server offers no STARTTLS")
    assert sink.copies == []


@pytest.mark.parametrize(
    "fault", [Answers(b"454 4.7.0 not now"), Answers(b"220 go ahead, but no"), HangsUp()]
)
async def test_offered_tls_that_does_not_work_is_done_without(fault: Fault) -> None:
    async with serving(with_tls()) as sink:
        sink.inject(Stage.STARTTLS, fault)

        assert await carried(sink, Tls.OFFERED) == SENT
        assert sink.connections == 2


@pytest.mark.parametrize("tls", [Tls.OFFERED, Tls.REQUIRED])
async def test_a_password_waits_for_tls_that_works(tls: Tls) -> None:
    async with serving(with_tls()) as sink:
        sink.credentials = "PLAIN AG1lAHNlY3JldA=="
        sink.inject(Stage.STARTTLS, Answers(b"454 4.7.0 not now"))

        put_off = await carried(sink, tls, trusting(), ("me", "secret"))
        sent = await carried(sink, tls, trusting(), ("me", "secret"))

    assert put_off == Attempt(Ending.UNREACHED, "TLS failed: 454 4.7.0 not now")
    assert sent == SENT


async def test_a_password_goes_to_nobody_whom_nobody_vouches_for() -> None:
    """Whoever sits between has a certificate, too: one of their own."""
    async with serving(with_tls()) as sink:
        sink.credentials = "PLAIN AG1lAHNlY3JldA=="
        outcome = await carried(sink, Tls.OFFERED, login=("me", "secret"))

    assert outcome.ending is Ending.UNREACHED
    assert "certificate verify failed" in outcome.reply
    assert [line for line in sink.commands if line.startswith(("AUTH", "MAIL"))] == []


async def test_a_certificate_for_another_host_keeps_the_mail_here() -> None:
    async with serving(with_tls()) as sink:
        route = SmarthostRoute("127.0.0.1", sink.port, Tls.REQUIRED)
        outcome = await Smarthost(route, "us.example", IMPATIENT, trusting()).carry(MAIL, sure)

    assert outcome.ending is Ending.UNREACHED
    assert "certificate is not valid for '127.0.0.1'" in outcome.reply
    assert sink.copies == []


async def test_starttls_that_was_stripped_on_the_way_keeps_mail_and_password_here() -> None:
    """Whoever sits between can take a word out of the greeting; where TLS is demanded, that gains nothing."""
    async with serving(with_tls()) as sink:
        sink.credentials = "PLAIN AG1lAHNlY3JldA=="
        sink.inject(Stage.EHLO, Answers(b"250-sink.example\r\n250 AUTH PLAIN"))
        outcome = await carried(sink, Tls.REQUIRED, trusting(), login=("me", "secret"))

    assert outcome == Attempt(Ending.UNREACHED, "TLS failed: the server offers no STARTTLS")
    assert [line for line in sink.commands if line.startswith(("AUTH", "MAIL"))] == []


async def test_a_handshake_that_comes_to_no_end_keeps_the_mail_here() -> None:
    async with serving(with_tls()) as sink:
        sink.inject(Stage.STARTTLS, Answers(b"220 go ahead"))  # and then it goes on in the clear, waiting
        route = SmarthostRoute("localhost", sink.port, Tls.REQUIRED)
        hasty = Manners(Timeouts(connect=0.5))
        outcome = await Smarthost(route, "us.example", hasty, trusting()).carry(MAIL, sure)

    assert outcome.ending is Ending.UNREACHED
    assert outcome.reply.startswith("TLS failed: ")
    assert sink.copies == []


@pytest.mark.parametrize("tls", [Tls.REQUIRED, Tls.OFFERED])
async def test_what_is_slipped_in_before_tls_is_never_believed(tls: Tls) -> None:
    """RFC 3207 section 4.2: or an answer in the clear would stand for one within TLS."""
    async with serving(with_tls()) as sink:
        sink.credentials = "PLAIN AG1lAHNlY3JldA=="
        sink.inject(Stage.STARTTLS, Chatters(b"250-evil.example\r\n250 AUTH PLAIN"))
        outcome = await carried(sink, tls, trusting(), login=("me", "secret"))

    assert outcome == Attempt(
        Ending.UNREACHED, "TLS failed: the server said more in the clear than that it is ready for TLS"
    )
    assert sink.commands == ["EHLO support.example.com", "STARTTLS"]


async def test_what_was_offered_before_tls_is_forgotten() -> None:
    """RFC 3207 section 4.2"""
    async with serving(with_tls()) as sink:
        sink.extensions = ()
        sink.inject(Stage.EHLO, Answers(b"250-sink.example\r\n250-SIZE 99\r\n250 STARTTLS"))
        assert await carried(sink, Tls.REQUIRED, trusting()) == SENT
        assert sink.commands[3] == "MAIL FROM:<>"


async def test_tls_from_the_first_byte_falls_back_to_nothing() -> None:
    async with serving(Sink()) as sink:
        outcome = await carried(sink, Tls.IMPLICIT, trusting())

    assert outcome.ending is Ending.UNREACHED
    assert sink.copies == []
