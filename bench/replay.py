"""The replay of a large archive by the command itself: seconds, and the most memory that it held.

    python -m bench replay [--mails 100000]

An mbox of four mails a matter, one in ten of them larger than what is read without a process of its own: a
request, an answer, a further mail, a last answer. It is read over a pipe, so no disk is measured.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO

from bench.__main__ import BELOW
from bench.parse import PARAGRAPH

MOST_MEMORY = 4 * 1024  # bytes for each mail, beside what the program itself takes
ITSELF = 100 * 1024 * 1024  # bytes of the program with its libraries
FIRST = datetime(2025, 1, 6, 9, tzinfo=UTC)
LARGE = 10  # one mail in so many
STAFF = "sam@example.com"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--mails", type=int, default=100_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        mailgate = [sys.executable, "-m", "mailgate"]
        subprocess.run([*mailgate, "init", folder], check=True, capture_output=True)
        config = Path(folder) / "config" / "mailgate.toml"
        words = ["--config", str(config), "replay", "-", "--policy", "particle", "--staff", "example.com"]
        began = time.perf_counter()
        with subprocess.Popen(
            [*mailgate, *words, "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as replaying:
            assert replaying.stdin
            assert replaying.stdout
            writing = threading.Thread(target=write, args=(replaying.stdin, asked.mails))
            writing.start()
            answer = json.load(replaying.stdout)
            writing.join()
            _, status, usage = os.wait4(replaying.pid, 0)
            replaying.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
    return told(asked.mails, answer, seconds, usage.ru_maxrss * 1024)


def told(count: int, answer: dict[str, object], seconds: float, memory: int) -> int:
    mails = answer["mails"]
    assert isinstance(mails, dict)
    assert mails["read"] == count
    assert mails["left_out"] == []
    mebibytes, each = memory / 1024 / 1024, (memory - ITSELF) / count / 1024
    print(f"{count:,} mails, {answer['tickets']:,} tickets: {seconds:.1f} s, {count / seconds:,.0f} a second")
    print(f"at most {mebibytes:,.0f} MiB; beside the program itself {each:,.1f} KiB for each mail")
    return BELOW if memory > ITSELF + count * MOST_MEMORY else 0


def write(pipe: IO[bytes], count: int) -> None:
    with pipe:
        for mail in islice(archive(), count):
            pipe.write(b"From - Mon Jan  6 09:00:00 2025\n" + mail.replace(b"\r\n", b"\n") + b"\n")


def archive() -> Iterator[bytes]:
    """Matters one after the other, a new one every ten minutes."""
    number = 0
    while True:
        opened = FIRST + timedelta(minutes=10 * number)
        for turn in range(4):
            yield mail(number, turn, opened + timedelta(minutes=47 * turn))
        number += 1


def mail(number: int, turn: int, at: datetime) -> bytes:
    sender, to = (STAFF, "bob@acme.example") if turn % 2 else ("bob@acme.example", "acme@support.example.com")
    refers = " ".join(f"<m{number}.{before}.0123456789abcdef@mail.example>" for before in range(turn))
    size = 80 if (4 * number + turn) % LARGE == 0 else 10
    date = f"{at:%a, %d %b %Y %H:%M:%S} +0000"
    received = f"Received: from out.example by mx.example.com; {date}\r\n" * (turn % 2 == 0)
    subject = f"[P{1 + number % 4}] The printer, {number}"
    return (
        f"{received}From: Somebody <{sender}>\r\nTo: {to}\r\nSubject: {subject}\r\n"
        f"Date: {date}\r\nMessage-ID: <m{number}.{turn}.0123456789abcdef@mail.example>\r\n"
        + (f"In-Reply-To: {refers.split()[-1]}\r\nReferences: {refers}\r\n" if refers else "")
        + "\r\n"
    ).encode() + PARAGRAPH * size


if __name__ == "__main__":
    sys.exit(main())
