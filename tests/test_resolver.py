"""The DNS door, against a real name server on loopback."""

import asyncio
import socket

import pytest

from mailgate.core.listening import Place
from mailgate.core.lookup import Found, Nothing, RecordType, Unanswered
from mailgate.resolver import Resolver
from tests.nameserver import Fault, Nameserver, answering

ZONE = {
    ("acme.test", "A"): ["192.0.2.1", "192.0.2.2"],
    ("acme.test", "AAAA"): ["2001:db8::1"],
    ("acme.test", "MX"): ["20 second.acme.test.", "10 first.acme.test."],
    ("acme.test", "TXT"): ["v=spf1 mx -all", 'quoted "words" and \\', "caf\xe9"],
    ("long.test", "TXT"): ["k" * 3000],
    ("endless.test", "TXT"): ["k" * 1000 + str(number) for number in range(20)],
    ("alias.test", "CNAME"): ["acme.test."],
    ("nomail.test", "MX"): ["0 ."],
    ("1.2.0.192.in-addr.arpa", "PTR"): ["mail.acme.test."],
}


def asking(server: Nameserver, seconds: float = 5.0) -> Resolver:
    return Resolver([server.place], seconds)


@pytest.mark.parametrize(
    ("name", "kind", "answer"),
    [
        ("acme.test", RecordType.A, Found(("192.0.2.1", "192.0.2.2"))),
        ("ACME.test.", RecordType.AAAA, Found(("2001:db8::1",))),
        ("acme.test", RecordType.MX, Found(("first.acme.test", "second.acme.test"))),
        ("acme.test", RecordType.TXT, Found(("v=spf1 mx -all", 'quoted "words" and \\', "caf\xe9"))),
        ("alias.test", RecordType.A, Found(("192.0.2.1", "192.0.2.2"))),
        ("nomail.test", RecordType.MX, Found(("",))),
        ("1.2.0.192.in-addr.arpa", RecordType.PTR, Found(("mail.acme.test",))),
        ("alias.test", RecordType.AAAA, Found(("2001:db8::1",))),
        ("nomail.test", RecordType.A, Nothing()),
        ("192.in-addr.arpa", RecordType.A, Nothing()),
        ("nobody.test", RecordType.A, Nothing(exists=False)),
    ],
)
async def test_records_and_nothing_are_told_apart(name: str, kind: RecordType, answer: object) -> None:
    async with answering(ZONE) as server:
        found = await asking(server).ask(name, kind)
    if isinstance(found, Found) and kind is not RecordType.MX:  # a set has no order
        found = Found(tuple(sorted(found.records)))
        answer = Found(tuple(sorted(answer.records))) if isinstance(answer, Found) else answer
    assert found == answer


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.SERVFAIL, "its name servers report a fault"),
        (Fault.REFUSED, "its name servers report a fault"),
        (Fault.SILENCE, "no answer within 0.3 seconds"),
        (Fault.CUT, "its name servers report a fault"),
        (Fault.GARBAGE, "no answer within 0.3 seconds"),
    ],
)
async def test_a_fault_is_not_the_word_that_nothing_is_there(fault: Fault, reason: str) -> None:
    async with answering(ZONE, {"acme.test": fault}) as server:
        assert await asking(server, 0.3).ask("acme.test", RecordType.A) == Unanswered(reason)


@pytest.mark.parametrize("faults", [{}, {"long.test": Fault.TRUNCATED}])
async def test_an_answer_too_long_for_udp_comes_by_tcp(faults: dict[str, Fault]) -> None:
    async with answering(ZONE, faults) as server:
        assert await asking(server).ask("long.test", RecordType.TXT) == Found(("k" * 3000,))
    assert server.questions == [("long.test", "TXT"), ("long.test", "TXT", "tcp")]


async def test_an_answer_without_end_is_none() -> None:
    async with answering(ZONE) as server:
        answer = await asking(server).ask("endless.test", RecordType.TXT)
    assert answer == Unanswered("its answer is longer than 16,384 characters")


