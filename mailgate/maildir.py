"""Knows a maildir: mail goes out by being laid into one, where `mutt -f FOLDER` and `less` read it.

A mail is written whole and flushed in `tmp`, then renamed into `new`: no reader sees half of one, and none is
lost with the power (https://cr.yp.to/proto/maildir.html).
"""

import asyncio
import os
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from mailgate.core.instant import ticks
from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import Attempt, BeforeDot, Ending
from mailgate.flows.shared import Shared

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
        self._lay_down = Shared(self._laid_down)

    async def carry(self, mail: Outgoing, before_dot: BeforeDot) -> Attempt:
        """Lays the mail into the folder. A full disk or a folder that may not be written defers it."""
        draft = self._folder / "tmp" / self._name()
        outcome = Attempt(Ending.DEFERRED, "the claim was lost before the mail was laid down")
        try:
            await asyncio.to_thread(self._write, draft, mail)
            if await before_dot():
                outcome = await self._lay_down(draft)
        except OSError as fault:
            outcome = Attempt(Ending.DEFERRED, _in_words(fault))
        finally:
            if outcome.ending is Ending.DEFERRED:
                self._made = False  # the folder may have gone
                with suppress(OSError):
                    draft.unlink()
        return outcome

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

    async def _laid_down(self, drafts: Sequence[Path]) -> Sequence[Attempt]:
        return await asyncio.to_thread(_publish, drafts, self._folder / "new")

    def _make(self) -> None:
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self._folder, *(self._folder / part for part in ("cur", "new", "tmp"))):
            folder.mkdir(mode=0o700, exist_ok=True)
        _flush(self._folder)
        _sweep(self._folder / "tmp")
        self._made = True


def _lines(mail: Outgoing) -> Iterable[bytes]:
    # RFC 5321 section 4.4: final delivery says the reverse-path. Lines end as files on this system do.
    yield f"Return-Path: <{mail.reverse_path}>\n".encode()
    for recipient in mail.recipients:
        yield f"Delivered-To: {recipient}\n".encode()
    yield mail.content.replace(b"\r\n", b"\n")


def _publish(drafts: Sequence[Path], new: Path) -> Sequence[Attempt]:
    """Shows the drafts to readers; they share one flush of the folder."""
    outcomes = [_renamed(draft, new / draft.name) for draft in drafts]
    try:
        _flush(new)
    except OSError as fault:  # they lie there, but for how long nobody can say
        uncertain = Attempt(Ending.UNCERTAIN, _in_words(fault))
        return [uncertain if outcome.ending is Ending.SENT else outcome for outcome in outcomes]
    return outcomes


def _renamed(draft: Path, path: Path) -> Attempt:
    try:
        draft.rename(path)
    except OSError as fault:
        return Attempt(Ending.DEFERRED, _in_words(fault))
    return Attempt(Ending.SENT, f"{path.parent.name}/{path.name}")


def _flush(folder: Path) -> None:
    """Puts what a folder lists onto the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _sweep(folder: Path) -> None:
    """Removes the litter. The clock that dates files is asked how old they are, whatever ours says."""
    os.utime(folder)
    before = folder.stat().st_mtime - _LITTER.total_seconds()
    for draft in folder.iterdir():
        with suppress(FileNotFoundError):  # another mail's, which was laid down meanwhile
            if draft.stat().st_mtime < before:
                draft.unlink()


def _file_name_part(host: str) -> str:
    return host.replace("/", r"\057").replace(":", r"\072")


def _in_words(fault: OSError) -> str:
    return f"{fault.strerror or fault}: {fault.filename}" if fault.filename else f"{fault.strerror or fault}"
