"""Knows which mails of an archive belong to one matter: by Message-ID and what refers to it, never by words.

The rules are those of the intake (core.intake, `behaviour.md` 2 and 3.3), as far as an archive can tell.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailgate.core.account import Account, UnknownSenders
from mailgate.core.past import LeftOut, PastMail, Staff, Writer


class EntryKind(StrEnum):
    """What a mail does in its thread."""

    CUSTOMER = "customer"  # opens the matter, or goes on with it
    STAFF = "staff"  # answers the customer
    NOTE = "note"  # moves nothing: a machine's, or between staff
    FAILURE = "failure"  # says that an answer never arrived


@dataclass(frozen=True, slots=True)
class Entry:
    """A mail in its thread. `at` is its moment, or that of what it answers, which cannot be later."""

    mail: PastMail
    kind: EntryKind
    at: datetime


Thread = tuple[Entry, ...]
"""The mails of one matter, in their order."""


@dataclass(frozen=True, slots=True)
class Threads:
    """An archive put in order.

    Args:
        threads: each opened by a mail of a customer or a machine, in the order of their first mails.
        duplicates: how many mails were second copies.
        moved: how many were older, by their own fields, than the mail that they answer.
    """

    threads: tuple[Thread, ...]
    left_out: tuple[LeftOut, ...]
    duplicates: int
    moved: int


def threads(
    mails: Iterable[PastMail], staff: Staff, account: Account | None = None, *, machines: bool = True
) -> Threads:
    """The mails in the order of their moments, put together by what they refer to.

    Args:
        account: whose mail it is; its people are the customers then. None: everybody who is not staff.
        machines: whether a machine's mail may open a matter, as it does in the intake.
    """
    sorting = _Sorting(staff, account, machines=machines)
    for mail, at in _in_order(mails):
        sorting.add(mail, at)
    return Threads(
        tuple(tuple(thread) for thread in sorting.threads),
        tuple(sorting.left_out),
        sorting.duplicates,
        sorting.moved,
    )


def _in_order(mails: Iterable[PastMail]) -> Iterator[tuple[PastMail, datetime]]:
    """By their moments, an answer never before what it answers: clocks of senders go wrong."""
    ordered = sorted(mails, key=lambda mail: mail.at)  # stable: mails of one moment stay as they lie
    to_come = {mail.message_id for mail in ordered if mail.message_id}
    seen: set[str] = set()
    waiting: dict[str, list[PastMail]] = {}
    for mail in ordered:
        answered = mail.references[0] if mail.references else ""
        if answered in to_come and answered not in seen and answered != mail.message_id:
            waiting.setdefault(answered, []).append(mail)
            continue
        ready = deque([mail])
        while ready:
            following = ready.popleft()
            seen.add(following.message_id)
            yield following, mail.at
            ready.extend(waiting.pop(following.message_id, ()))
    in_circles = [mail for several in waiting.values() for mail in several]
    for mail in sorted(in_circles, key=lambda one: one.at):
        yield mail, mail.at


class _Sorting:
    """What is known of the mails before one."""

    def __init__(self, staff: Staff, account: Account | None, *, machines: bool) -> None:
        self.threads: list[_Open] = []
        self.left_out: list[LeftOut] = []
        self.duplicates = 0
        self.moved = 0
        self._staff = staff
        self._account = account
        self._machines = machines
        self._copies: set[tuple[str, str]] = set()
        self._by_id: dict[str, tuple[Entry, _Open]] = {}

    def add(self, mail: PastMail, at: datetime) -> None:
        """Puts the mail where it belongs."""
        copy = (mail.message_id, mail.identity)
        if copy in self._copies:  # behaviour.md 2.1
            self.duplicates += 1
            return
        self._copies.add(copy)
        place = self._place(mail)
        if isinstance(place, str):
            self.left_out.append(LeftOut(mail.place, place))
            return
        part, thread = place
        if thread:
            at = max(at, thread[-1].at)  # of mails in a circle, too
        else:
            self.threads.append(thread)
        entry = Entry(mail, part, at)
        thread.append(entry)
        self.moved += at > mail.at
        if mail.message_id:
            self._by_id.setdefault(mail.message_id, (entry, thread))

    def _place(self, mail: PastMail) -> "tuple[EntryKind, _Open] | str":
        """What the mail is in which thread, an empty one for a new matter; or why it is in none."""
        thread = self._known(mail)
        match mail.writer:
            case Writer.REPORT:
                return self._report(mail, thread)
            case Writer.MACHINE:
                return (EntryKind.NOTE, thread) if thread else self._new(mail)
            case Writer.STAFF if thread:
                return (EntryKind.STAFF if mail.for_customer else EntryKind.NOTE), thread
            case Writer.STAFF:
                return "staff mail that answers no known mail"
            case Writer.CUSTOMER if thread and mail.sender.address and self._may_join(mail, thread):
                return EntryKind.CUSTOMER, thread
            case Writer.CUSTOMER:
                return self._new(mail)

    def _known(self, mail: PastMail) -> "_Open | None":
        """The thread of the nearest known reference, or of the first mail with this one's Message-ID."""
        entry, thread = self._by_id.get(mail.message_id, (None, None))
        if entry and entry.mail.sender.folded == mail.sender.folded:
            return thread
        known = (self._by_id[name][1] for name in mail.references if name in self._by_id)
        return next(known, None)

    def _report(self, mail: PastMail, thread: "_Open | None") -> "tuple[EntryKind, _Open] | str":
        for name in mail.failed:
            entry, failed_in = self._by_id.get(name, (None, None))
            if entry and failed_in and entry.kind is EntryKind.STAFF:
                return EntryKind.FAILURE, failed_in
        return (EntryKind.NOTE, thread) if thread else "a delivery report about no known mail"

    def _may_join(self, mail: PastMail, thread: "_Open") -> bool:
        """A Message-ID can be seen by others than the customer (`behaviour.md` 3.3)."""
        address = mail.sender.address
        if self._account is None or self._account.knows(address):
            return True
        return thread[0].mail.sender.is_at(address)

    def _new(self, mail: PastMail) -> "tuple[EntryKind, _Open] | str":
        account, address = self._account, mail.sender.address
        if not address:
            return "its From names nobody, or more than one"
        if mail.writer is Writer.MACHINE and self._staff.has(address):
            return "automatic mail of staff's own side that answers no known mail"
        if mail.writer is Writer.MACHINE and not self._machines:
            return "a machine wrote it"
        if account and account.unknown_senders is not UnknownSenders.ACCEPT and not account.knows(address):
            return "its sender is in none of the account's domains and contacts"
        return EntryKind.CUSTOMER, []


_Open = list[Entry]
