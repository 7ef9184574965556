"""Knows a maildir: mail goes out by being laid into one, where `mutt -f FOLDER` and `less` read it.

A mail is written whole and flushed in `tmp`, then renamed into `new`: no reader sees half of one, and none is
lost with the power (https://cr.yp.to/proto/maildir.html).
"""

import asyncio
import os
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from mailgate.core.instant import ticks
from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import BeforeDot, Ending, Outcome

_LITTER = timedelta(hours=36)  # a file in tmp that is so old was left by a crash


class Maildir:
    """A courier that lays each mail into a maildir, which it makes where it is missing.

    Args:
        folder: the maildir; `cur`, `new` and `tmp` lie in it.
        now: the time, for the names of the files, which sort by it.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now
        self._host = _file_name_part(socket.gethostname())
        self._count = count(1)
        self._made = False

    async def carry(self, mail: Outgoing, before_dot: BeforeDot) -> Outcome:
        """Lays the mail into the folder. A full disk or a folder that may not be written defers it."""
        name = self._name()
        draft = self._folder / "tmp" / name
        laid_down = False
        try:
            await asyncio.to_thread(self._write, draft, mail)
            if not await before_dot():
                return Outcome(Ending.DEFERRED, "the claim was lost before the mail was laid down")
            await asyncio.to_thread(draft.rename, self._folder / "new" / name)
            laid_down = True
            await asyncio.to_thread(_flush, self._folder / "new")
        except OSError as fault:  # once it lies there, nobody can say for how long
            return Outcome(Ending.UNCERTAIN if laid_down else Ending.DEFERRED, _in_words(fault))
        finally:
            if not laid_down:
                with suppress(OSError):
                    draft.unlink()
        return Outcome(Ending.SENT, f"new/{name}")

    async def close(self) -> None:
        """Nothing is kept open."""

    def _name(self) -> str:
        seconds, milliseconds = divmod(ticks(self._now()), 1000)
        return f"{seconds}.M{milliseconds:03}000P{os.getpid()}Q{next(self._count):06}.{self._host}"

    def _write(self, draft: Path, mail: Outgoing) -> None:
        if not self._made:
            self._make()
        opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
        with os.fdopen(opened, "wb") as file:
            file.writelines(_lines(mail))
            file.flush()
            os.fsync(file.fileno())

    def _make(self) -> None:
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self._folder, *(self._folder / part for part in ("cur", "new", "tmp"))):
            folder.mkdir(mode=0o700, exist_ok=True)
        _flush(self._folder)
        _sweep(self._folder / "tmp", before=self._now() - _LITTER)
        self._made = True


def _lines(mail: Outgoing) -> Iterable[bytes]:
    # RFC 5321 section 4.4: final delivery says the reverse-path. Lines end as files on this system do.
    yield f"Return-Path: <{mail.reverse_path}>\n".encode()
    for recipient in mail.recipients:
        yield f"Delivered-To: {recipient}\n".encode()
    yield mail.content.replace(b"\r\n", b"\n")


def _flush(folder: Path) -> None:
    """Puts what a folder lists onto the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _sweep(folder: Path, before: datetime) -> None:
    for draft in folder.iterdir():
        if draft.stat().st_mtime < before.timestamp():
            draft.unlink(missing_ok=True)


def _file_name_part(host: str) -> str:
    return host.replace("/", r"\057").replace(":", r"\072")


def _in_words(fault: OSError) -> str:
    return f"{fault.strerror or fault}: {fault.filename}" if fault.filename else f"{fault.strerror or fault}"
