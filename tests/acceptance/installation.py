"""Knows how a test runs mailgate as its users do: commands and a server, in a folder of its own."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
MAILGATE = Path(sys.executable).with_name("mailgate")

SETTINGS = """\
[service]
name = "Example Support"
domain = "support.example.com"
[listener]
smtp = ["127.0.0.1:{smtp}"]
{listener}
[database]
url = "{database}"
[relay]
url = "{relay}"
{more_of_relay}
[digest]
to = ["ops@example.com"]
timezone = "America/Los_Angeles"
[web]
listen = "127.0.0.1:{web}"
[[staff]]
name = "Sam Rivera"
email = "sam@example.com"
"""
ACCOUNT = """\
[acme]
name = "Acme Corp"
policy = "particle"
plan = "enterprise"
region = "americas"
aliases = ["acme"]
domains = ["acme.example"]
unknown_senders = "hold"
"""


@dataclass
class Installation:
    """A folder with a configuration, and the process that serves it."""

    folder: Path
    smtp: int = field(default_factory=free_port)
    web: int = field(default_factory=free_port)
    database: str = "sqlite:///../var/mailgate.db"
    relay: str = "maildir:../var/sent"
    more_of_relay: str = ""  # more lines of [relay]
    account: str = ACCOUNT
    listener: str = ""  # more lines of [listener]
    more: str = ""  # of the settings
    policies: Mapping[str, str] = field(default_factory=dict)  # beside the one of ACCOUNT, by name
    options: tuple[str, ...] = ()
    surroundings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        return self.folder / "config" / "mailgate.toml"

    @property
    def sent(self) -> Path:
        return self.folder / "var" / "sent" / "new"

    def write(self) -> None:
        """Writes the configuration."""
        (self.folder / "config" / "policies").mkdir(parents=True)
        (self.folder / "config" / "accounts").mkdir()
        self.config.write_text(
            SETTINGS.format(
                smtp=self.smtp,
                listener=self.listener,
                web=self.web,
                database=self.database,
                relay=self.relay,
                more_of_relay=self.more_of_relay,
            )
            + self.more
        )
        (self.config.parent / "accounts" / "acme.toml").write_text(self.account)
        policy_file = ROOT / "config" / "policies" / "particle.toml"
        (self.config.parent / "policies" / "particle.toml").write_bytes(policy_file.read_bytes())
        for name, content in self.policies.items():
            (self.config.parent / "policies" / f"{name}.toml").write_text(content)

    def run(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Runs one command to its end."""
        return subprocess.run(
            [MAILGATE, "--config", self.config, *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env={**environment(), **self.surroundings},
            cwd=self.folder,
        )

    def json(self, *arguments: str) -> Any:
        """The JSON that a command prints."""
        answer = self.run(*arguments, "--json")
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    def metrics(self) -> list[str]:
        """The lines of `/metrics`."""
        with urlopen(f"http://127.0.0.1:{self.web}/metrics", timeout=30) as page:
            lines: bytes = page.read()
        return lines.decode().splitlines()

    def start(self) -> None:
        """Starts serving; returns when the door is open."""
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [MAILGATE, "--config", self.config, "serve", *self.options],
                stdout=log,
                stderr=log,
                env={**environment(), **self.surroundings},
                cwd=self.folder,
            )
        wait_for(self.listens, 60, self.log)

    def listens(self) -> bool:
        """Whether the door is open."""
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.smtp)) == 0

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ends the process with a signal; returns how it ended."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(30)
        self.process = None
        return code

    def log(self) -> str:
        """What it has written so far."""
        return (self.folder / "serve.log").read_text()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What its SQLite database answers."""
        with closing(sqlite3.connect(self.folder / "var" / "mailgate.db")) as database:
            return database.execute(query, values).fetchall()

    def mails(self) -> list[EmailMessage]:
        """What went out into the maildir, oldest first."""
        return [read_mail(file) for file in sorted(self.sent.glob("*"))]


@contextmanager
def serving(installation: Installation) -> Iterator[Installation]:
    """The installation, written and served until the block ends."""
    installation.write()
    installation.start()
    try:
        yield installation
    finally:
        if installation.process is not None:
            installation.stop()


def written(sender: str, to: str, subject: str, words: str) -> EmailMessage:
    """A mail as somebody writes it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail.set_content(words)
    return mail


def read_mail(file: Path) -> EmailMessage:
    """A mail as a mail program reads it."""
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def family(process: int) -> list[int]:
    """The process, and every one that it or one of them has started."""
    children = [
        int(child)
        for listed in Path(f"/proc/{process}/task").glob("*/children")
        for child in listed.read_text().split()
    ]
    return [process, *(one for child in children for one in family(child))]


def environment() -> Mapping[str, str]:
    """This process's, without what would change what mailgate does."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MAILGATE_")}


def wait_for(holds: Callable[[], bool], seconds: float, otherwise: Callable[[], str] = str) -> None:
    """Returns once `holds()` is true.

    Raises:
        AssertionError: it was not within the time; tells what `otherwise()` says.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.02)
