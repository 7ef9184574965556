"""listener/session: how a conversation over TLS ends."""

import asyncio
import socket
import ssl
import struct
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


async def test_a_client_that_is_gone_without_our_knowing_is_no_fault() -> None:
    """The kernel knows of a reset before the loop has looked."""
    listener = Listener((Place("127.0.0.1", 0),), rules())
    await listener.start()
    with socket.socket() as client:
        client.settimeout(0)
        await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", listener.listening[0].port))
        assert await asyncio.get_running_loop().sock_recv(client, 3) == b"220"
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    (session,) = listener._sessions
    await session._linger()
    assert session.task is not None
    async with asyncio.timeout(5):
        await session.task
    await listener.stop(0)
    assert listener.sessions == 0


@pytest.mark.parametrize("how", ["close", "reset", "half-close"])
@pytest.mark.parametrize("octets", [b"", b"\x16\x03\x01\x02\x00"])
async def test_a_client_that_leaves_amid_the_handshake_leaves_nothing(how: str, octets: bytes) -> None:
    """behaviour.md 1.6"""
    listener = Listener((Place("127.0.0.1", 0),), rules())
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.listening[0].port)
    writer.write(b"EHLO c\r\nSTARTTLS\r\n")
    while not (await reader.readline()).startswith(b"220 Ready"):
        pass
    (session,) = listener._sessions
    writer.write(octets)
    match how:
        case "close":
            writer.close()
        case "reset":
            writer.transport.abort()
        case _:
            writer.write_eof()
    assert session.task is not None
    async with asyncio.timeout(2):
        await session.task
    writer.close()
    await listener.stop(0)


async def test_a_handshake_that_does_not_come_is_not_waited_for() -> None:
    """behaviour.md 1.6"""
    quick = replace(rules(), limits=Limits(tls_handshake=0.1))
    listener = Listener((Place("127.0.0.1", 0),), quick)
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.listening[0].port)
    writer.write(b"EHLO c\r\nSTARTTLS\r\n")
    while not (await reader.readline()).startswith(b"220 Ready"):
        pass
    async with asyncio.timeout(2):
        assert await reader.read() == b""
    assert listener.sessions == 0
    writer.close()
    await listener.stop(0)
