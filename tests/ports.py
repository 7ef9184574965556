"""Knows ports of loopback that nobody has, for servers that are started by their number."""

import os
import socket
from itertools import count

# Below those that the kernel draws for connections: none of these is in the way when the server starts.
_FIRST, _MANY = 10_000, 20_000
_turns = count(os.getpid() * 97)  # tests that run beside each other begin at different places


def free_port() -> int:
    """A port that nobody listens on now, and that nobody in this process was given lately."""
    while True:
        port = _FIRST + next(_turns) % _MANY
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
