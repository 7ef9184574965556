"""Knows a TCP line to a server that a test can break in the ways in which networks break."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum


class Condition(StrEnum):
    """How the line is."""

    WHOLE = "whole"
    SILENT = "silent"  # connections stand, new ones too, and nothing comes through any more
    CUT = "cut"  # connections are ended, and so is whoever connects


class Line:
    """Its own address on loopback stands for the server's.

    A connection that was silent stays so, like one whose other end is gone; new ones are as the line is.

    Args:
        server: the port of the server.
        lost: the first connection on which a client says this breaks when the server answers it.
    """

    def __init__(self, server: int, lost: bytes = b"") -> None:
        self._server = ("127.0.0.1", server)
        self._lost = lost
        self._condition = Condition.WHOLE
        self._open: list[_Connection] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def becomes(self, condition: Condition) -> None:
        """From now on."""
        self._condition = condition
        for connection in self._open:
            if condition is Condition.SILENT:
                connection.silent.set()
            if condition is Condition.CUT:
                connection.close()

    def close(self) -> None:
        """Ends everything."""
        self.becomes(Condition.CUT)
        _close(self._door)

    def loses(self, octets: bytes) -> bool:
        """Whether the answer to this is the one to be lost."""
        if not self._lost or self._lost not in octets:
            return False
        self._lost = b""
        return True

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                if self._condition is Condition.CUT:
                    _close(client)
                    continue
                connection = _Connection(self, client, socket.create_connection(self._server))
                if self._condition is Condition.SILENT:
                    connection.silent.set()
                self._open.append(connection)
                connection.start()


class _Connection:
    def __init__(self, line: Line, client: socket.socket, server: socket.socket) -> None:
        self.silent, self._breaking = threading.Event(), threading.Event()
        self._line, self._client, self._server = line, client, server

    def start(self) -> None:
        for pump in (self._ask, self._answer):
            threading.Thread(target=pump, daemon=True).start()

    def close(self) -> None:
        _close(self._client)
        _close(self._server)

    def _ask(self) -> None:
        with suppress(OSError):
            while octets := self._client.recv(65536):
                if self._line.loses(octets):
                    self._breaking.set()
                if not self.silent.is_set():
                    self._server.sendall(octets)
        _close(self._server)

    def _answer(self) -> None:
        """Silence takes what comes and passes nothing on: to the kernel of the server, it has arrived."""
        with suppress(OSError):
            while (octets := self._server.recv(65536)) and not self._breaking.is_set():
                if not self.silent.is_set():
                    self._client.sendall(octets)
        if not self.silent.is_set():
            _close(self._client)


@contextmanager
def line_to(url: str, lost: bytes = b"") -> Iterator[tuple[Line, str]]:
    """A line to that PostgreSQL server until the block ends, and its URL over it."""
    port = int(url.rpartition(":")[2].partition("/")[0])
    line = Line(port, lost)
    try:
        yield line, url.replace(f":{port}/", f":{line.port}/")
    finally:
        line.close()


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
