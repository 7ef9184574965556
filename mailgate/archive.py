"""Knows the files in which past mail lies: mboxes, maildirs, folders of single mails. It only reads.

A mail is handed out as soon as it is read and never more than one is in memory. What cannot be handed out is
named with its reason, for the past is counted: nothing of it is passed over in silence.
"""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

STANDARD_INPUT = "-"
MOST_BYTES = 64 * 1024 * 1024  # of one mail; more than any server takes in

_PIECE = 64 * 1024  # bytes of a line that are read at once
_SINGLE = frozenset({".eml", ".mbox", ".mbx"})
_MAILDIR = ("cur", "new")
_BLANK = frozenset({b"\n", b"\r\n"})
# RFC 4155 appendix A: who and when. Thunderbird writes `From - ` and a date, or nothing at all behind it.
_SEPARATOR = re.compile(rb"From (?:\S.*\b\d{1,2}:\d\d(?::\d\d)?\b.*\b\d{4}\b.*|- .*|\s*)\r?\n")
_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]*:|>?From ")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


class ArchiveError(Exception):
    """A file that was asked for cannot be read; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class ArchivedMail:
    """A mail as it lies in an archive.

    Args:
        place: where it lies, for people: `inbox.mbox, mail 17`.
        content: its bytes, as they were before the archive quoted them; empty where there is a fault.
        fault: why it cannot be handed out; empty if it can.
    """

    place: str
    content: bytes = b""
    fault: str = ""


def mails(name: str, most: int = MOST_BYTES) -> Iterator[ArchivedMail]:
    """The mails in a file or a folder and all that is in it, in the order in which they lie there.

    Args:
        name: a path, or `-` for an mbox or a single mail on standard input.
        most: bytes of the largest mail.

    Raises:
        ArchiveError: it cannot be read, or it is neither a file nor a folder.
    """
    if name == STANDARD_INPUT:
        yield from _in_stream(sys.stdin.buffer, "standard input", most)
        return
    path = Path(name)
    try:
        if path.is_dir():
            yield from _in_folder(path, most)
        else:
            with path.open("rb") as file:
                yield from _in_stream(file, name, most)
    except OSError as fault:
        raise ArchiveError(f"{fault.filename or name}: {fault.strerror or 'it cannot be read'}") from None


def _in_folder(folder: Path, most: int) -> Iterator[ArchivedMail]:
    """Of a maildir its mails; of another folder its files. Folders in it likewise, links to folders not."""
    maildir = all((folder / part).is_dir() for part in _MAILDIR)
    for part in _MAILDIR if maildir else ():
        for path in sorted((folder / part).iterdir()):
            yield from _in_file(path, most, mail=True)
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink() and not (maildir and path.name in {*_MAILDIR, "tmp"}):
            yield from _in_folder(path, most)
        elif not maildir and not path.is_dir():
            yield from _in_file(path, most, mail=path.suffix.lower() in _SINGLE)


def _in_file(path: Path, most: int, *, mail: bool) -> Iterator[ArchivedMail]:
    """What lies in a file of a folder; `mail` says whether its name or place shows that it is mail."""
    if not path.is_file():
        yield ArchivedMail(str(path), fault="no file that can be read")
        return
    try:
        with path.open("rb") as file:
            if mail or _SEPARATOR.match(file.peek(_PIECE)):
                yield from _in_stream(file, str(path), most)
            elif os.fstat(file.fileno()).st_size:
                yield ArchivedMail(str(path), fault="a file that is neither an mbox nor named .eml")
    except OSError as fault:
        yield ArchivedMail(str(path), fault=fault.strerror or "it cannot be read")


def _in_stream(file: BinaryIO, name: str, most: int) -> Iterator[ArchivedMail]:
    """The mails of an mbox, or the one mail that the file is."""
    lines = iter(lambda: file.readline(_PIECE), b"")
    first = next((line for line in lines if line not in _BLANK), b"")
    if _SEPARATOR.fullmatch(first):
        yield from _in_mbox(lines, name, most)
    elif first:
        content = _Content(most)
        content.add(first)
        for line in lines:
            content.add(line)
        yield content.kept(name)


def _in_mbox(lines: Iterator[bytes], name: str, most: int) -> Iterator[ArchivedMail]:
    """The mails behind the first separator, which has been read.

    A line that looks like a separator is one only if a header follows it. One that says no date is one only
    behind an empty line as well, for people begin sentences with `From `, too.
    """
    count, content, before = 1, _Content(most), b"\n"
    maybe = b""
    for line in lines:
        if maybe and _FIELD.match(line):
            yield _unquoted(content.kept(f"{name}, mail {count}"))
            count, content = count + 1, _Content(most)
        elif maybe:
            content.add(maybe)
        begins = before.endswith(b"\n") and line.startswith(b"From ") and _SEPARATOR.fullmatch(line)
        maybe = line if begins and (before in _BLANK or line.strip() != b"From") else b""
        if not maybe:
            content.add(line)
        before = line
    content.add(maybe)
    yield _unquoted(content.kept(f"{name}, mail {count}"))


def _unquoted(mail: ArchivedMail) -> ArchivedMail:
    """The mail as it was before a `>` was put before each `From ` that begins a line."""
    if b"From " not in mail.content:
        return mail
    return replace(mail, content=_QUOTED.sub(rb"\1", mail.content))


class _Content:
    """The bytes of one mail as they are read; of one that is too large none are kept."""

    __slots__ = ("_lines", "_most", "_size")

    def __init__(self, most: int) -> None:
        self._lines: list[bytes] = []
        self._size = 0
        self._most = most

    def add(self, line: bytes) -> None:
        self._size += len(line)
        if self._size > self._most:
            self._lines.clear()
        else:
            self._lines.append(line)

    def kept(self, place: str) -> ArchivedMail:
        if self._size > self._most:
            return ArchivedMail(place, fault=f"more than {self._most // 1024 // 1024} MiB")
        return ArchivedMail(place, b"".join(self._lines))
