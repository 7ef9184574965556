"""Knows how a test runs several nodes of one service on one PostgreSQL server."""

import asyncio
import os
import signal
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg

from tests.acceptance.installation import MAILGATE, Installation, environment, wait_for
from tests.replication import WRITABLE

SOON = 90  # seconds; one or two are what it takes, a busy machine is given more
SECRET = "a secret of all nodes of this service, which no other has"


@dataclass
class Node(Installation):
    """One process of the service."""

    def start(self) -> None:
        """Starts it; returns when it is up."""
        ups = self._ups()
        self.launch()
        wait_for(lambda: self._ups() > ups, SOON, self.log)

    def launch(self) -> None:
        """Starts it."""
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [MAILGATE, "--config", self.config, "serve", *self.options],
                stdout=log,
                stderr=log,
                env={**environment(), "MAILGATE_SECRET": SECRET, **self.surroundings},
                cwd=self.folder,
            )

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def is_stopped(self) -> bool:
        """Whether it stands still, by SIGSTOP."""
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        return stat.split()[0] == "T"

    def told(self, what: str) -> int:
        """How many lines of its log tell of that."""
        return self.log().count(f'"event":"{what}"') + self.log().count(f'"event": "{what}"')

    def _ups(self) -> int:
        return self.log().count("mailgate is up.") if (self.folder / "serve.log").exists() else 0


class Service:
    """Its nodes, and what the database knows."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.nodes: list[Node] = []

    def node(
        self, roles: str = "listener,timers,relay", database: str = "", relay: str = "", failpoint: str = ""
    ) -> Node:
        """One more, not started."""
        node = Node(
            self.folder / f"node{len(self.nodes)}",
            database=database or self.database,
            relay=relay or f"maildir:{self.folder / 'sent'}",
            options=("--roles", roles),
            surroundings={"MAILGATE_FAILPOINT": failpoint} if failpoint else {},
        )
        node.write()
        self.nodes.append(node)
        return node

    def started(self, *nodes: Node) -> None:
        """Starts them together."""
        for node in nodes:
            node.launch()
        for node in nodes:
            wait_for(lambda node=node: node._ups() > 0, SOON, node.log)  # type: ignore[misc] # bound here

    def value(self, query: str) -> Any:
        """The first column of the first row."""
        with psycopg.connect(self.database, **WRITABLE) as connection:
            row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None

    def until(self, query: str, value: object) -> None:
        """Returns when the database answers that."""
        wait_for(lambda: self.value(query) == value, SOON, self.logs)

    def logs(self) -> str:
        return "\n".join(f"{node.folder.name}:\n{node.log()}" for node in self.nodes)

    def sent(self) -> list[str]:
        """The subjects of what went out to customers."""
        files = [file.read_text("utf-8", "replace") for file in (self.folder / "sent" / "new").glob("*")]
        heads = [file.partition("\n\n")[0].splitlines() for file in files]
        to_customers = [head for head in heads if any(_is_to_customer(line) for line in head)]
        return [line for head in to_customers for line in head if line.startswith("Subject:")]


def _is_to_customer(line: str) -> bool:
    return line.startswith("To:") and "@acme.example" in line


@contextmanager
def service(folder: Path, database: str) -> Iterator[Service]:
    """A service without nodes; those that are started are killed at the end of the block."""
    made = Service(folder, database)
    try:
        yield made
    finally:
        for node in made.nodes:
            if node.process is not None and node.process.poll() is None:
                os.kill(node.process.pid, signal.SIGCONT)
                node.stop(signal.SIGKILL)


def letter(number: int) -> EmailMessage:
    """A mail of a customer; each is another's, so that no brake trips."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Bob <bob{number}@acme.example>", "acme@support.example.com"
    mail["Message-ID"], mail["Subject"] = f"<{number}@acme.example>", f"Matter {number}"
    mail.set_content(f"Text {number}.")
    return mail


def answer_to(node: Node, mail: EmailMessage) -> int:
    """What a node says to the mail after its final dot."""
    try:
        with smtplib.SMTP("127.0.0.1", node.smtp, timeout=120) as client:
            client.send_message(mail)
    except smtplib.SMTPDataError as refusal:
        return refusal.smtp_code
    return 250


async def in_a_thread(node: Node, mail: EmailMessage) -> int:
    """The same, while others are asked."""
    return await asyncio.to_thread(answer_to, node, mail)
