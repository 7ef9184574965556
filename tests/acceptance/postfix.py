"""Knows a real mail server, Debian's Postfix, in a folder of its own on a port of its own.

It reads the lines that docs/operations.md shows, with the test's ports and folders in the place of its own:
what the page tells to do is what was tried.
"""

import json
import os
import pwd
import re
import shutil
import signal
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from tests.acceptance.installation import ROOT, family, read_mail, wait_for
from tests.ports import free_port

PROGRAM = Path("/usr/sbin/postfix")
QUEUE_PROGRAM = Path("/usr/sbin/postqueue")
STRANGER = "127.0.0.9"
"""Where mail of strangers comes from. The server trusts 127.0.0.1 alone, where mailgate sends from."""

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/state
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = {name}
mydestination =
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
alias_maps =
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
address_verify_poll_delay = 1s
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
pickup unix n - n 60 1 pickup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
_MAILBOXES = """\
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {boxes} }}
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{owner}
virtual_minimum_uid = 1
"""
_DELIVERY = re.compile(
    r" to=<(?P<to>[^>]*)>, .*?relay=(?P<relay>[^,]+), (?:conn_use=(?P<use>\d+), )?.*?"
    r"status=(?P<status>\w+) \((?P<reply>.*)\)$"
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver to one recipient, as the server's log tells it.

    Args:
        use: the how manieth mail it was on its connection.
    """

    to: str
    relay: str
    status: str
    reply: str
    use: int


@dataclass
class Postfix:
    """The server.

    Args:
        name: its own, `myhostname`.
        settings: lines of `main.cf` after those that keep it in its folder; `{folder}` is that folder.
    """

    name: str
    settings: str = ""
    port: int = field(default_factory=free_port)
    folder: Path = Path()

    def write(self, folder: Path) -> None:
        """Makes its folder, into which not only root may look: the server is not root for long."""
        self.folder = folder
        folder.chmod(0o755)
        for name in ("etc", "queue", "state", "mail"):
            (folder / name).mkdir()
        shutil.chown(folder / "state", "postfix")
        shutil.chown(folder / "mail", "nobody")
        main = _MAIN.format(folder=folder, name=self.name) + self.settings.replace("{folder}", str(folder))
        (folder / "etc" / "main.cf").write_text(main)
        (folder / "etc" / "master.cf").write_text(_MASTER.format(port=self.port))

    def start(self) -> None:
        """Returns when it listens."""
        self._ask("start")

    def stop(self) -> None:
        """Ends it in order."""
        self._ask("stop")

    def kill(self) -> None:
        """Ends it and all its processes where they stand."""
        first = int((self.folder / "queue" / "pid" / "master.pid").read_text())
        processes = family(first)
        for one in processes:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        wait_for(lambda: not any(Path(f"/proc/{one}").exists() for one in processes), 30, self.log)

    def flush(self) -> None:
        """Has everything that waits tried now."""
        self._postqueue("-f")

    def queue(self) -> list[str]:
        """The recipients of everything that waits."""
        waiting = [json.loads(line) for line in self._postqueue("-j").splitlines()]
        return [one["address"] for mail in waiting for one in mail["recipients"]]

    def log(self) -> str:
        """What it has written so far."""
        return (self.folder / "log").read_text()

    def deliveries(self, to: str) -> list[Delivery]:
        """Every attempt to deliver to this address, probes included, oldest first."""
        found = (_DELIVERY.search(line) for line in self.log().splitlines())
        return [
            Delivery(one["to"], one["relay"], one["status"], one["reply"], int(one["use"] or 1))
            for one in found
            if one and one["to"] == to
        ]

    def mailbox(self, address: str) -> list[EmailMessage]:
        """What was delivered into a mailbox, oldest first."""
        files = (self.folder / "mail" / address / "new").glob("*")
        return [read_mail(file) for file in sorted(files, key=lambda one: one.stat().st_mtime_ns)]

    def client(self, source: str = STRANGER) -> smtplib.SMTP:
        """A session of somebody at that address of loopback."""
        return session("127.0.0.1", self.port, source)

    def _ask(self, word: str) -> None:
        done = subprocess.run(
            [PROGRAM, "-c", self.folder / "etc", word],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr + self.log()

    def _postqueue(self, option: str) -> str:
        # Programs of group postdrop believe no folder that a caller of another group names.
        return subprocess.run(
            [QUEUE_PROGRAM, "-c", self.folder / "etc", option],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            group="postdrop",
        ).stdout


def session(host: str, port: int, source: str = STRANGER) -> smtplib.SMTP:
    """A client that is connected."""
    return smtplib.SMTP(host, port, timeout=120, source_address=(source, 0))


def is_installed() -> bool:
    """Whether it can be run: it is there, and we are root, as its first process must be."""
    return PROGRAM.exists() and os.geteuid() == 0


@contextmanager
def posted(*servers: Postfix) -> Iterator[None]:
    """The servers at work until the block ends; then they, their queues and their folders are gone."""
    with ExitStack() as stack:
        for server in servers:
            server.write(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mailgate-postfix-"))))
            server.start()
            stack.callback(server.stop)
        yield


def shown(title: str, instead: Mapping[str, str]) -> str:
    """The block of docs/operations.md that begins with this comment, with other words for some of it.

    Raises:
        AssertionError: there is no such block, or one of the words does not stand in it.
    """
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    found = re.search(rf"^```\w+\n(# {re.escape(title)}\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found, f"docs/operations.md shows no block that begins with '# {title}'"
    text = found[1]
    for word, other in instead.items():
        assert word in text, f"the block '{title}' does not say {word}"
        text = text.replace(word, other)
    return text


def mailboxes(*addresses: str) -> str:
    """Settings of a server that keeps a mailbox for each of these, and knows nobody else at their domains."""
    return _MAILBOXES.format(
        domains=" ".join({one.partition("@")[2] for one in addresses}),
        folder="{folder}",
        boxes=", ".join(f"{{ {one} = {one}/ }}" for one in addresses),
        owner=pwd.getpwnam("nobody").pw_uid,
    )
