"""Knows a real name server on loopback, by UDP and TCP, whose zone is data and that fails where a test wants.

Records stand by name and type, as in a zone file: `{("acme.test", "MX"): ["10 mail.acme.test."]}`.
A text is one TXT record, however long. A name that is not there, and has nothing below it, is NXDOMAIN.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from mailgate.core.listening import Place

Zone = Mapping[tuple[str, str], Sequence[str]]

_STRING = 255  # octets of one string of a TXT record (RFC 1035 section 3.3)
_CHAIN = 8  # CNAMEs


class Fault(StrEnum):
    """What goes wrong with the answers about a name."""

    SERVFAIL = "servfail"
    REFUSED = "refused"
    SILENCE = "silence"  # nothing comes, by UDP or TCP
    TRUNCATED = "truncated"  # by UDP only the word that there is more; by TCP all of it
    CUT = "cut"  # as before, and TCP closes before the answer is whole
    GARBAGE = "garbage"  # octets that are no message


@dataclass
class Nameserver:
    """What it knows, and what it was asked.

    Args:
        faults: by name; of the name `*` for all that have none of their own.
        questions: name and type of each, in order, those by TCP with `tcp` behind.
    """

    zone: Zone
    faults: dict[str, Fault] = field(default_factory=dict)
    questions: list[tuple[str, ...]] = field(default_factory=list)
    port: int = 0
    ttl: int = 60
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def place(self) -> Place:
        return Place("127.0.0.1", self.port)

    def answer(self, wire: bytes, *, by_tcp: bool) -> bytes | None:
        """What is sent back; None for silence."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.questions.append((name, kind, "tcp") if by_tcp else (name, kind))
        self.asked.set()
        response = dns.message.make_response(query, recursion_available=True)
        match self.faults.get(name, self.faults.get("*")):
            case Fault.SILENCE:
                return None
            case Fault.GARBAGE:
                return wire[:2] + b"\xff\xff nothing that means anything"
            case Fault.SERVFAIL:
                response.set_rcode(dns.rcode.SERVFAIL)
            case Fault.REFUSED:
                response.set_rcode(dns.rcode.REFUSED)
            case Fault.TRUNCATED | Fault.CUT if not by_tcp:
                response.flags |= dns.flags.TC
            case Fault.CUT:
                self._fill(response, name, kind)
                return response.to_wire()[:-7]
            case _:
                self._fill(response, name, kind)
        return response.to_wire(max_size=65_535) if by_tcp else _for_udp(response)

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        for _ in range(_CHAIN):
            if records := self.zone.get((name, kind)):
                response.answer.append(self._rrset(name, kind, records))
                return
            alias = self.zone.get((name, "CNAME"))
            if not alias:
                break
            response.answer.append(self._rrset(name, "CNAME", alias))
            name = alias[0].removesuffix(".").lower()
        names = {known for known, _ in self.zone}
        if not any(known == name or known.endswith(f".{name}") for known in names):
            response.set_rcode(dns.rcode.NXDOMAIN)
        soa = "ns.test. hostmaster.test. 1 3600 600 86400 60"
        response.authority.append(self._rrset(name.rpartition(".")[2] or ".", "SOA", [soa]))

    def _rrset(self, name: str, kind: str, records: Sequence[str]) -> dns.rrset.RRset:
        rdatas = [
            dns.rdata.from_text(
                dns.rdataclass.IN, dns.rdatatype.from_text(kind), _in_zone_file(one) if kind == "TXT" else one
            )
            for one in records
        ]
        return dns.rrset.from_rdata_list(dns.name.from_text(name), self.ttl, rdatas)


@asynccontextmanager
async def answering(
    zone: Zone, faults: Mapping[str, Fault] | None = None, ttl: int = 60
) -> AsyncIterator[Nameserver]:
    """A name server on a free port of loopback until the block ends."""
    server = Nameserver(zone, dict(faults or {}), ttl=ttl)
    tcp = await asyncio.start_server(lambda reader, writer: _session(server, reader, writer), "127.0.0.1", 0)
    server.port = tcp.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    udp, _ = await loop.create_datagram_endpoint(lambda: _Udp(server), local_addr=("127.0.0.1", server.port))
    try:
        yield server
    finally:
        udp.close()
        tcp.close()
        for task in [*_SESSIONS]:
            task.cancel()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: Nameserver) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._server.answer(data, by_tcp=False)
        if answer is not None:
            self._transport.sendto(answer, addr)


_SESSIONS: set["asyncio.Task[None]"] = set()


async def _session(server: Nameserver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    task = cast("asyncio.Task[None]", asyncio.current_task())
    _SESSIONS.add(task)
    try:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                answer = server.answer(await reader.readexactly(length), by_tcp=True)
                if answer is None:
                    await asyncio.Event().wait()
                    return
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
    finally:
        _SESSIONS.discard(task)
        writer.close()


def _for_udp(response: dns.message.Message) -> bytes:
    """The answer, or the word that it is too long for UDP (RFC 1035 section 4.2.1)."""
    try:
        return response.to_wire(max_size=1232)
    except dns.exception.TooBig:
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()


def _in_zone_file(text: str) -> str:
    octets = text.encode("latin-1")
    pieces = [octets[at : at + _STRING] for at in range(0, len(octets), _STRING)] or [b""]
    return " ".join(f'"{_escaped(piece)}"' for piece in pieces)


def _escaped(piece: bytes) -> str:
    return "".join(chr(one) if 32 <= one < 127 and one not in b'"\\' else f"\\{one:03}" for one in piece)
