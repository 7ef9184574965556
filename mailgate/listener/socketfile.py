"""Knows the file of a Unix socket: how it is taken without robbing a living server of it, and given up.

A file that nobody serves any more is what a killed process left behind, and is taken over. Two processes that
start at once ask one after the other, by a lock on the folder, which vanishes with its holder.
"""

import errno
import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A socket that is listened on by its file. `identity` tells the file from another of the same name."""

    path: Path
    socket: socket.socket
    identity: tuple[int, int]

    def give_up(self) -> None:
        """Removes the file, unless somebody else's stands there by now, and closes the socket."""
        with suppress(FileNotFoundError), _alone_in(self.path.parent):
            if _identity(self.path) == self.identity:  # as long as ours is open, its number is not given anew
                self.path.unlink()
        self.socket.close()


def take(path: Path, mode: int, backlog: int) -> TakenFile:
    """Listens on the file, with this mode from its first moment on.

    Raises:
        OSError: another process serves it, something that is no socket stands there, or the folder does not
            let us.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(path.parent):
        _clear(path)
        taken = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            taken.settimeout(0)
            os.fchmod(taken.fileno(), mode)  # bind takes it from here, less the umask: never wider
            taken.bind(str(path))
            path.chmod(mode)
            taken.listen(backlog)
            identity = _identity(path)
            assert identity is not None  # noqa: S101 - bind has made it
        except OSError:
            taken.close()
            raise
    return TakenFile(path, taken, identity)


def _clear(path: Path) -> None:
    """Removes what a dead server left; refuses where there is anything else."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise OSError(errno.EEXIST, "a file that is no socket stands there")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except BlockingIOError:  # its queue is full: somebody is busy, not dead
            pass
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
