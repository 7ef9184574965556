"""Knows how the proof of every ticket is asked for and told; on a terminal with how far it has got."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailgate.cli import choice
from mailgate.cli.database import with_database
from mailgate.cli.fault import Fault
from mailgate.cli.options import configuration
from mailgate.cli.screen import emit_json, moment, say, table
from mailgate.config.policies import restored
from mailgate.core.clock import Rest
from mailgate.core.ticket import TicketId, named
from mailgate.core.verification import Difference
from mailgate.flows.verification import Proof, proof_of, proofs
from mailgate.store.histories import ticket_named
from mailgate.store.records import plain as as_stored
from mailgate.store.unit import Database

_LISTED = 1000
"""So many differences are listed: where there are more, one thing is behind them all."""


@dataclass(slots=True)
class _Total:
    """What was proved so far: tickets, those of them with differences, and the first of these."""

    tickets: int = 0
    wrong: int = 0
    listed: list[Difference] = field(default_factory=list)

    def add(self, proof: Proof) -> None:
        self.tickets += proof.tickets
        self.wrong += len({one.ticket for one in proof.differences})
        self.listed += proof.differences[: _LISTED - len(self.listed)]


def told(numbers: Sequence[str], account: str, *, as_json: bool) -> int:
    """Proves the tickets and tells what differs; the exit code.

    Raises:
        Fault: there is no such ticket or account: that nothing was looked at is no proof.
    """

    async def proved(database: Database) -> _Total:
        total = _Total()
        if numbers:
            total.add(await proof_of(database, restored, await _ids(database, numbers)))
            return total
        async for proof in proofs(database, restored, account):
            total.add(proof)
            _progress(f"{_counted(total.tickets)} gone through, {total.wrong} with differences")
        _progress("")
        return total

    if numbers and account:
        raise Fault("--account is for every ticket of one: give it, or NUMBER")
    total = with_database(proved)
    if account and not total.tickets and not _is_configured(account):
        choice.account(configuration().desk, account)
    if as_json:
        emit_json(_plain(total))
    else:
        _show(total)
    return 1 if total.wrong else 0


def _is_configured(account: str) -> bool:
    return account.casefold() in {name.casefold() for name in configuration().desk.accounts}


async def _ids(database: Database, numbers: Iterable[str]) -> list[TicketId]:
    ids: set[TicketId] = set()
    async with database.read() as unit:
        for number in numbers:
            name = named(number)
            ticket = await ticket_named(unit, *name) if name else None
            if ticket is None:
                raise Fault(f"there is no ticket {number}", exit_code=1)
            ids.add(ticket)
    return sorted(ids)


def _progress(words: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{words}")
        sys.stderr.flush()


def _show(total: _Total) -> None:
    if not total.wrong:
        say(f"{_counted(total.tickets)}: what is stored is what the journal says.")
        return
    table(("ticket", "of", "field", "stored", "recomputed"), (_row(one) for one in total.listed))
    say()
    more = f"; only the first {_LISTED} differences are listed" if len(total.listed) == _LISTED else ""
    say(f"{_counted(total.tickets)}, {total.wrong} with differences{more}.")


def _counted(tickets: int) -> str:
    return f"{tickets} ticket{'' if tickets == 1 else 's'}"


def _row(one: Difference) -> tuple[object, ...]:
    of = f"{one.clock[0].words} {one.clock[1]}" if one.clock else "ticket"
    return one.ticket, of, one.field, _words(one.stored), _words(one.recomputed)


def _words(value: object) -> object:
    match value:
        case None | ():
            return "none"
        case (Rest(), *_):
            return "; ".join(_rest(one) for one in value if isinstance(one, Rest))
        case _:
            return value


def _rest(rest: Rest) -> str:
    return f"{moment(rest.start)} to {moment(rest.end) if rest.end else 'now'}, {rest.why}"


def _plain(total: _Total) -> dict[str, Any]:
    return {
        "tickets": total.tickets,
        "wrong": total.wrong,
        "differences": [
            {
                "ticket": one.ticket,
                "kind": one.clock[0] if one.clock else None,
                "epoch": one.clock[1] if one.clock else None,
                "field": one.field,
                "stored": as_stored(one.stored),
                "recomputed": as_stored(one.recomputed),
            }
            for one in total.listed
        ],
    }
