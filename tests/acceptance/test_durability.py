"""A 250 is on the disk: what the system is asked for and when, and what comes of a disk that fails.

strace watches the server, and lets calls of it fail: no part of mailgate knows of it.
"""

import asyncio
import os
import signal
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit

import pytest

from tests import sink
from tests.acceptance.installation import Installation, serving, wait_for
from tests.acceptance.test_first_mail import SOON
from tests.acceptance.trace import Call, calls, needs_strace, traced

pytestmark = needs_strace

WATCHED = ("-e", "trace=fdatasync,fsync,pwrite64,sendto")
ACCEPTED = '"250 2.0.0 accepted as'


def spoken(desk: Installation, subject: str, to: str = "acme@support.example.com") -> tuple[int, bytes]:
    """What the server answers to the final dot of a mail, the same mail whenever it is sent."""
    with smtplib.SMTP("127.0.0.1", desk.smtp, timeout=60) as client:
        client.ehlo("client.example")
        client.mail("bob@acme.example")
        client.rcpt(to)
        head = f"From: bob@acme.example\r\nSubject: {subject}\r\nMessage-ID: <{subject}@acme.example>\r\n"
        return client.data(f"{head}\r\nHello.\r\n")


def accepted(desk: Installation, subject: str) -> bool:
    """Whether the mail got its 250; False if the server was gone before it answered."""
    try:
        return spoken(desk, subject)[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def unsafe(found: list[Call]) -> list[int]:
    """Which of the 250s, counted from the first, came while something written was not yet on the disk."""
    wrong, number, written = [], 0, False
    for call in found:
        match call:
            case Call("pwrite64", file) if file.endswith(("-wal", ".db")):
                written = True
            case Call("fdatasync" | "fsync", file) if file.endswith("-wal") and call.succeeded:
                written = False
            case Call("sendto") if ACCEPTED in call.rest:
                number += 1
                if written:
                    wrong.append(number)
    return wrong


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Installation]:
    """A server that only takes mail in: what it writes is the spool."""
    with serving(Installation(tmp_path, options=("--roles", "listener"))) as desk:
        yield desk


def process_of(desk: Installation) -> int:
    assert desk.process is not None
    return desk.process.pid


def test_every_mail_is_on_the_disk_before_its_250(door: Installation, tmp_path: Path) -> None:
    """behaviour.md 1.3"""
    with traced(process_of(door), tmp_path / "trace", *WATCHED) as log:
        assert [spoken(door, f"mail-{number}")[0] for number in range(5)] == [250] * 5
    found = calls(log)
    assert sum(ACCEPTED in call.rest for call in found) == 5
    synced = [call for call in found if call.name == "fdatasync" and call.file.endswith("-wal")]
    assert len(synced) >= 5
    assert unsafe(found) == []


async def test_the_moment_before_the_final_dot_is_on_the_disk_before_the_dot(tmp_path: Path) -> None:
    """behaviour.md 5.4"""
    async with sink.serving(sink.Sink()) as smarthost:
        desk = Installation(tmp_path, relay=f"smtp://127.0.0.1:{smarthost.port}")
        with serving(desk), traced(process_of(desk), tmp_path / "trace", *WATCHED) as log:
            # To the operators: one mail in, one mail out, so that nothing else is written meanwhile.
            code, _ = await asyncio.to_thread(spoken, desk, "down", "postmaster@support.example.com")
            assert code == 250
            await asyncio.to_thread(wait_for, lambda: bool(smarthost.copies), SOON, desk.log)
    found = calls(log)
    data = next(number for number, call in enumerate(found) if '"DATA\\r\\n"' in call.rest)
    dot = next(number for number, call in enumerate(found) if '".\\r\\n"' in call.rest)
    said = found[data:dot]
    assert [call.name for call in said if call.file.endswith("-wal")][-1:] == ["fdatasync"]


def test_a_disk_that_cannot_flush_gives_no_250_and_the_mail_is_taken_once_when_it_can(
    door: Installation, tmp_path: Path
) -> None:
    """behaviour.md 1.3"""
    assert accepted(door, "before")
    with traced(process_of(door), tmp_path / "trace", *WATCHED, "-e", "inject=fdatasync:error=EIO"):
        code, words = spoken(door, "meanwhile")
        assert (code, words[:5]) == (451, b"4.3.0")
    assert accepted(door, "meanwhile")
    assert accepted(door, "after")
    door.stop(signal.SIGKILL)
    assert door.rows("PRAGMA integrity_check") == [("ok",)]
    door.options = ()
    door.start()
    titles = "SELECT title FROM tickets ORDER BY title"
    wait_for(lambda: len(door.rows(titles)) == 3, SOON, door.log)
    assert door.rows(titles) == [("after",), ("before",), ("meanwhile",)]


