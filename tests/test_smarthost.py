"""Knows that every fault of a smarthost, wherever it comes, is told as what it means for the mail."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from mailgate.core.relay import Attempt, Ending
from mailgate.core.route import SmarthostRoute, Tls
from mailgate.smarthost import Manners, Smarthost, Timeouts
from tests.outgoing import ACKNOWLEDGEMENT
from tests.sink import Answers, Copy, Fault, Hangs, HangsUp, Sink, Stage, serving

MAIL = replace(ACKNOWLEDGEMENT, content=b"Subject: [ACME-1] Printer\r\n\r\n.hidden\r\n..two\r\nend\r\n")
IMPATIENT = Manners(Timeouts(connect=0.3, command=0.3, answer=0.3, goodbye=0.3))

SENT = Attempt(Ending.SENT, "250 2.0.0 queued as 1")


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with serving(Sink()) as sink:
        yield sink


@pytest.fixture
async def smarthost(sink: Sink) -> AsyncIterator[Smarthost]:
    smarthost = Smarthost(SmarthostRoute("127.0.0.1", sink.port), "support.example.com", IMPATIENT)
    yield smarthost
    await smarthost.close()


class Marks:
    """Answers the question before the dot, and remembers what had arrived when it was asked."""

    def __init__(self, sink: Sink, *, hold: bool = True) -> None:
        self._sink = sink
        self._hold = hold
        self.copies_before: list[int] = []

    async def __call__(self) -> bool:
        self.copies_before.append(len(self._sink.copies))
        return self._hold


async def test_a_mail_arrives_byte_for_byte(sink: Sink, smarthost: Smarthost) -> None:
    marks = Marks(sink)

    outcome = await smarthost.carry(MAIL, marks)

    assert outcome == SENT
    assert sink.copies == [Copy("", ("bob@acme.example",), MAIL.content, connection=1)]
    assert marks.copies_before == [0]


async def test_lines_that_do_not_end_in_crlf_are_made_to(sink: Sink, smarthost: Smarthost) -> None:
    await smarthost.carry(replace(MAIL, content=b".a\nb\rc\r\n\n.\r\nd"), Marks(sink))

    assert [copy.content for copy in sink.copies] == [b".a\r\nb\r\nc\r\n\r\n.\r\nd\r\n"]


@pytest.mark.parametrize(
    ("stage", "fault", "outcome"),
    [
        (Stage.BANNER, Answers(b"421 busy"), Attempt(Ending.UNREACHED, "421 busy")),
        (Stage.BANNER, Answers(b"554 no"), Attempt(Ending.UNREACHED, "554 no")),
        (Stage.EHLO, Answers(b"421 busy"), Attempt(Ending.UNREACHED, "421 busy")),
        (Stage.MAIL, Answers(b"421 busy"), Attempt(Ending.UNREACHED, "421 busy")),
        (Stage.MAIL, Answers(b"451 4.3.0 later"), Attempt(Ending.DEFERRED, "451 4.3.0 later")),
        (Stage.MAIL, Answers(b"550 5.7.1 no"), Attempt(Ending.REFUSED, "550 5.7.1 no")),
        (Stage.MAIL, Answers(b"530 5.7.0 log in"), Attempt(Ending.DEFERRED, "530 5.7.0 log in")),
        (Stage.RCPT, Answers(b"421 busy"), Attempt(Ending.DEFERRED, "421 busy")),
        (Stage.RCPT, Answers(b"450 4.2.0 later"), Attempt(Ending.DEFERRED, "450 4.2.0 later")),
        (Stage.RCPT, Answers(b"550 5.1.1 who?"), Attempt(Ending.REFUSED, "550 5.1.1 who?")),
        (Stage.DATA, Answers(b"421 busy"), Attempt(Ending.DEFERRED, "421 busy")),
        (Stage.DATA, Answers(b"451 later"), Attempt(Ending.DEFERRED, "451 later")),
        (Stage.DATA, Answers(b"554 no"), Attempt(Ending.REFUSED, "554 no")),
        (Stage.DOT, Answers(b"421 busy"), Attempt(Ending.DEFERRED, "421 busy")),
        (Stage.DOT, Answers(b"452 4.3.1 full"), Attempt(Ending.DEFERRED, "452 4.3.1 full")),
        (Stage.DOT, Answers(b"554 5.6.0 spam"), Attempt(Ending.REFUSED, "554 5.6.0 spam")),
    ],
)
async def test_a_refusal_says_whether_it_is_for_good(
    sink: Sink, smarthost: Smarthost, stage: Stage, fault: Fault, outcome: Attempt
) -> None:
    """behaviour.md 5.4: retries on 4xx, 5xx gives up."""
    sink.inject(stage, fault)

    assert await smarthost.carry(MAIL, Marks(sink)) == outcome
    assert sink.copies == []
    assert await smarthost.carry(MAIL, Marks(sink)) == SENT


BEFORE_MAIL = (Stage.BANNER, Stage.EHLO)
BEFORE_THE_DOT = (*BEFORE_MAIL, Stage.MAIL, Stage.RCPT, Stage.DATA)
BROKEN = (HangsUp(), Hangs(), Answers(b"nonsense"), Answers(b"250-" + b"x" * 10_000_000), Hangs(b"250 2.0"))


@pytest.mark.parametrize("stage", BEFORE_THE_DOT)
@pytest.mark.parametrize("fault", BROKEN, ids=lambda fault: repr(fault)[:30])
async def test_what_breaks_before_the_dot_is_deferred(
    sink: Sink, smarthost: Smarthost, stage: Stage, fault: Fault
) -> None:
    """behaviour.md 5.4: only an end of data without an answer is uncertain."""
    sink.inject(stage, fault)
    marks = Marks(sink)

    outcome = await smarthost.carry(MAIL, marks)

    assert outcome.ending is (Ending.UNREACHED if stage in BEFORE_MAIL else Ending.DEFERRED)
    assert outcome.reply
    assert marks.copies_before == []
    assert sink.copies == []
    assert await smarthost.carry(MAIL, marks) == SENT


@pytest.mark.parametrize(
    "fault",
    [*BROKEN, HangsUp(kept=True), Answers(b"2"), Answers(b"354 more?")],
    ids=lambda fault: repr(fault)[:30],
)
async def test_what_breaks_after_the_dot_is_uncertain(sink: Sink, smarthost: Smarthost, fault: Fault) -> None:
    """behaviour.md 5.4."""
    sink.inject(Stage.DOT, fault)

    outcome = await smarthost.carry(MAIL, Marks(sink))

    assert outcome.ending is Ending.UNCERTAIN
    assert outcome.reply
    sink.copies.clear()
    assert await smarthost.carry(MAIL, Marks(sink)) == SENT


@pytest.mark.parametrize(
    "fault", [Answers(b"451 no"), Answers(b"421 no"), Answers(b"550 no"), HangsUp(), Hangs()]
)
async def test_what_fails_at_quit_says_nothing_of_the_mail(sink: Sink, fault: Fault) -> None:
    sink.inject(Stage.QUIT, fault)
    smarthost = Smarthost(SmarthostRoute("127.0.0.1", sink.port), "support.example.com", IMPATIENT)

    assert await smarthost.carry(MAIL, Marks(sink)) == SENT
    await smarthost.close()

    assert len(sink.copies) == 1


async def test_nobody_there_says_nothing_of_the_mail() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        smarthost = Smarthost(SmarthostRoute("127.0.0.1", closed.getsockname()[1]), "support.example.com")

        outcome = await smarthost.carry(MAIL, Marks(Sink()))

    assert outcome.ending is Ending.UNREACHED
    assert outcome.reply.endswith(": Connection refused")


async def test_a_claim_that_was_lost_sends_no_end_of_data(sink: Sink, smarthost: Smarthost) -> None:
    outcome = await smarthost.carry(MAIL, Marks(sink, hold=False))

    assert outcome == Attempt(Ending.DEFERRED, "the claim was lost before the end of data")
    async with asyncio.timeout(0.2):
        while sink.open:  # noqa: ASYNC110 - there is nothing to be told by
            await asyncio.sleep(0.001)
    assert await smarthost.carry(MAIL, Marks(sink)) == SENT
    assert [copy.connection for copy in sink.copies] == [2]


async def test_a_connection_is_used_again_after_a_clean_end(sink: Sink, smarthost: Smarthost) -> None:
    for reply in (b"250 ok", b"550 no", b"250 ok"):
        sink.refused = {} if reply == b"250 ok" else {"bob@acme.example": reply}
        await smarthost.carry(MAIL, Marks(sink))

    assert sink.connections == 1
    assert len(sink.copies) == 2


@pytest.mark.parametrize("fault", [HangsUp(), Answers(b"421 idle for too long"), Hangs()])
async def test_a_stale_connection_is_replaced_without_an_attempt(
    sink: Sink, smarthost: Smarthost, fault: Fault
) -> None:
    await smarthost.carry(MAIL, Marks(sink))
    sink.inject(Stage.MAIL, fault)

    outcome = await smarthost.carry(MAIL, Marks(sink))

    assert outcome == Attempt(Ending.SENT, "250 2.0.0 queued as 2")
    assert [copy.connection for copy in sink.copies] == [1, 2]


async def test_a_reused_connection_that_fails_later_is_an_attempt(sink: Sink, smarthost: Smarthost) -> None:
    await smarthost.carry(MAIL, Marks(sink))
    sink.inject(Stage.RCPT, HangsUp())

    assert (await smarthost.carry(MAIL, Marks(sink))).ending is Ending.DEFERRED
    assert sink.connections == 1


async def test_a_connection_whose_answers_make_no_sense_is_not_used_again(
    sink: Sink, smarthost: Smarthost
) -> None:
    sink.inject(Stage.DOT, Answers(b"354 more?"))
    await smarthost.carry(MAIL, Marks(sink))

    await smarthost.carry(MAIL, Marks(sink))

    assert [copy.connection for copy in sink.copies] == [1, 2]


async def test_a_connection_that_the_server_closed_is_not_used_again(
    sink: Sink, smarthost: Smarthost
) -> None:
    await smarthost.carry(MAIL, Marks(sink))
    sink.hang_up_on_all()
    await asyncio.sleep(0.05)

    await smarthost.carry(MAIL, Marks(sink))

    assert [copy.connection for copy in sink.copies] == [1, 2]


async def test_a_cancelled_mail_closes_its_connection(sink: Sink, smarthost: Smarthost) -> None:
    sink.inject(Stage.RCPT, Hangs())
    sending = asyncio.create_task(smarthost.carry(MAIL, Marks(sink)))
    await asyncio.sleep(0.1)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)

    assert await smarthost.carry(MAIL, Marks(sink)) == SENT
    assert [copy.connection for copy in sink.copies] == [2]


async def test_no_more_connections_than_allowed_are_open(sink: Sink) -> None:
    route = SmarthostRoute("127.0.0.1", sink.port)
    smarthost = Smarthost(route, "support.example.com", replace(IMPATIENT, connections=3))

    await asyncio.gather(*(smarthost.carry(MAIL, Marks(sink)) for _ in range(30)))
    await smarthost.close()

    assert len(sink.copies) == 30
    assert sink.connections == 3


async def test_who_was_refused_is_told_while_the_others_get_it(sink: Sink, smarthost: Smarthost) -> None:
    sink.refused = {"gone@acme.example": b"550 5.1.1 gone", "full@acme.example": b"452 4.2.2 full"}
    mail = replace(MAIL, recipients=("gone@acme.example", "bob@acme.example", "full@acme.example"))

    outcome = await smarthost.carry(mail, Marks(sink))

    assert outcome == Attempt(
        Ending.SENT,
        "250 2.0.0 queued as 1",
        refused=("gone@acme.example",),
        deferred=("full@acme.example",),
        refusal="550 5.1.1 gone",
    )
    assert [copy.recipients for copy in sink.copies] == [("bob@acme.example",)]


async def test_if_one_may_still_get_it_the_mail_is_deferred(sink: Sink, smarthost: Smarthost) -> None:
    sink.refused = {"gone@acme.example": b"550 5.1.1 gone", "full@acme.example": b"452 4.2.2 full"}
    mail = replace(MAIL, recipients=("gone@acme.example", "full@acme.example"))

    outcome = await smarthost.carry(mail, Marks(sink))

    assert outcome == Attempt(
        Ending.DEFERRED, "452 4.2.2 full", refused=("gone@acme.example",), refusal="550 5.1.1 gone"
    )


async def test_a_server_without_ehlo_gets_helo(sink: Sink, smarthost: Smarthost) -> None:
    sink.inject(Stage.EHLO, Answers(b"502 5.5.1 not here"))

    assert await smarthost.carry(MAIL, Marks(sink)) == SENT
    assert sink.commands[:3] == ["EHLO support.example.com", "HELO support.example.com", "MAIL FROM:<>"]


async def test_an_address_beyond_ascii_needs_smtputf8(sink: Sink, smarthost: Smarthost) -> None:
    """RFC 6531 section 3.3"""
    mail = replace(MAIL, recipients=("bjørn@acme.example",), content="Subject: ø\r\n\r\nø\r\n".encode())

    assert await smarthost.carry(mail, Marks(sink)) == SENT
    assert sink.commands[1:3] == [
        "MAIL FROM:<> SIZE=19 BODY=8BITMIME SMTPUTF8",
        "RCPT TO:<bjørn@acme.example>",
    ]


async def test_a_server_that_takes_no_such_address_refuses_for_good(sink: Sink, smarthost: Smarthost) -> None:
    sink.extensions = ()
    mail = replace(MAIL, recipients=("bjørn@acme.example",))

    outcome = await smarthost.carry(mail, Marks(sink))

    assert outcome.ending is Ending.REFUSED
    assert sink.commands == ["EHLO support.example.com"]


@pytest.mark.parametrize(
    "path", ["a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example> SIZE=1", "a\0@b.example"]
)
async def test_an_address_cannot_smuggle_a_command(sink: Sink, smarthost: Smarthost, path: str) -> None:
    outcome = await smarthost.carry(replace(MAIL, recipients=(path,)), Marks(sink))

    assert outcome.ending is Ending.REFUSED
    assert sink.commands == []


async def test_a_reply_is_kept_as_one_clean_line(sink: Sink, smarthost: Smarthost) -> None:
    sink.inject(Stage.MAIL, Answers(b"550-one\r\n550 t\x1b[31mwo \xff \xe2\x80\xae" + b"x" * 1000))

    outcome = await smarthost.carry(MAIL, Marks(sink))

    assert outcome.reply == "550 one t [31mwo " + "x" * 383


async def test_a_password_is_not_sent_in_the_clear(sink: Sink) -> None:
    sink.credentials = "PLAIN AG1lAHNlY3JldA=="
    route = SmarthostRoute("127.0.0.1", sink.port, username="me", password="secret")

    outcome = await Smarthost(route, "support.example.com").carry(MAIL, Marks(sink))

    assert outcome == Attempt(
        Ending.UNREACHED, "the server offers no TLS, and a password is not sent in the clear"
    )
    assert sink.commands == ["EHLO support.example.com"]


async def test_a_password_may_be_sent_in_the_clear_where_tls_is_switched_off(sink: Sink) -> None:
    sink.credentials = "PLAIN AG1lAHNlY3JldA=="
    route = SmarthostRoute("127.0.0.1", sink.port, tls=Tls.OFF, username="me", password="secret")
    smarthost = Smarthost(route, "support.example.com")

    assert await smarthost.carry(MAIL, Marks(sink)) == SENT
    await smarthost.close()


async def test_a_wrong_password_says_nothing_of_the_mail(sink: Sink) -> None:
    sink.credentials = "PLAIN AG1lAHNlY3JldA=="
    route = SmarthostRoute("127.0.0.1", sink.port, tls=Tls.OFF, username="me", password="wrong")

    outcome = await Smarthost(route, "support.example.com").carry(MAIL, Marks(sink))

    assert outcome == Attempt(Ending.UNREACHED, "535 5.7.8 no")
