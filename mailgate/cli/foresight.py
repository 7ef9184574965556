"""Knows how it is shown what would come of a mail (`mail explain` in `contract.md`)."""

from dataclasses import dataclass
from datetime import datetime

from mailgate.app.office import keys, office
from mailgate.app.senders import authenticator
from mailgate.cli.database import with_database
from mailgate.cli.options import configuration
from mailgate.cli.screen import moment
from mailgate.core.authentication import as_tree
from mailgate.core.change import Change, Outcome, SpooledMail
from mailgate.core.foretold import foretold
from mailgate.core.message import Envelope, Message
from mailgate.core.promise import Promise, Promised
from mailgate.core.staffwork import StaffWork
from mailgate.flows.foresight import Foresight, foreseen
from mailgate.mail.parse import parse
from mailgate.store.unit import Database


@dataclass(frozen=True, slots=True)
class Way:
    """How the mail is said to have come; without a reverse-path, from whom its From says."""

    recipient: str | None
    reverse_path: str | None = None
    peer: str | None = ""
    helo: str | None = ""


def of(raw: bytes, way: Way, now: datetime) -> Foresight:
    """What would come of the mail, if it were accepted now.

    Raises:
        Fault: there is no database yet.
        StoreError, ConfigurationError, KeyFileError: as everywhere.
    """
    chosen = configuration()
    reading = parse(raw)
    sender = reading.sender.address if isinstance(reading, Message) and reading.sender else ""
    recipient = way.recipient or ""
    to = recipient if "@" in recipient else f"{recipient}@{chosen.desk.domain}"
    reverse_path = sender if way.reverse_path is None else way.reverse_path.strip("<>")
    envelope = Envelope(reverse_path, (to,), way.peer or "", way.helo or "")
    mail = SpooledMail(id=0, raw_id=0, received=now, envelope=envelope, content=raw, attempts=1)

    async def looked_into(database: Database) -> Foresight:
        proven = await authenticator(chosen).of(mail, reading)
        # Only once there is a database: keys that are missing would be made, and this command makes nothing.
        return await foreseen(database, mail, reading, office(chosen, keys(chosen)), proven)

    return with_database(looked_into)


def described(foresight: Foresight) -> dict[str, object]:
    """The object of `mail explain --json`."""
    change, promise, reply, work = foresight.change, foresight.promise, foresight.reply, foresight.work
    if change is None:
        return {"outcome": Outcome.REJECTED, "reason": reply.text, "reply_code": reply.code}
    return {
        "outcome": change.outcome,
        "rule": change.rule,
        "reason": change.reason,
        "reply_code": reply.code,
        "account": change.account or None,
        "ticket": foresight.ticket or None,
        "priority": _priority(promise) if promise else None,
        "targets": [{"kind": one.kind, "due": one.due} for one in promise.targets] if promise else [],
        "unanswered": foresight.unanswered or None,
        "notes": list(promise.notes) if promise else [],
        "mails": [
            {"kind": mail.kind, "to": list(mail.recipients), "subject": mail.subject}
            for mail in change.queued
        ],
        "commands": [str(command) for command in work.commands] if work else [],
        "faults": [{"line": one.line, "wrong": one.wrong, "right": one.right} for one in work.faults]
        if work
        else [],
        "would": list(_would(change, work)),
        "authentication": as_tree(foresight.proven) if foresight.proven else None,
    }


def told(foresight: Foresight) -> str:
    """The same in sentences."""
    change, promise = foresight.change, foresight.promise
    if change is None:
        return f"rejected at RCPT: {foresight.reply}"
    lines = [f"{change.outcome.replace('_', ' ')} (behaviour.md {change.rule}): {change.reason}"]
    if foresight.proven:
        lines.append(f"sender    {foresight.proven.proof}: {foresight.proven.told}")
    if foresight.ticket:
        lines.append(f"ticket    {foresight.ticket}")
    if promise:
        asked = f", asked for {promise.asked}" if promise.asked else ""
        because = f": {promise.because}" if promise.because else ""
        lines.append(f"priority  {promise.priority}{asked}{because}")
        lines += [_target(one) for one in promise.targets]
        lines += [f"told      {note}" for note in promise.notes if promise.entitled]
    if foresight.unanswered:
        lines.append(f"no answer {foresight.unanswered}")
    lines += _commands(foresight.work) if foresight.work else []
    lines += [f"would     {sentence}" for sentence in _would(change, foresight.work)]
    lines += [
        f"mail      {mail.kind.replace('_', ' ')} to {', '.join(mail.recipients)}: {mail.subject}"
        for mail in change.queued
    ]
    return "\n".join(lines if change.queued else [*lines, "mail      none"])


def _commands(work: StaffWork) -> list[str]:
    """What becomes of each command: all of them hold, or none does."""
    if not work.faults:
        return [f"command   {command}: holds" for command in work.commands]
    return [f"fault     {fault}; {fault.right}" for fault in work.faults]


def _would(change: Change, work: StaffWork | None) -> tuple[str, ...]:
    """What a mail of staff would do, in sentences; nothing where a command does not hold, or is checked."""
    if work is None or work.faults or work.checked:
        return ()
    mails = ((mail.kind, reader) for mail in change.queued for reader in mail.recipients)
    return foretold(change.events, mails, work.into)


def _priority(promise: Promise) -> dict[str, object]:
    return {"asked": promise.asked or None, "effective": promise.priority, "because": promise.because}


def _target(target: Promised) -> str:
    due = moment(target.due) if target.due else "best effort"
    return f"target    {target.kind.words}: {due} ({target.words})"
