"""Knows a real vacation responder: Dovecot's delivery agent with a script in Sieve."""

import os
import subprocess
from pathlib import Path

AGENT = Path("/usr/lib/dovecot/dovecot-lda")
SIEVE = Path("/usr/lib/dovecot/modules/lib90_sieve_plugin.so")

_SETTINGS = """\
mail_location = maildir:{folder}/mail
log_path = {folder}/log
base_dir = {folder}/run
state_dir = {folder}/run
submission_host = 127.0.0.1:{port}
postmaster_address = postmaster@acme.example
hostname = mx.acme.example
ssl = no
protocol lda {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:{folder}/away.sieve
  sieve_extensions = +vacation-seconds
  sieve_vacation_min_period = 0
}}
"""
_SCRIPT = """\
require ["vacation", "vacation-seconds"];
vacation :seconds 0 :subject "Away"
  "I am away until Monday. For everything that cannot wait, please call my colleague Kim Park.";
"""


class Responder:
    """The mailbox of somebody who is away. Its answers leave by the mail server on `port`.

    Args:
        folder: one that whoever is not root may write into: the agent takes no mail as root.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._settings = folder / "dovecot.conf"
        self._settings.write_text(_SETTINGS.format(folder=folder, port=port))
        (folder / "away.sieve").write_text(_SCRIPT)

    def take(self, reverse_path: str, recipient: str, content: bytes) -> None:
        """Delivers a mail, and answers it if the script and RFC 3834 say so."""
        root = os.geteuid() == 0
        subprocess.run(
            [AGENT, "-c", self._settings, "-f", reverse_path, "-a", recipient],
            input=content,
            check=True,
            timeout=60,
            cwd="/",
            env={"USER": "bob", "HOME": str(self._folder), "PATH": "/usr/bin:/bin"},
            user="nobody" if root else None,
            group="nogroup" if root else None,
            extra_groups=() if root else None,
        )

    @property
    def answered(self) -> int:
        """How many mails it has answered."""
        log = self._folder / "log"
        return log.read_text().count("sent vacation response") if log.exists() else 0

    @property
    def delivered(self) -> int:
        """How many mails are in the mailbox."""
        return sum(1 for state in ("new", "cur") for _ in (self._folder / "mail" / state).glob("*"))
