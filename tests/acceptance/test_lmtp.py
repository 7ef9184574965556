"""LMTP of a running service: by one process or several, on a port and on a file that outlives no process."""

import signal
import smtplib
import socket
import stat
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation, family, serving, wait_for
from tests.ports import free_port

SOON = 60  # seconds
MAIL = "From: Bob <bob@acme.example>\r\nTo: acme@support.example.com\r\nSubject: {}\r\n\r\nHello.\r\n"


def answers(file: Path) -> bool:
    """Whether somebody listens on the file: it is opened after the ports, and after a kill made anew."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(file)) == 0


def send(host: str, port: int, subject: str) -> None:
    with smtplib.LMTP(host, port) as client:
        client.sendmail("bob@acme.example", ["acme@support.example.com"], MAIL.format(subject))


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one process", "workers"])
def test_mail_comes_by_lmtp_on_a_file_and_a_port_also_after_a_kill(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    """behaviour.md 1.6"""
    port, file = free_port(), tmp_path / "var" / "lmtp.sock"
    lmtp = f'lmtp = ["unix:../var/lmtp.sock", "127.0.0.1:{port}"]\nlmtp_socket_mode = "0600"'
    desk = Installation(tmp_path, listener=lmtp, options=options)
    with serving(desk):
        wait_for(lambda: answers(file), SOON, desk.log)
        for number in range(6):
            send(str(file), 0, f"By file {number}")
        send("127.0.0.1", port, "By port")
        wait_for(lambda: len(desk.json("tickets")) == 7, SOON, desk.log)
        assert {peer for (peer,) in desk.rows("SELECT peer FROM spool")} == {"unix", "127.0.0.1"}
        counted = 'mailgate_accepted_total{door="lmtp"} 7.0'
        wait_for(lambda: counted in desk.metrics(), SOON, desk.log)  # a worker's word is a moment on its way
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert f"mailgate takes mail by LMTP on unix:{file}, 127.0.0.1:{port}." in desk.log()

        assert desk.process is not None
        processes = family(desk.process.pid)
        desk.stop(signal.SIGKILL)
        wait_for(lambda: not any(Path(f"/proc/{one}").exists() for one in processes), SOON, desk.log)
        assert file.is_socket()

        desk.start()
        wait_for(lambda: answers(file), SOON, desk.log)
        send(str(file), 0, "After the kill")
        wait_for(lambda: len(desk.json("tickets")) == 8, SOON, desk.log)
    assert not file.exists()


def test_a_second_service_does_not_take_the_file_of_a_living_one(tmp_path: Path) -> None:
    """behaviour.md 1.6"""
    lmtp = f'lmtp = ["unix:{tmp_path}/lmtp.sock"]'
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with serving(Installation(tmp_path / "a", listener=lmtp)) as first:
        second = Installation(tmp_path / "b", listener=lmtp)
        second.write()
        answer = second.run("serve")
        assert answer.returncode != 0
        assert f"cannot listen on unix:{tmp_path}/lmtp.sock: address already in use" in answer.stderr
        send(f"{tmp_path}/lmtp.sock", 0, "Still here")
        wait_for(lambda: len(first.json("tickets")) == 1, SOON, first.log)
