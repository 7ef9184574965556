"""Each invariant is broken here by hand, once for each sentence that it can say."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from campaign.books import Books, Clock, Decided, Queued, Spooled
from campaign.invariants import Evidence, Trouble, breaches
from campaign.letters import ALIAS, Letter, Matter
from campaign.people import Sent
from campaign.sink import Copy
from mailgate.core.instant import read, ticks

NOON = read("2026-11-20T12:00:00Z")
KEY, PERSON = "key-1-1", "person@acme.example"
ACKNOWLEDGEMENT = Queued(
    (PERSON,), 1, 1, "acknowledgement", "acknowledgement:1", "at_most_once", "a@x", "sent", None, None, 5
)
NOTICE = replace(
    ACKNOWLEDGEMENT,
    id=2,
    recipients=("sam@example.com",),
    kind="staff_notice",
    cause="staff_notice:1:1",
    care="at_least_once",
    message_id="n@x",
)
A_COPY = Copy("a@x", (PERSON,), KEY, "", automatic=True, sha256="1", life=1, answered=True, at=NOON)
N_COPY = replace(A_COPY, message_id="n@x", recipients=("sam@example.com",))
CLOCK = Clock(1, "response", 1, started=10, due=20, stopped=None, state="running")
WELL = Evidence(
    {KEY: Sent(Letter(KEY, Matter.QUESTION, KEY, PERSON, ALIAS, b""), attempts=1, acknowledged=True)},
    (A_COPY, N_COPY),
    Books(
        spooled=(Spooled(1, 1, KEY, "done", None),),
        decided=(Decided(1, "new_ticket", 1),),
        tickets={1: KEY},
        kept=(1,),
        queued=(ACKNOWLEDGEMENT, NOTICE),
        clocks=(CLOCK,),
        recorded={1: (5, 5, 6)},
    ),
)


def books(**changed: object) -> Evidence:
    return replace(WELL, books=replace(WELL.books, **changed))  # type: ignore[arg-type] # of one field each


def mail(**changed: object) -> Evidence:
    """The acknowledgement stands otherwise in the outbox."""
    return books(queued=(replace(ACKNOWLEDGEMENT, **changed), NOTICE))  # type: ignore[arg-type]


def copies(*these: Copy) -> Evidence:
    return replace(WELL, copies=these)


def sender(**changed: object) -> Evidence:
    sent = replace(WELL.sent[KEY], **changed)  # type: ignore[arg-type]
    return replace(WELL, sent={KEY: sent}, books=Books(), copies=())


def killed_at(instant: datetime) -> tuple[Trouble]:
    return (Trouble(instant, instant + timedelta(seconds=1), forgets=True),)


def test_a_mail_that_became_a_ticket_an_acknowledgement_and_a_notice_breaks_nothing() -> None:
    assert breaches(WELL) == []


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        (sender(), f"I1: {KEY} got its 250 and is not in the spool"),
        (
            sender(acknowledged=False, left=[NOON]),
            f"I1: {KEY} was handed over whole, its client hung up, and it is not in the spool",
        ),
        (sender(acknowledged=False, refused=[554]), f"I1: {KEY} was refused for good, with 554"),
        (sender(acknowledged=False, in_vain=True), f"I1: {KEY} was sent 1 times and never got its 250"),
        (books(decided=()), f"I2: mail 1 ({KEY}) is done and was never decided"),
        (books(kept=(1, 1)), f"I2: mail 1 ({KEY}), new_ticket, is 2 comments"),
        (books(tickets={1: KEY, 2: KEY}), f"I2: {KEY} is 2 tickets"),
        (
            books(decided=(Decided(1, "held", None),)),
            f"I2: {KEY}, a question, was found to be held",
        ),
        (
            books(queued=(NOTICE,)),
            f"I3: {KEY} has 1 staff_notice in the outbox, not 1 acknowledgement, 1 staff_notice",
        ),
        (
            books(queued=(ACKNOWLEDGEMENT, NOTICE, replace(NOTICE, id=3, message_id="m@x"))),
            "I3: staff_notice:1:1 is 2 times in the outbox",
        ),
        (copies(A_COPY, A_COPY, N_COPY), "I4: acknowledgement 1 (acknowledgement:1) came out 2 times"),
        (
            copies(A_COPY, N_COPY, N_COPY),
            "I4: staff_notice 2 (staff_notice:1:1) was sent again, though the server had heard",
        ),
        (
            copies(A_COPY, replace(N_COPY, answered=False), replace(N_COPY, sha256="2")),
            "I4: staff_notice 2 (staff_notice:1:1) came out in different bytes under one Message-ID",
        ),
        (
            copies(A_COPY, replace(N_COPY, recipients=("eve@example.net",))),
            "I4: staff_notice 2 (staff_notice:1:1) went to",
        ),
        (
            copies(N_COPY),
            "I4: acknowledgement 1 (acknowledgement:1) is said to be sent, and nobody",
        ),
        (
            mail(state="uncertain"),
            "I4: acknowledgement 1 (acknowledgement:1) is uncertain, though nothing hid what came of it",
        ),
        (mail(state="failed"), "I4: acknowledgement 1 (acknowledgement:1) is failed, though"),
        (
            copies(A_COPY, N_COPY, replace(A_COPY, message_id="z@x")),
            "I4: a mail <z@x> came out that is not in the outbox",
        ),
        (mail(state="sending", next_at=9), "I5: acknowledgement 1 (acknowledgement:1) is still sending"),
        (
            books(spooled=(Spooled(1, 1, KEY, "waiting", 7),)),
            f"I5: mail 1 ({KEY}) is waiting, leased until 7",
        ),
        (books(broken=("integrity_check: bad",)), "I5: integrity_check: bad"),
        (replace(WELL, verified=["sla verify: due"]), "I6: sla verify: due"),
        (books(recorded={1: (6, 5)}), f"I6: the journal of {KEY} goes back in time"),
        (
            books(clocks=(replace(CLOCK, due=9),)),
            "I6: the response clock 1 of ticket 1 ends before it begins",
        ),
        (
            books(clocks=(replace(CLOCK, stopped=9, state="void"),)),
            "I6: the response clock 1 of ticket 1 ends before it begins",
        ),
        (
            books(clocks=(CLOCK, replace(CLOCK, epoch=2, started=9))),
            "I6: the response clocks of ticket 1 go back in time",
        ),
    ],
)
def test_what_is_broken_is_told(evidence: Evidence, told: str) -> None:
    found = breaches(evidence)
    assert any(one.startswith(told) for one in found), found


def test_a_client_that_hung_up_on_a_server_that_was_killed_then_may_be_forgotten() -> None:
    left = sender(acknowledged=False, left=[NOON])
    assert breaches(replace(left, troubles=killed_at(NOON + timedelta(seconds=1)))) == []
    assert breaches(replace(left, troubles=killed_at(NOON + timedelta(minutes=1)))) != []


def test_a_mail_that_may_go_out_twice_does_so_after_a_hidden_answer_or_a_death() -> None:
    hidden, later = replace(N_COPY, answered=False), replace(N_COPY, life=2)
    assert breaches(copies(A_COPY, hidden, N_COPY)) == []
    assert breaches(copies(A_COPY, N_COPY, later)) == []
    stumbled = replace(copies(A_COPY, N_COPY, N_COPY), troubles=killed_at(NOON))
    assert breaches(stumbled) == []


def test_an_acknowledgement_is_uncertain_after_a_hidden_answer_or_a_death_amid_it() -> None:
    hidden = replace(mail(state="uncertain"), copies=(replace(A_COPY, answered=False), N_COPY))
    assert breaches(hidden) == []
    amid = mail(state="uncertain", dot_at=ticks(NOON), settled=ticks(NOON) + 2000)
    assert breaches(replace(amid, troubles=killed_at(NOON + timedelta(milliseconds=5)))) == []
    assert breaches(replace(amid, troubles=killed_at(NOON + timedelta(minutes=5)))) != []
