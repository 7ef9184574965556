"""Knows a filter of Postfix's (a milter) that writes what it has found out about the sender.

Real ones ask the DNS; this one is told, by reverse-path. The protocol is that of libmilter, version 6:
a length of four octets, a letter for the command, its words each ended by NUL.
"""

import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_ADDS_HEADERS = 0x1
# Connect, HELO, RCPT, body, headers, end of headers, unknown commands and DATA are not sent to it.
_SKIPS = 0x1 | 0x2 | 0x8 | 0x10 | 0x20 | 0x40 | 0x100 | 0x200
_FIELD = b"Authentication-Results"


class Milter(socketserver.ThreadingTCPServer):
    """The filter, on a port of loopback.

    Args:
        findings: by reverse-path, what it writes into Authentication-Results; it writes nothing about others.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, findings: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.findings = findings

    @property
    def port(self) -> int:
        port: int = self.server_address[1]
        return port


class _Session(socketserver.StreamRequestHandler):
    server: Milter

    def handle(self) -> None:
        finding = ""
        while head := self.rfile.read(4):
            packet = self.rfile.read(struct.unpack("!I", head)[0])
            command, words = packet[:1], packet[1:].split(b"\0")
            match command:
                case b"O":
                    self._say(b"O" + struct.pack("!III", 6, _ADDS_HEADERS, _SKIPS))
                case b"M":
                    finding = self.server.findings.get(words[0].decode().strip("<>"), "")
                    self._say(b"c")
                case b"E":  # the mail is whole
                    if finding:
                        field = b"\0".join((_FIELD, b" " + finding.encode(), b""))
                        self._say(b"i" + struct.pack("!I", 0) + field)  # before all others
                    self._say(b"c")
                case b"Q":
                    return
                case _:  # macros and the end of a transaction want no answer
                    pass

    def _say(self, packet: bytes) -> None:
        self.wfile.write(struct.pack("!I", len(packet)) + packet)


@contextmanager
def filtering(findings: Mapping[str, str]) -> Iterator[Milter]:
    """The filter at work until the block ends."""
    with Milter(findings) as milter:
        thread = threading.Thread(target=milter.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield milter
        finally:
            milter.shutdown()
            thread.join()
