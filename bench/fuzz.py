"""Hostile mails by the hundred thousand: none may bring out a fault, take two seconds or 200 MB.

    python -m bench fuzz [--count 500000] [--seed N] [--processes 2] [--keep var/fuzz]
    python -m bench fuzz --seed N --case NUMBER

Each mail is read, its reply taken apart, and of some an answer is written: it must have the header that was
meant. What fails is kept as a file, and is the same again by its seed and its number, which `--case` tries
here and now. The mails are made in tests/mail/fuzzed.py.
"""

import argparse
import multiprocessing
import re
import resource
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from ctypes import c_longlong
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import FrameType
from typing import Any

from mailgate.core.command import orders
from mailgate.core.fields import fields as named
from mailgate.core.message import Message, Reading
from mailgate.mail.compose import compose
from mailgate.mail.cut import cut
from mailgate.mail.fields import UnwritableError
from mailgate.mail.parse import parse
from tests.mail.fuzzed import mail
from tests.mail.test_every_mail import LOOK, answers, meant

Read = Callable[[bytes], Reading]

SECONDS = 2.0  # of processor time for one mail
GROWTH = 200 * 1024  # KiB that one process may grow by
ANSWERED = 16  # mails, of which one is answered
STUCK = 60.0  # seconds without a mail, until a process is killed
_ROUND = 2000  # mails of one process, so that none has grown by what others left
_MOST_FAULTS = 50
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Fault:
    """A mail that ought to have been read, and was not as it ought to be."""

    number: int
    reason: str
    trace: str = ""


class TooLongError(Exception):
    """The time of a mail is over, and its reading still went on."""


def examined(raw: bytes, number: int, read: Read = parse) -> None:
    """Reads the mail as the service does, and answers some.

    Raises:
        AssertionError: what was read cannot be stored, or an answer is not as it was meant.
    """
    message = read(raw)
    unstorable = next((text for text in texts(message) if not storable(text)), None)
    assert unstorable is None, f"cannot be stored: {unstorable!a}"
    if not isinstance(message, Message):
        return
    orders(message.reply_text)
    named(message.text)
    cut(message.markup, message.reply_text)
    if number % ANSWERED == 0:
        answered(message, raw)


def answered(message: Message, raw: bytes) -> None:
    """Answers are written, with the fields that were meant and no other."""
    for draft in answers(message, raw):
        try:
            content = compose(draft, LOOK).content
        except UnwritableError:  # an address that can be read and not be written: nobody is answered
            continue
        head, _, _ = content.partition(b"\r\n\r\n")
        names = [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in b" \t"]
        assert names == meant(draft)["names"], names
        assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")
        assert b"\0" not in content
        assert max(map(len, content.split(b"\r\n"))) <= 998


def texts(value: Any) -> Iterator[str]:
    """Every text of a value and of the values in it."""
    match value:
        case str():
            yield value
        case tuple():
            for one in value:
                yield from texts(one)
        case _ if is_dataclass(value):
            for part in fields(value):
                yield from texts(getattr(value, part.name))
        case None | int() | float() | bytes() | datetime():
            return
        case _:
            raise AssertionError(f"no value: {value!r}")


def storable(text: str) -> bool:
    """Whether a database takes it: no lone surrogate, no NUL."""
    return not _UNSTORABLE.search(text)


def tried(seed: str, number: int, read: Read = parse, before: int = 0) -> Fault | None:
    """What is wrong with the reading of that mail; `before` is the KiB that the process had at first."""
    raw, before = mail(seed, number), before or _used()
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS * 2)
    try:
        examined(raw, number, read)
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is what is looked for
        signal.setitimer(signal.ITIMER_PROF, 0)
        return Fault(number, f"{type(fault).__name__}: {fault}"[:200], traceback.format_exc())
    signal.setitimer(signal.ITIMER_PROF, 0)
    seconds = time.process_time() - began
    if seconds > SECONDS:
        return Fault(number, f"took {seconds:.1f} seconds")
    grown = _used() - before
    return Fault(number, f"took {grown // 1024} MiB") if grown > GROWTH else None


