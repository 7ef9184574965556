"""Knows that LMTP answers for each recipient, and that what was answered holds whatever happens then."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mailgate.core.relay import Attempt, Ending
from mailgate.core.route import SmarthostRoute, Tls
from mailgate.smarthost import Manners, Smarthost, Timeouts
from tests.outgoing import ACKNOWLEDGEMENT
from tests.sink import Answers, Fault, Hangs, HangsUp, Sink, Stage, serving

BOB, EVE, JOE = "bob@acme.example", "eve@acme.example", "joe@acme.example"
MAIL = replace(ACKNOWLEDGEMENT, recipients=(BOB, EVE, JOE))
IMPATIENT = Manners(Timeouts(connect=5, command=5, answer=0.5, goodbye=0.3))
TAKES = Answers(b"250 ok")


async def sure() -> bool:
    return True


async def carried(sink: Sink) -> Attempt:
    smarthost = Smarthost(SmarthostRoute("127.0.0.1", sink.port, Tls.OFF, lmtp=True), "us.example", IMPATIENT)
    outcome = await smarthost.carry(MAIL, sure)
    await smarthost.close()
    return outcome


async def arrived(*faults: Fault, refused: dict[str, bytes] | None = None) -> tuple[Attempt, Sequence[str]]:
    """What came of a mail to three whose answers after the dot are these, and whom it reached."""
    async with serving(Sink(lmtp=True, refused=refused or {})) as sink:
        for fault in faults:
            sink.inject(Stage.DOT, fault)
        outcome = await carried(sink)
        assert sink.commands[0] == "LHLO us.example"
        return outcome, [copy.recipients[0] for copy in sink.copies]


async def test_a_mail_that_all_recipients_get_is_sent() -> None:
    """RFC 2033 section 4.2"""
    assert await arrived() == (Attempt(Ending.SENT, f"250 2.0.0 {JOE} has it"), [BOB, EVE, JOE])


async def test_each_has_an_answer_of_its_own() -> None:
    outcome, reached = await arrived(TAKES, Answers(b"452 4.2.2 full"), Answers(b"550 5.1.1 gone"))

    assert reached == [BOB]
    assert outcome == Attempt(
        Ending.SENT, "250 ok", refused=(JOE,), deferred=(EVE,), refusal="550 5.1.1 gone"
    )


async def test_answers_that_come_in_one_piece_are_told_apart() -> None:
    three = Answers(b"250 one\r\n452 two\r\n550 three")
    async with serving(Sink(lmtp=True)) as sink:
        sink.inject(Stage.DOT, three)
        outcome = await carried(sink)

    assert outcome == Attempt(Ending.SENT, "250 one", refused=(JOE,), deferred=(EVE,), refusal="550 three")


@pytest.mark.parametrize(
    "fault", [HangsUp(kept=True), HangsUp(kept=True, reset=True), Hangs(), Answers(b"huh?")]
)
async def test_who_was_answered_is_settled_and_the_others_are_uncertain(fault: Fault) -> None:
    outcome, reached = await arrived(TAKES, fault)

    assert reached[0] == BOB
    assert (outcome.ending, outcome.reply, outcome.unsure) == (Ending.SENT, "250 ok", (EVE, JOE))


async def test_where_nobody_was_answered_all_are_uncertain() -> None:
    outcome, _ = await arrived(HangsUp(kept=True), refused={EVE: b"550 5.1.1 gone"})

    assert (outcome.ending, outcome.refused, outcome.refusal) == (Ending.UNCERTAIN, (EVE,), "550 5.1.1 gone")


async def test_only_those_whom_it_took_are_answered_for() -> None:
    outcome, reached = await arrived(refused={EVE: b"450 4.2.1 later"})

    assert outcome == Attempt(Ending.SENT, f"250 2.0.0 {JOE} has it", deferred=(EVE,))
    assert reached == [BOB, JOE]


async def test_a_socket_of_this_machine_will_do(tmp_path: Path) -> None:
    path = str(tmp_path / "lmtp.sock")
    async with serving(Sink(lmtp=True, socket=path)) as sink:
        smarthost = Smarthost(SmarthostRoute(tls=Tls.OFF, socket=path, lmtp=True), "us.example", IMPATIENT)
        outcome = await smarthost.carry(MAIL, sure)
        await smarthost.close()
        assert outcome.ending is Ending.SENT
        assert len(sink.copies) == 3


async def test_a_socket_that_is_not_there_is_nobody(tmp_path: Path) -> None:
    route = SmarthostRoute(tls=Tls.OFF, socket=str(tmp_path / "none"), lmtp=True)

    outcome = await Smarthost(route, "us.example", IMPATIENT).carry(MAIL, sure)

    assert outcome.ending is Ending.UNREACHED
