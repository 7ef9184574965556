"""Knows that a mail laid into a maildir is whole, findable in order and never seen half."""

import asyncio
import mailbox
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from signal import SIG_IGN, SIGXFSZ, signal
from types import FrameType

from mailgate.core.outgoing import Care, MailKind, Outgoing
from mailgate.core.relay import Attempt, Ending
from mailgate.maildir import Maildir

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MAIL = Outgoing(
    kind=MailKind.ACKNOWLEDGEMENT,
    cause="acknowledgement:1",
    care=Care.AT_MOST_ONCE,
    reverse_path="",
    recipients=("bob@acme.example", "eve@acme.example"),
    message_id="1@support.example.com",
    subject="[ACME-1] Printer",
    content=b"Subject: [ACME-1] Printer\r\n\r\nWe have it.\r\n",
)


async def sure() -> bool:
    return True


async def test_a_mail_is_read_as_any_program_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "sent"

    outcome = await Maildir(folder, lambda: NOON).carry(MAIL, sure)

    (file,) = (folder / "new").iterdir()
    assert outcome == Attempt(Ending.SENT, f"new/{file.name}")
    assert file.read_bytes() == (
        b"Return-Path: <>\n"
        b"Delivered-To: bob@acme.example\n"
        b"Delivered-To: eve@acme.example\n"
        b"Subject: [ACME-1] Printer\n"
        b"\n"
        b"We have it.\n"
    )
    (read,) = mailbox.Maildir(folder, create=False)
    assert read["Subject"] == "[ACME-1] Printer"
    assert list((folder / "tmp").iterdir()) == []


async def test_files_are_private_and_sort_by_time(tmp_path: Path) -> None:
    moments = iter([NOON, NOON + timedelta(milliseconds=7), NOON + timedelta(seconds=1)])
    ticking = Maildir(tmp_path, lambda: next(moments))
    subjects = [f"{number}" for number in range(3)]

    for subject in subjects:
        await ticking.carry(replace(MAIL, content=subject.encode()), sure)

    files = sorted((tmp_path / "new").iterdir())
    assert [file.read_text().splitlines()[-1] for file in files] == subjects
    assert [file.name[:15] for file in files] == ["1795176000.M000", "1795176000.M007", "1795176001.M000"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


async def test_the_dot_is_asked_for_before_the_mail_can_be_seen(tmp_path: Path) -> None:
    seen: list[int] = []

    async def look() -> bool:
        seen.append(len(list((tmp_path / "new").iterdir())))
        return True

    await Maildir(tmp_path, lambda: NOON).carry(MAIL, look)

    assert seen == [0]


async def test_a_mail_is_on_the_disk_before_it_is_sent(tmp_path: Path) -> None:
    calls: list[str] = []

    def note(_frame: FrameType, event: str, called: object) -> None:
        if event == "c_call" and getattr(called, "__name__", "") in {"fsync", "rename"}:
            calls.append(getattr(called, "__name__", ""))

    maildir = Maildir(tmp_path, lambda: NOON)
    await maildir.carry(MAIL, sure)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    threading.setprofile(note)
    try:
        await maildir.carry(MAIL, sure)
    finally:
        threading.setprofile(None)

    assert calls == ["fsync", "rename", "fsync"]


async def test_a_claim_that_was_lost_leaves_nothing(tmp_path: Path) -> None:
    async def lost() -> bool:
        return False

    outcome = await Maildir(tmp_path, lambda: NOON).carry(MAIL, lost)

    assert outcome.ending is Ending.DEFERRED
    assert files_below(tmp_path) == []


async def test_a_full_disk_defers(tmp_path: Path) -> None:
    maildir = Maildir(tmp_path, lambda: NOON)
    with room_for(1000):
        outcome = await maildir.carry(replace(MAIL, content=b"x" * 10_000), sure)

    assert outcome.ending is Ending.DEFERRED
    assert outcome.reply.startswith("File too large")
    assert files_below(tmp_path) == []
    assert (await maildir.carry(MAIL, sure)).ending is Ending.SENT


async def test_a_folder_that_cannot_be_made_defers(tmp_path: Path) -> None:
    (tmp_path / "sent").write_text("a file")

    outcome = await Maildir(tmp_path / "sent", lambda: NOON).carry(MAIL, sure)

    assert outcome == Attempt(Ending.DEFERRED, f"File exists: {tmp_path / 'sent'}")


async def test_what_a_crash_left_is_swept_after_a_while(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    old, young = tmp_path / "tmp" / "old", tmp_path / "tmp" / "young"
    for file, age in ((old, timedelta(hours=37)), (young, timedelta(hours=35))):
        file.write_text("half a mail")
        os.utime(file, times=(file.stat().st_mtime - age.total_seconds(),) * 2)

    await Maildir(tmp_path, lambda: NOON).carry(MAIL, sure)

    assert list((tmp_path / "tmp").iterdir()) == [young]


async def test_a_clock_far_ahead_takes_no_draft_for_litter(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "young").write_text("half a mail")

    await Maildir(tmp_path, lambda: NOON + timedelta(days=36500)).carry(MAIL, sure)

    assert (tmp_path / "tmp" / "young").exists()


def files_below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


@contextmanager
def room_for(octets: int) -> Iterator[None]:
    """No file grows beyond that, as on a full disk."""
    soft, hard = getrlimit(RLIMIT_FSIZE)
    before = signal(SIGXFSZ, SIG_IGN)
    setrlimit(RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, (soft, hard))
        signal(SIGXFSZ, before)


async def test_a_draft_that_goes_while_the_litter_is_swept_defers_nobody(tmp_path: Path) -> None:
    """Another mail was laid down just then; a link to nothing is listed and is not there either."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "gone").symlink_to(tmp_path / "nothing")

    outcome = await Maildir(tmp_path, lambda: NOON).carry(MAIL, sure)

    assert outcome.ending is Ending.SENT
