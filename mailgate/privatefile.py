"""Knows how a secret lies in a file: its owner alone may read it, and it is not read where others may.

What is said about such a file never says what is in it.
"""

import os
from pathlib import Path

_OTHERS = 0o077  # what group and world may do
_OWNER = 0o600
_MOST = 1 << 16  # octets; no secret is as long as that


class PrivateFileError(Exception):
    """A secret cannot be had, or not be put away.

    Args:
        wrong: what is wrong with the file.
        right: what would be right.
    """

    def __init__(self, wrong: str, right: str) -> None:
        super().__init__(f"{wrong}: {right}")
        self.wrong = wrong
        self.right = right


class MissingFileError(PrivateFileError):
    """There is no such file."""


def content(path: Path) -> bytes:
    """What the file holds.

    Raises:
        MissingFileError: it is not there.
        PrivateFileError: it is unreadable, readable by others, or too long for a secret.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise PrivateFileError("others may read it", f"make it private with chmod 600 {path}")
            octets = file.read(_MOST + 1)
    except FileNotFoundError:
        raise MissingFileError("is missing", "name a file that is there") from None
    except OSError as error:
        wrong = (error.strerror or "cannot be read").lower()
        raise PrivateFileError(wrong, "a file that the user who runs mailgate can read") from None
    if len(octets) > _MOST:
        raise PrivateFileError("is too long for a secret", "the secret alone")
    return octets


def word(path: Path) -> str:
    """The one line that the file holds, without its end.

    Raises:
        PrivateFileError: as `content`, or it holds none or several.
    """
    try:
        text = content(path).decode().strip()
    except UnicodeDecodeError:
        raise PrivateFileError("is not UTF-8", "the secret on one line") from None
    if not text:
        raise PrivateFileError("is empty", "the secret on one line")
    if not text.isprintable():
        raise PrivateFileError("holds more than one line", "the secret on one line")
    return text


def put(path: Path, octets: bytes) -> None:
    """Makes a private file with these octets, on the disk; never in the place of another.

    Raises:
        PrivateFileError: something is there already, or the file cannot be made.
    """
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER)
    except FileExistsError:
        raise PrivateFileError("is there already", "name another file, or move it away") from None
    except OSError as error:
        wrong = f"cannot be made: {(error.strerror or str(error)).lower()}"
        raise PrivateFileError(wrong, "a folder that is there and may be written to") from None
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(opened)
    except BaseException:
        path.unlink()
        raise
