"""Knows where the signing keys lie: a file of mode 0600, made at first start, or the environment.

One key a line, `NUMBER BASE64`, and behind it, where it is known, `current` or `next` and the instant at
which it was made; lines that begin with `#` are skipped. The current key signs what is new; where none is
called so, the highest number does. All of them are believed, so that a rotation does not break the addresses
that are out.
The file is replaced as a whole: who reads it meanwhile sees the old one or the new one.
"""

import fcntl
import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from mailgate import privatefile
from mailgate.core.address import Keys
from mailgate.core.instant import read, written

ENVIRONMENT = "MAILGATE_SECRET"
_SHORTEST = 16  # octets; RFC 2104 section 3 asks for no less than makes guessing hopeless
_MADE = 32  # octets
_NUMBERS = 16  # from 0; a signed address has four bits for it
_MOST_WORDS = 4  # of a line


class Use(StrEnum):
    """What a key is for. Every key is believed, whatever else it is for."""

    CURRENT = "current"  # signs what is new
    NEXT = "next"  # signs after the next rotation
    OLD = "old"  # signed what is out


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key of the file; `made` is None where the file does not say it."""

    number: int
    secret: bytes = field(repr=False)
    use: Use = Use.OLD
    made: datetime | None = None

    def __str__(self) -> str:
        """Its line in the file."""
        words = [str(self.number), b64encode(self.secret).decode()]
        if self.use is not Use.OLD:
            words.append(self.use)
        if self.made is not None:
            words.append(written(self.made))
        return " ".join(words)


class KeyFileError(Exception):
    """The signing keys cannot be had. The message names the file, what is wrong and what would be right."""


def keys(path: Path, environment: str | None, *, make: bool = True) -> Keys:
    """The keys from the environment where it has them, else from the file.

    Args:
        make: makes the file where it is missing, as a first start does.

    Raises:
        KeyFileError: missing, unreadable, readable by others, or not made of keys.
    """
    if environment:
        if len(environment) < _SHORTEST:
            raise KeyFileError(f"{ENVIRONMENT}: too short: use at least {_SHORTEST} random characters")
        return Keys(1, {1: environment.encode(errors="surrogateescape")})  # whatever octets it has
    with _told(path):
        if make and not path.exists():
            _make(path)
        return _believed(_ring(_read(path)))


def listed(path: Path) -> tuple[SigningKey, ...]:
    """The keys of the file, by number.

    Raises:
        KeyFileError: as `keys`.
    """
    with _told(path):
        return _ring(_read(path))


def rotate(path: Path, now: datetime, *, prepare: bool = False) -> SigningKey:
    """The key that signs from now on: the prepared one, else a new one. With `prepare`, one that will be.

    Raises:
        KeyFileError: the file cannot be changed, one is prepared already, or there is no number left.
    """
    with _changing(path) as lines:
        ring = _ring(lines)
        prepared = next((key for key in ring if key.use is Use.NEXT), None)
        if prepared and prepare:
            raise KeyFileError(f"{path}: key {prepared.number} is prepared already: rotate, or retire it")
        if prepare:
            fresh = _fresh(path, ring, now, Use.NEXT)
            _replace(path, [*lines, fresh])
            return fresh
        fresh = replace(prepared, use=Use.CURRENT) if prepared else _fresh(path, ring, now, Use.CURRENT)
        older = {key.number: replace(key, use=Use.OLD) for key in ring}
        kept = _changed(lines, older | {fresh.number: fresh})
        _replace(path, kept if prepared else [*kept, fresh])
        return fresh


def retire(path: Path, number: int) -> SigningKey:
    """Takes the key out of the file: what it has signed is recognised no more.

    Raises:
        KeyFileError: the file cannot be changed, has no such key, or this is the one that signs.
    """
    with _changing(path) as lines:
        ring = _ring(lines)
        gone = next((key for key in ring if key.number == number), None)
        if gone is None:
            there = ", ".join(str(key.number) for key in ring)
            raise KeyFileError(f"{path}: there is no key {number}: it holds {there}")
        if gone.use is Use.CURRENT:
            raise KeyFileError(f"{path}: key {number} signs what is new: `mailgate keys rotate` comes first")
        # Which one is current is written out: the highest number may be the one that goes.
        kept = _changed(lines, {key.number: key for key in ring})
        _replace(path, [one for one in kept if isinstance(one, str) or one.number != number])
        return gone


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the system refuses, in words for the operator."""
    try:
        yield
    except (FileNotFoundError, privatefile.MissingFileError):
        raise KeyFileError(
            f"{path}: is missing: restore it from the backup; a first start makes one"
        ) from None
    except privatefile.PrivateFileError as fault:
        raise KeyFileError(f"{path}: {fault}") from None
    except OSError as fault:
        raise KeyFileError(f"{path}: {fault.strerror}: mailgate must be able to read and make it") from None