def test_a_disk_without_room_refuses_for_now_and_the_mail_is_taken_once_there_is_some(
    door: Installation, tmp_path: Path
) -> None:
    """behaviour.md 1.3"""
    assert accepted(door, "before")
    with traced(process_of(door), tmp_path / "trace", *WATCHED, "-e", "inject=pwrite64:error=ENOSPC"):
        code, words = spoken(door, "meanwhile")
        assert (code, words[:5]) == (452, b"4.3.1")
    assert accepted(door, "meanwhile")
    door.stop(signal.SIGKILL)
    assert door.rows("PRAGMA integrity_check") == [("ok",)]
    assert door.rows("SELECT count(*) FROM spool") == [(2,)]


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_server_that_dies_at_the_flush_has_the_mail_or_was_never_thanked_for_it(
    tmp_path: Path, nth: int
) -> None:
    """behaviour.md 1.3"""
    with serving(Installation(tmp_path)) as desk:
        dies = ("-e", f"inject=fdatasync:signal=SIGKILL:when={nth}")
        with traced(process_of(desk), tmp_path / "trace", *WATCHED, *dies):
            thanked = [number for number in range(4) if accepted(desk, f"mail-{number}")]
            assert desk.process is not None
            assert desk.process.wait(SOON) == -signal.SIGKILL
        desk.start()
        wait_for(lambda: not desk.rows("SELECT 1 FROM spool WHERE state != 'done'"), SOON, desk.log)
        kept = {title for (title,) in desk.rows("SELECT title FROM tickets")}
        assert {f"mail-{number}" for number in thanked} <= kept
        assert all(accepted(desk, f"mail-{number}") for number in range(4))
        wait_for(lambda: not desk.rows("SELECT 1 FROM spool WHERE state != 'done'"), SOON, desk.log)
        titles = desk.rows("SELECT title FROM tickets ORDER BY title")
        assert titles == [(f"mail-{number}",) for number in range(4)]


def test_a_file_that_may_not_grow_refuses_mail_for_now_and_the_service_stays_up(tmp_path: Path) -> None:
    """behaviour.md 1.3"""
    with serving(Installation(tmp_path)) as desk:
        assert accepted(desk, "before")
        wait_for(lambda: not desk.rows("SELECT 1 FROM spool WHERE state != 'done'"), SOON, desk.log)
        prlimit(process_of(desk), RLIMIT_FSIZE, (4096, RLIM_INFINITY))
        code, words = spoken(desk, "meanwhile")
        assert (code, words[:5]) == (451, b"4.3.0")
        prlimit(process_of(desk), RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))
        assert accepted(desk, "meanwhile")
        titles = "SELECT title FROM tickets ORDER BY title"
        wait_for(lambda: len(desk.rows(titles)) == 2, SOON, desk.log)
        assert desk.rows(titles) == [("before",), ("meanwhile",)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own of 300 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300m", "mailgate-test", str(folder)]
    if subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all the room that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for octets in (2**20, 4096, 1):
            with suppress(OSError):
                while file.write(bytes(octets)) == octets:
                    pass
    return ballast


def test_a_full_disk_refuses_mail_for_now_keeps_what_it_has_and_recovers_by_itself(small_disk: Path) -> None:
    """behaviour.md 1.3"""
    with serving(Installation(small_disk)) as desk:
        assert accepted(desk, "before")
        wait_for(lambda: not desk.rows("SELECT 1 FROM spool WHERE state != 'done'"), SOON, desk.log)
        with smtplib.SMTP("127.0.0.1", desk.smtp, timeout=60) as client:
            client.ehlo("client.example")
            client.mail("bob@acme.example")
            client.rcpt("acme@support.example.com")
            client.docmd("DATA")  # the floor is passed: there was room for it
            ballast = fill(small_disk)
            client.send(
                b"From: bob@acme.example\r\nSubject: meanwhile\r\n\r\n" + b"x" * 60 * 1024 + b"\r\n.\r\n"
            )
            code, words = client.getreply()
            assert (code, words[:5]) == (452, b"4.3.1")
            code, words = client.mail("bob@acme.example")
            assert (code, words[:5]) == (452, b"4.3.1")  # and now the floor is not
        assert [ticket["subject"] for ticket in desk.json("tickets")] == ["before"]
        ballast.unlink()
        assert accepted(desk, "meanwhile")
        titles = "SELECT title FROM tickets ORDER BY title"
        wait_for(lambda: len(desk.rows(titles)) == 2, SOON, desk.log)
        assert desk.rows("PRAGMA integrity_check") == [("ok",)]