def hunt(seed: str, count: int, processes: int, read: Read = parse) -> Iterator[int | Fault]:
    """Tries so many mails; says now and then how many are done, and each fault when it is found."""
    todo = deque(range(first, min(first + _ROUND, count)) for first in range(0, count, _ROUND))
    working: dict[object, _Child] = {}
    done = 0
    while todo or working:
        while todo and len(working) < processes:
            child = _Child(seed, todo.popleft(), read)
            working[child.pipe] = child
        for child in [working[pipe] for pipe in wait([child.pipe for child in working.values()], timeout=1)]:
            fault = child.said()
            if fault:
                yield fault
            if child.is_over:
                del working[child.pipe]
                todo.extendleft([child.left] if child.left else [])
                done += len(child.numbers) - len(child.left)
                yield done
        for child in working.values():
            child.kill_if_stuck()


class _Child:
    """A process that tries a range of mails; one that dies is told as a fault of the mail it was at."""

    def __init__(self, seed: str, numbers: range, read: Read) -> None:
        forking = multiprocessing.get_context("fork")
        self.numbers = numbers
        self.is_over = False
        self.pipe, theirs = forking.Pipe(duplex=False)
        self._at = forking.Value("q", numbers.start, lock=False)  # a lock could die with its holder
        self._seen, self._since = -1, time.monotonic()
        # As a daemon it ends with this process, also where that has heard of enough faults.
        given = (seed, numbers, read, self._at, theirs)
        self._process = forking.Process(target=_try_all, args=given, daemon=True)
        self._process.start()
        theirs.close()

    @property
    def left(self) -> range:
        """What it did not come to."""
        return range(self._at.value + 1, self.numbers.stop)

    def said(self) -> Fault | None:
        """What it has to say: a fault, or nothing at its end."""
        try:
            said: Fault | None = self.pipe.recv()
        except EOFError:
            self._process.join()
            said = Fault(self._at.value, f"the process ended with {self._process.exitcode}")
            self.is_over = True
        if said is None:
            self._process.join()
            self.is_over = True
        return said

    def kill_if_stuck(self) -> None:
        """Ends it if it is at the same mail for too long."""
        if self._at.value != self._seen:
            self._seen, self._since = self._at.value, time.monotonic()
        elif time.monotonic() - self._since > STUCK:
            self._process.kill()


def _try_all(seed: str, numbers: range, read: Read, at: c_longlong, pipe: Connection) -> None:
    signal.signal(signal.SIGPROF, _too_long)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    room, before = _address_space() + 3 * GROWTH * 1024, _used()
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in numbers:
        at.value = number
        fault = tried(seed, number, read, before)
        if fault:
            pipe.send(fault)
        if _used() - before > GROWTH:
            break  # what it took is never given back: the next process begins small
    pipe.send(None)
    pipe.close()


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise TooLongError(f"took more than {SECONDS * 2:g} seconds")


def _used() -> int:
    """KiB of memory, at the most until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()


def kept(folder: Path, seed: str, fault: Fault) -> Path:
    """The file that the mail of a fault is put into, with its trace beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{seed}-{fault.number}.eml"
    file.write_bytes(mail(seed, fault.number))
    if fault.trace:
        file.with_suffix(".txt").write_text(fault.trace, "utf-8", errors="backslashreplace")
    return file


def told(asked: argparse.Namespace) -> int:
    began, faults = time.monotonic(), 0
    for said in hunt(asked.seed, asked.count, asked.processes):
        if isinstance(said, Fault):
            faults += 1
            file = kept(asked.keep, asked.seed, said)
            print(f"\nFAULT --seed {asked.seed} --case {said.number}: {said.reason}; {file}")
            if faults == _MOST_FAULTS:
                print("Enough of them: it ends here.")
                break
        else:
            seconds = time.monotonic() - began
            print(
                f"\r  {said:,} of {asked.count:,} mails, {said / seconds:,.0f} a second ", end="", flush=True
            )
    print(f"\n{faults or 'no'} faults in {asked.count:,} hostile mails of seed {asked.seed}")
    return 1 if faults else 0


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--count", type=int, default=500_000)
    arguments.add_argument("--seed", default="1")
    arguments.add_argument("--processes", type=int, default=2)
    arguments.add_argument("--keep", type=Path, default=Path("var/fuzz"))
    arguments.add_argument("--case", type=int)
    asked = arguments.parse_args()
    if asked.case is None:
        return told(asked)
    signal.signal(signal.SIGPROF, _too_long)
    fault = tried(asked.seed, asked.case)
    print(f"{fault.reason}\n{fault.trace}" if fault else "no fault")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())
