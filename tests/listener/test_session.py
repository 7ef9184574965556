"""listener/session: how a conversation over TLS ends."""

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from mailgate.core.listening import Place
from mailgate.core.message import MailObject
from mailgate.core.reply import QUEUED, Reply
from mailgate.listener.limits import Limits
from mailgate.listener.rules import Rules
from mailgate.listener.server import Listener

CERTIFICATE = Path(__file__).resolve().parents[1] / "dialogs" / "door.pem"


async def take(_letter: MailObject) -> Reply:
    return QUEUED


def rules() -> Rules:
    offered = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    offered.load_cert_chain(CERTIFICATE)
    return replace(Rules("mail.example", lambda _to, _by: QUEUED, take, Limits()), tls=offered)


async def secured(listener: Listener) -> asyncio.StreamWriter:
    """A client that has just begun TLS."""
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.listening[0].port)
    writer.write(b"EHLO c\r\nSTARTTLS\r\n")
    while not (await reader.readline()).startswith(b"220 Ready"):
        pass
    await writer.start_tls(ssl.create_default_context(cafile=CERTIFICATE), server_hostname="localhost")
    return writer


@pytest.mark.parametrize("who_ends", ["client", "service"])
async def test_a_conversation_over_tls_that_is_broken_off_ends_without_a_fault(who_ends: str) -> None:
    """behaviour.md 1.6"""
    listener = Listener((Place("127.0.0.1", 0),), rules())
    await listener.start()
    try:
        client = await secured(listener)
        (session,) = listener._sessions
        assert session.task is not None
        if who_ends == "client":
            client.transport.abort()
        else:
            await listener.stop(0.05)
        async with asyncio.timeout(5):
            await session.task
    finally:
        client.close()
        await listener.stop(0)
    assert listener.sessions == 0