@contextmanager
def _changing(path: Path) -> Iterator[list[SigningKey | str]]:
    """The lines of the file, which nobody else changes meanwhile."""
    with _told(path):
        folder = os.open(path.resolve(strict=True).parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)  # of the folder, for the file itself is replaced
            yield _read(path)
        finally:
            os.close(folder)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    first = SigningKey(1, secrets.token_bytes(_MADE))
    # Written aside and linked, so that of two servers starting at once both read the same whole file.
    aside = _aside(path, ["# mailgate's signing keys: keep them secret, and in the backup", first])
    try:
        os.link(aside, path)
    except FileExistsError:
        return
    finally:
        aside.unlink()


def _replace(path: Path, lines: Iterable[SigningKey | str]) -> None:
    """Puts the file with these lines into the place of the old one, in the hands of its owner."""
    there = path.resolve()  # a link to the file stays one
    aside = _aside(there, lines, there.stat())
    try:
        aside.replace(there)
    finally:
        aside.unlink(missing_ok=True)
    folder = os.open(there.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _aside(path: Path, lines: Iterable[SigningKey | str], like: os.stat_result | None = None) -> Path:
    """A private file with these lines beside the place where it will stand, on the disk."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    opened = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            if like and (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(opened, like.st_uid, like.st_gid)  # root rotates, the service reads
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(opened)
    except BaseException:
        aside.unlink()
        raise
    return aside


def _fresh(path: Path, ring: Sequence[SigningKey], now: datetime, use: Use) -> SigningKey:
    """A new key with the next free number after the current one; after the highest comes 0."""
    taken = {key.number for key in ring}
    current = next(key.number for key in ring if key.use is Use.CURRENT)
    following = ((current + step) % _NUMBERS for step in range(1, _NUMBERS))
    number = next((one for one in following if one not in taken), None)
    if number is None:
        raise KeyFileError(
            f"{path}: all {_NUMBERS} numbers are taken: `mailgate keys retire` the oldest first"
        )
    return SigningKey(number, secrets.token_bytes(_MADE), use, now)


def _changed(
    lines: Iterable[SigningKey | str], by_number: Mapping[int, SigningKey]
) -> list[SigningKey | str]:
    return [one if isinstance(one, str) else by_number[one.number] for one in lines]


def _believed(ring: Sequence[SigningKey]) -> Keys:
    current = next(key.number for key in ring if key.use is Use.CURRENT)
    return Keys(current, {key.number: key.secret for key in ring})


def _ring(lines: Iterable[SigningKey | str]) -> tuple[SigningKey, ...]:
    """The keys by number, of which exactly one is current."""
    ring = sorted((one for one in lines if not isinstance(one, str)), key=lambda one: one.number)
    if not any(key.use is Use.CURRENT for key in ring):
        highest = [key for key in ring if key.use is Use.OLD][-1]
        ring[ring.index(highest)] = replace(highest, use=Use.CURRENT)
    return tuple(ring)


def _read(path: Path) -> list[SigningKey | str]:
    """The lines of the file: its keys, and as text those that are none."""
    lines: list[SigningKey | str] = []
    for at, line in enumerate(privatefile.content(path).decode(errors="replace").splitlines(), 1):
        key = line if not line.strip() or line.startswith("#") else _key(line)
        if key is None:
            raise KeyFileError(
                f"{path}:{at}: no key: write a number from 0 to {_NUMBERS - 1}, a blank, "
                f"and at least {_SHORTEST} random octets in base64"
            )
        lines.append(key)
    found = [one for one in lines if isinstance(one, SigningKey)]
    if all(key.use is Use.NEXT for key in found):
        raise KeyFileError(f"{path}: holds no key: restore it from the backup, or delete it to have one made")
    claimed = [f"number {key.number}" for key in found]
    claimed += [f"use {key.use}" for key in found if key.use is not Use.OLD]
    twice = next((one for one in claimed if claimed.count(one) > 1), None)
    if twice is not None:
        raise KeyFileError(f"{path}: two keys have the {twice}: each has one of its own")
    return lines


def _key(line: str) -> SigningKey | None:
    """The key of a line; None where it is none."""
    words = line.split()
    use, made = Use.OLD, None
    try:
        number, secret = int(words[0]), b64decode("".join(words[1:2]), validate=True)
        for word in words[2:_MOST_WORDS]:
            if word in Use.__members__.values():
                use = Use(word)
            else:
                made = read(word)
    except (ValueError, BadBase64):
        return None
    if not 0 <= number < _NUMBERS or len(secret) < _SHORTEST or len(words) > _MOST_WORDS:
        return None
    return SigningKey(number, secret, use, made)
