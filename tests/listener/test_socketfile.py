"""listener/socketfile: whose a socket file is, from the first moment to the last."""

import errno
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mailgate.listener.socketfile import take

DIES = """
import os, socket, sys
left = socket.socket(socket.AF_UNIX)
left.bind(sys.argv[1])
left.listen()
os.kill(os.getpid(), 9)
"""


def connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
        return True


def test_a_socket_file_is_there_with_its_mode_and_gone_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "var" / "lmtp.sock"
    before = os.umask(0o077)
    try:
        taken = take(path, 0o666, 10)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    assert connects(path)
    taken.give_up()
    assert list(path.parent.iterdir()) == []


def test_what_a_killed_process_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    subprocess.run([sys.executable, "-c", DIES, str(path)], check=False)
    assert path.is_socket()
    assert not connects(path)
    taken = take(path, 0o660, 10)
    assert connects(path)
    taken.give_up()


def test_a_socket_that_another_serves_is_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    first = take(path, 0o660, 10)
    with pytest.raises(OSError, match="in use") as told:
        take(path, 0o660, 10)
    assert told.value.errno == errno.EADDRINUSE
    assert connects(path)
    first.give_up()


def test_a_server_whose_queue_is_full_is_alive(tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    first = take(path, 0o660, 0)
    with socket.socket(socket.AF_UNIX) as one, socket.socket(socket.AF_UNIX) as other:
        for client in (one, other):
            client.settimeout(0)
            try:
                client.connect(str(path))
            except BlockingIOError:
                break
        with pytest.raises(OSError, match="in use"):
            take(path, 0o660, 0)
    first.give_up()


def test_a_file_of_another_kind_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "letters.txt"
    path.write_text("kept")
    with pytest.raises(OSError, match="no socket"):
        take(path, 0o660, 10)
    assert path.read_text() == "kept"


def test_what_stands_there_by_the_end_may_be_somebody_elses(tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    first = take(path, 0o660, 10)
    path.unlink()
    second = take(path, 0o660, 10)
    first.give_up()
    assert connects(path)
    second.give_up()
    assert not path.exists()


def test_a_folder_that_is_gone_is_no_reason_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "var" / "lmtp.sock"
    taken = take(path, 0o660, 10)
    path.unlink()
    path.parent.rmdir()
    taken.give_up()
    assert not path.parent.exists()