@pytest.mark.parametrize(
    "name",
    ["", "..", "a..b", f"{'a' * 64}.test", f"{'a.' * 130}test", "\x00", "a b\\", "\\999.test", "\ud800"],
)
async def test_what_is_no_name_has_nothing_and_harms_nobody(name: str) -> None:
    async with answering(ZONE) as server:
        answer = await asking(server).ask(name, RecordType.TXT)
    assert isinstance(answer, Nothing)


async def test_a_name_is_asked_for_from_the_root_and_nowhere_else() -> None:
    async with answering({("acme.test.local", "A"): ["192.0.2.9"]}) as server:
        assert await asking(server).ask("acme.test", RecordType.A) == Nothing(exists=False)
    assert server.questions == [("acme.test", "A")]


async def test_the_second_server_is_asked_when_the_first_is_broken() -> None:
    async with answering(ZONE, {"*": Fault.SERVFAIL}) as broken, answering(ZONE) as sound:
        resolver = Resolver([broken.place, sound.place])
        assert await resolver.ask("nomail.test", RecordType.MX) == Found(("",))
    assert broken.questions == [("nomail.test", "MX")]


async def test_a_server_that_is_not_there_is_no_answer() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        place = Place("127.0.0.1", taken.getsockname()[1])
    assert isinstance(await Resolver([place], 0.3).ask("acme.test", RecordType.A), Unanswered)


async def test_what_was_answered_is_asked_for_once() -> None:
    async with answering(ZONE, {"broken.test": Fault.SERVFAIL}) as server:
        resolver = asking(server)
        for _ in range(3):
            await resolver.ask("acme.test", RecordType.A)
            await resolver.ask("Acme.Test", RecordType.A)
            await resolver.ask("nobody.test", RecordType.A)
            await resolver.ask("broken.test", RecordType.A)
    assert server.questions == [("acme.test", "A"), ("nobody.test", "A"), ("broken.test", "A")]


async def test_an_answer_is_remembered_no_longer_than_it_says() -> None:
    async with answering(ZONE, ttl=0) as server:
        resolver = asking(server)
        await resolver.ask("acme.test", RecordType.A)
        await resolver.ask("acme.test", RecordType.A)
    assert len(server.questions) == 2


async def test_only_so_much_is_remembered() -> None:
    zone = {(f"n{number}.test", "A"): ["192.0.2.1"] for number in range(1001)}
    async with answering(zone) as server:
        resolver = asking(server)
        for number in range(1001):
            await resolver.ask(f"n{number}.test", RecordType.A)
        await resolver.ask("n1000.test", RecordType.A)
        await resolver.ask("n0.test", RecordType.A)
    assert server.questions[1001:] == [("n0.test", "A")]


async def test_one_mail_asks_only_so_much() -> None:
    async with answering(ZONE) as server:
        inquiry = asking(server).inquiry(questions=2)
        answers = [await inquiry.ask(f"n{number}.test", RecordType.A) for number in range(4)]
    assert answers == [Nothing(exists=False)] * 2 + [Unanswered("too many questions for one mail")] * 2
    assert len(server.questions) == 2


async def test_the_questions_of_one_mail_share_its_time() -> None:
    """What had less time than others get says nothing of its server: it is asked anew by the next mail."""
    async with answering(ZONE, {"a.test": Fault.SILENCE}) as server:
        resolver = asking(server, 0.3)
        inquiry = resolver.inquiry()
        first = await inquiry.ask("a.test", RecordType.A)
        second = await inquiry.ask("acme.test", RecordType.MX)
        third = await resolver.ask("nomail.test", RecordType.MX)
    assert first == Unanswered("no answer within 0.3 seconds")
    assert second == Unanswered("no answer within 0 seconds")
    assert third == Found(("",))


async def test_a_question_can_be_taken_back() -> None:
    async with answering(ZONE, {"acme.test": Fault.SILENCE}) as server:
        asked = asyncio.create_task(asking(server, 60).ask("acme.test", RecordType.A))
        await server.asked.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
