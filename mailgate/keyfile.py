"""Knows where the signing keys lie: a file of mode 0600, made at first start, or the environment.

One key a line, `NUMBER BASE64`; lines that begin with `#` are skipped. The highest number signs what is new,
all of them are believed, so that a rotation does not break the addresses that are out.
"""

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from pathlib import Path

from mailgate.core.address import Keys

ENVIRONMENT = "MAILGATE_SECRET"
_SHORTEST = 16  # octets; RFC 2104 section 3 asks for no less than makes guessing hopeless
_MADE = 32  # octets
_PRIVATE = 0o077  # nobody but the owner may read it
_HIGHEST_NUMBER = 15  # a signed address has four bits for it


class KeyFileError(Exception):
    """The signing keys cannot be had. The message names the file, what is wrong and what would be right."""


def keys(path: Path, environment: str | None) -> Keys:
    """The keys from the environment where it has them, else from the file, which is made where missing.

    Raises:
        KeyFileError: unreadable, readable by others, or not made of keys.
    """
    if environment:
        if len(environment) < _SHORTEST:
            raise KeyFileError(f"{ENVIRONMENT}: too short: use at least {_SHORTEST} random characters")
        return Keys(1, {1: environment.encode()})
    try:
        if not path.exists():
            _make(path)
        return _read(path)
    except OSError as fault:
        raise KeyFileError(f"{path}: {fault.strerror}: mailgate must be able to read and make it") from None


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    line = f"1 {b64encode(secrets.token_bytes(_MADE)).decode()}\n"
    # Written aside and linked, so that of two servers starting at once both read the same whole file.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    opened = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(opened, "w") as file:
            file.write("# mailgate's signing keys: keep them secret, and in the backup\n" + line)
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        return
    finally:
        aside.unlink()


def _read(path: Path) -> Keys:
    if path.stat().st_mode & _PRIVATE:
        raise KeyFileError(f"{path}: others may read it: make it private with chmod 600 {path}")
    found: dict[int, bytes] = {}
    for at, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        number, key = _key(line)
        if not 0 <= number <= _HIGHEST_NUMBER or len(key) < _SHORTEST:
            raise KeyFileError(
                f"{path}:{at}: no key: write a number from 0 to {_HIGHEST_NUMBER}, a blank, "
                f"and at least {_SHORTEST} random octets in base64"
            )
        found[number] = key
    if not found:
        raise KeyFileError(f"{path}: holds no key: restore it from the backup, or delete it to have one made")
    return Keys(max(found), found)


def _key(line: str) -> tuple[int, bytes]:
    number, _, text = line.strip().partition(" ")
    try:
        return int(number), b64decode(text.strip(), validate=True)
    except (ValueError, BadBase64):
        return -1, b""
