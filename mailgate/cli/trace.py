"""Knows who gives the commands, and what the audit trail keeps of those that change something."""

import os
import pwd

from mailgate.core.audit import Action, Audit
from mailgate.wallclock import now


def trace(action: Action, subject: object = "", account: str = "", **details: object) -> Audit:
    """The entry that this command leaves in the audit trail, in the transaction of its change."""
    return Audit(now(), operator(), action, account, str(subject), details)


def operator() -> str:
    """Who gives this command: the user of the machine, and for whom sudo made them one."""
    user = os.geteuid()
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:  # a container has users without names
        name = f"uid {user}"
    asked = os.environ.get("SUDO_USER", "")
    return f"{asked} as {name}" if asked and asked != name else name
