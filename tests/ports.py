"""Knows ports of loopback that nobody has, for servers that are started by their number."""

import os
import socket
from itertools import count

# Below those that the kernel draws for connections: none of these is in the way when the server starts.
_FIRST, _MANY = 10_000, 1_250
_WORKERS = 16
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
_turns = count(os.getpid())


def free_port() -> int:
    """A port that nobody listens on now; of tests that run beside each other each has ports of its own."""
    while True:
        port = _FIRST + next(_turns) % _MANY * _WORKERS + _WORKER
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
