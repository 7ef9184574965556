"""What is asked many times a second is answered from indexes, however much there is."""

from datetime import UTC, datetime, timedelta

from mailgate.core.facts import Question
from mailgate.core.ticket import TicketId
from mailgate.store import claims, escalations, facts, outbox
from mailgate.store.unit import Database, Unit
from tests.statements import Statement, explained, heard

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
QUESTIONS = (
    Question(
        account="acme",
        message_id="m@acme.example",
        identity="1" * 64,
        references=("r@acme.example",),
        ticket_ids=(TicketId(1),),
        reported_ids=("s@support.example.com",),
        reported_recipients=("bob@acme.example",),
        sender="bob@acme.example",
        received=AT,
        speaks=True,
    ),
    Question("globex", "", "2" * 64),
)


async def scans(unit: Unit, statements: list[Statement]) -> list[str]:
    """The tables that SQLite reads from end to end for these statements."""
    steps = [step for statement in statements for step in await explained(unit, statement)]
    temporary = ("SCAN listed", "SCAN anon", "SCAN (")
    return [
        one
        for one in steps
        if one.startswith("SCAN") and "INDEX ix_" not in one and not one.startswith(temporary)
    ]


async def test_no_sweep_and_no_decision_reads_a_table_from_end_to_end(sqlite_database: Database) -> None:
    """behaviour.md 6.1: a sweep reads what is due, never all that is open."""
    async with sqlite_database.write() as unit:
        with heard(unit) as statements:
            await claims.claim_mails(unit, AT, timedelta(minutes=2), 10)
            await claims.oldest_waiting(unit)
            await claims.next_free(unit, AT)
            await claims.claim_clocks(unit, AT, 10)
            await claims.next_deadline(unit)
            await escalations.claim_steps(unit, AT, 10)
            await escalations.next_step(unit)
            await facts.answer(unit, QUESTIONS)
            await outbox.claim(unit, AT, AT + timedelta(minutes=2), 10)
            await outbox.next_at(unit)
        assert len(statements) > 10
        assert await scans(unit, statements) == []
