"""Knows the places at which the program can be made to stumble, so that tests see it get up again.

`MAILGATE_FAILPOINT=name:action:n` stumbles at the n-th time that a place is reached, once. Without it nothing
happens, and reaching a place costs one look at an empty list. What each place is for: docs/campaign.md.
"""

import errno
import os
import signal
import time
from dataclasses import dataclass
from enum import StrEnum

VARIABLE = "MAILGATE_FAILPOINT"
STALL = 2.5  # seconds


class Failpoint(StrEnum):
    """The places, in the order in which a mail comes by."""

    BEFORE_BEGIN = "before_begin"  # a mail was read, its transaction is not begun
    AFTER_INSERT = "after_insert"  # it is in the spool, not committed
    AFTER_COMMIT = "after_commit"  # it is committed, its client has not heard
    AFTER_REPLY = "after_reply"  # its 250 was written
    AFTER_CLAIM = "after_claim"  # mails of the spool are claimed, none is decided
    AFTER_TICKET = "after_ticket"  # tickets are written, nothing that follows from them, not committed
    AFTER_DECISION = "after_decision"  # a decision is committed, nobody has been woken by it
    AFTER_OUTBOX_CLAIM = "after_outbox_claim"  # mails of the outbox are claimed, none is under way
    AFTER_354 = "after_354"  # the other server wants the content of a mail
    AFTER_MARK = "after_mark"  # that its final dot is about to go out is committed
    AFTER_DOT = "after_dot"  # the final dot is written, no answer is read
    AFTER_250 = "after_250"  # the other server has answered, nothing is written of it
    IN_SETTLE = "in_settle"  # what came of mails is written, not committed
    IN_MIGRATION = "in_migration"  # one step of the schema is done, not committed
    IN_DIGEST = "in_digest"  # a day's digest is claimed, not built


class Action(StrEnum):
    """What happens there."""

    KILL = "kill"  # SIGKILL to this process
    RAISE = "raise"  # an exception that nobody expects
    SLEEP = "sleep"  # the whole process stands still for STALL seconds
    STOP = "stop"  # SIGSTOP to this process: it stands still until it gets SIGCONT
    EIO = "eio"  # what a failing disk says


class FailpointError(Exception):
    """What `raise` raises: a bug."""


@dataclass(slots=True)
class _Armed:
    point: Failpoint
    action: Action
    left: int


_armed: list[_Armed] = []


def arm(wanted: str) -> None:
    """Makes the program stumble as the variable says; nothing for an empty one.

    Raises:
        ValueError: there is no such place or action, or n is no count; says what there is.
    """
    _armed.clear()
    if not wanted:
        return
    name, _, rest = wanted.partition(":")
    action, _, number = rest.partition(":")
    if name not in set(Failpoint):
        raise ValueError(f"{VARIABLE}: {name!r} is no failpoint; choose from {', '.join(Failpoint)}")
    if action not in set(Action):
        raise ValueError(f"{VARIABLE}: {action!r} is no action; choose from {', '.join(Action)}")
    if not (number.isdecimal() and int(number)):
        raise ValueError(f"{VARIABLE}: {number!r} is no count; write {name}:{action}:1 for the first time")
    _armed.append(_Armed(Failpoint(name), Action(action), int(number)))


def reach(point: Failpoint) -> None:
    """Stumbles here, if this is the place and the time.

    Raises:
        FailpointError, OSError: as its action says.
    """
    if not _armed or _armed[0].point is not point:
        return
    _armed[0].left -= 1
    if _armed[0].left:
        return
    os.write(2, f"Stumbled at {point}, as {VARIABLE} says.\n".encode())
    match _armed.pop().action:
        case Action.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        case Action.RAISE:
            raise FailpointError(f"stumbled at {point}")
        case Action.SLEEP:
            time.sleep(STALL)
        case Action.STOP:
            os.kill(os.getpid(), signal.SIGSTOP)
        case Action.EIO:
            raise OSError(errno.EIO, os.strerror(errno.EIO), point.value)
