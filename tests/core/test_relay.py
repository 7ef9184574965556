"""Knows what follows from an attempt to send a mail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.outgoing import Care, MailKind, Outgoing
from mailgate.core.relay import (
    PAGE_PATIENCE,
    PATIENCE,
    RESTS,
    Attempt,
    Claim,
    Ending,
    Fate,
    OutboxState,
    Step,
    abandoned,
    attempt_of,
    next_step,
    rest_after,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOB, EVE, JOE = "bob@acme.example", "eve@acme.example", "joe@acme.example"
ACKNOWLEDGEMENT = Outgoing(
    kind=MailKind.ACKNOWLEDGEMENT,
    cause="acknowledgement:1",
    care=Care.AT_MOST_ONCE,
    reverse_path="",
    recipients=(BOB,),
    message_id="1@support.example.com",
    subject="[ACME-1] Printer",
    content=b"",
)
REPLY = replace(
    ACKNOWLEDGEMENT, kind=MailKind.RELAYED_REPLY, care=Care.AT_LEAST_ONCE, recipients=(BOB, EVE, JOE)
)


def _claim(mail: Outgoing, attempt: int = 1, created: datetime = NOON) -> Claim:
    return Claim(id=1, attempt=attempt, created=created, mail=mail)


def test_a_mail_that_was_taken_is_sent() -> None:
    assert next_step(Attempt(Ending.SENT), _claim(ACKNOWLEDGEMENT), NOON) == Step(OutboxState.SENT)


def test_a_mail_that_was_refused_has_failed_for_all_that_were_left() -> None:
    """behaviour.md 5.4: 5xx gives up."""
    step = next_step(Attempt(Ending.REFUSED, "550 no"), _claim(REPLY), NOON)

    assert step == Step(OutboxState.FAILED, undelivered=(BOB, EVE, JOE))


@pytest.mark.parametrize(
    ("attempt", "minutes"), [(1, 1), (2, 2), (3, 5), (4, 10), (5, 15), (6, 30), (7, 60), (8, 60), (70, 60)]
)
def test_a_mail_that_was_put_off_rests_longer_each_time(attempt: int, minutes: int) -> None:
    """behaviour.md 5.4: retries are backed off."""
    step = next_step(Attempt(Ending.DEFERRED), _claim(ACKNOWLEDGEMENT, attempt), NOON)

    assert step == Step(OutboxState.WAITING, NOON + timedelta(minutes=minutes), (BOB,))


def test_the_last_attempt_is_at_the_end_of_three_days() -> None:
    claim = _claim(REPLY, attempt=75, created=datetime(2026, 11, 17, 12, 30, tzinfo=UTC))
    last = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)

    put_off = next_step(Attempt(Ending.DEFERRED), claim, NOON)
    given_up = next_step(Attempt(Ending.DEFERRED), claim, last)

    assert put_off == Step(OutboxState.WAITING, last, (BOB, EVE, JOE))
    assert given_up == Step(OutboxState.FAILED, undelivered=(BOB, EVE, JOE))


def test_automatic_mail_that_may_have_arrived_is_not_sent_again() -> None:
    """behaviour.md 5.4: at most once; operators see it."""
    step = next_step(Attempt(Ending.UNCERTAIN), _claim(ACKNOWLEDGEMENT), NOON)

    assert step == Step(OutboxState.UNCERTAIN, recipients=(BOB,), unsure=(BOB,))


def test_a_persons_words_that_may_not_have_arrived_are_sent_again() -> None:
    """behaviour.md 5.4: at least once."""
    step = next_step(Attempt(Ending.UNCERTAIN), _claim(REPLY), NOON)

    assert step == Step(OutboxState.WAITING, NOON + timedelta(minutes=1), (BOB, EVE, JOE))


def test_a_persons_words_that_stay_uncertain_for_three_days_are_left_so() -> None:
    step = next_step(Attempt(Ending.UNCERTAIN), _claim(REPLY), NOON + timedelta(days=3))

    assert step == Step(OutboxState.UNCERTAIN, recipients=(BOB, EVE, JOE), unsure=(BOB, EVE, JOE))


def test_only_who_is_left_gets_it_again() -> None:
    outcome = Attempt(Ending.SENT, "250 ok", refused=(EVE,), deferred=(JOE,), refusal="550 gone")

    step = next_step(outcome, _claim(REPLY), NOON)

    assert step == Step(OutboxState.WAITING, NOON + timedelta(minutes=1), (JOE,), undelivered=(EVE,))


def test_who_was_refused_is_not_tried_again_with_those_put_off() -> None:
    outcome = Attempt(Ending.DEFERRED, "450 later", refused=(EVE,), refusal="550 gone")

    step = next_step(outcome, _claim(REPLY), NOON)

    assert step == Step(OutboxState.WAITING, NOON + timedelta(minutes=1), (BOB, JOE), undelivered=(EVE,))


def test_a_mail_left_behind_before_its_dot_waits_again() -> None:
    assert abandoned(_claim(ACKNOWLEDGEMENT), NOON) == Step(OutboxState.WAITING, NOON, (BOB,))


def test_a_mail_left_behind_after_its_dot_follows_its_care() -> None:
    """behaviour.md 5.4: the moment before the final dot is committed first, so a restart knows."""
    automatic = replace(_claim(ACKNOWLEDGEMENT), dot_at=NOON)
    personal = replace(_claim(REPLY), dot_at=NOON)

    assert abandoned(automatic, NOON) == Step(OutboxState.UNCERTAIN, recipients=(BOB,), unsure=(BOB,))
    assert abandoned(personal, NOON) == Step(OutboxState.WAITING, NOON, (BOB, EVE, JOE))


@given(st.integers(1, 10_000))
def test_rests_never_shrink_and_are_bounded(attempt: int) -> None:
    assert timedelta(0) < rest_after(attempt) <= rest_after(attempt + 1) <= RESTS[-1]


@given(st.integers(1, 10_000), st.timedeltas(timedelta(0), timedelta(days=9)), st.sampled_from(Ending))
def test_no_mail_waits_for_ever(attempt: int, age: timedelta, ending: Ending) -> None:
    """A mail waits only for an instant that is ahead and, where a server knows of it, within its patience."""
    now = NOON + age
    for mail in (ACKNOWLEDGEMENT, REPLY):
        step = next_step(Attempt(ending), _claim(mail, attempt), now)

        assert (step.next_at is not None) == (step.state is OutboxState.WAITING)
        assert bool(step.recipients) == (step.state in {OutboxState.WAITING, OutboxState.UNCERTAIN})
        if step.next_at:
            assert now < step.next_at
            assert step.unreached or step.next_at <= NOON + PATIENCE


@given(
    st.sampled_from(Ending),
    st.sets(st.sampled_from([BOB, EVE, JOE]), max_size=2),
    st.sets(st.sampled_from([BOB, EVE, JOE]), max_size=2),
    st.sampled_from(Care),
)
def test_nobody_is_forgotten(ending: Ending, refused: set[str], deferred: set[str], care: Care) -> None:
    """Who was refused is told of, and is not tried again; who was put off is tried again."""
    deferred = deferred - refused if ending is Ending.SENT else set()
    refused = refused if ending is not Ending.UNREACHED else set()
    outcome = Attempt(ending, "", tuple(refused), tuple(deferred))

    step = next_step(outcome, _claim(replace(REPLY, care=care)), NOON)

    assert set(step.undelivered) >= refused
    assert set(step.recipients).isdisjoint(step.undelivered)
    assert set(step.recipients) >= deferred


PAGE = replace(ACKNOWLEDGEMENT, kind=MailKind.PAGE, care=Care.AT_LEAST_ONCE, recipients=("bus",), via="bus")
DOWN = Attempt(Ending.DEFERRED, "HTTP 503")


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 5), (2, 15), (3, 30), (4, 60), (7, 600), (70, 600)])
@pytest.mark.parametrize("via", ["", "bus"])
def test_a_page_rests_for_seconds_only(attempt: int, seconds: int, via: str) -> None:
    """behaviour.md 6.4: by mail or not, somebody is to be woken."""
    step = next_step(DOWN, _claim(replace(PAGE, via=via), attempt), NOON)

    assert step == Step(OutboxState.WAITING, NOON + timedelta(seconds=seconds), ("bus",))


def test_a_service_that_asks_for_a_longer_rest_gets_it() -> None:
    asks = replace(DOWN, rest=timedelta(minutes=3))

    assert next_step(asks, _claim(PAGE), NOON).next_at == NOON + timedelta(minutes=3)
    assert next_step(asks, _claim(PAGE, 70), NOON).next_at == NOON + timedelta(minutes=10)


def test_a_service_is_given_up_after_two_hours_and_a_mail_is_not() -> None:
    """behaviour.md 6.4: a page that fails is shown while it still matters."""
    later = NOON + PAGE_PATIENCE
    by_mail = replace(PAGE, via="")

    assert next_step(DOWN, _claim(PAGE), later) == Step(OutboxState.FAILED, undelivered=("bus",))
    assert next_step(DOWN, _claim(by_mail), later).state is OutboxState.WAITING
    last = next_step(DOWN, _claim(PAGE, 70), later - timedelta(minutes=1))
    assert last.next_at == later


def test_a_mail_that_no_server_heard_of_waits_for_as_long_as_that_lasts() -> None:
    """behaviour.md 5.4: refused connections are backed off; no attempt of the mail is counted."""
    late = NOON + timedelta(days=30)

    waits = [
        next_step(Attempt(Ending.UNREACHED, "refused"), replace(_claim(REPLY, 9), unreached=before), late)
        for before in (0, 1, 2, 3, 40)
    ]

    assert [step.next_at and (step.next_at - late) // timedelta(seconds=1) for step in waits] == [
        *(20, 60, 120, 300, 300),
    ]
    assert {(step.state, step.unreached, step.undelivered) for step in waits} == {
        (OutboxState.WAITING, True, ())
    }


def test_only_attempts_that_a_server_heard_of_make_a_rest_longer() -> None:
    """A whole outbox that met 421 has not used up its short rests."""
    step = next_step(Attempt(Ending.DEFERRED), replace(_claim(REPLY, 12), unreached=11), NOON)

    assert step.next_at == NOON + timedelta(minutes=1)


def test_what_failed_together_does_not_come_back_together() -> None:
    rests = {
        next_step(Attempt(Ending.DEFERRED), _claim(REPLY), NOON, chance).next_at
        for chance in (0.0, 0.5, 0.99)
    }

    assert rests == {NOON + timedelta(milliseconds=ms) for ms in (60_000, 52_500, 45_150)}


def test_who_is_unsure_is_not_sent_an_automatic_mail_again_and_is_not_forgotten() -> None:
    """behaviour.md 5.4: of several recipients each has an end of its own."""
    mail = replace(ACKNOWLEDGEMENT, recipients=(BOB, EVE, JOE))
    some = Attempt(Ending.SENT, "250 ok", deferred=(JOE,), unsure=(EVE,))

    first = next_step(some, _claim(mail), NOON)
    rest = replace(_claim(replace(mail, recipients=first.recipients), 2), unsure=first.unsure)
    then = next_step(Attempt(Ending.SENT, "250 ok"), rest, NOON)

    assert first == Step(OutboxState.WAITING, NOON + timedelta(minutes=1), (JOE,), unsure=(EVE,))
    assert then == Step(OutboxState.UNCERTAIN, recipients=(EVE,), unsure=(EVE,))


def test_a_persons_words_go_again_to_those_without_an_answer_alone() -> None:
    some = Attempt(Ending.SENT, "250 ok", unsure=(EVE,))

    assert next_step(some, _claim(REPLY), NOON) == Step(
        OutboxState.WAITING, NOON + timedelta(minutes=1), (EVE,)
    )


def test_who_was_put_off_gets_it_though_the_others_are_uncertain() -> None:
    mail = replace(ACKNOWLEDGEMENT, recipients=(BOB, EVE, JOE))
    step = next_step(Attempt(Ending.UNCERTAIN, "reset", refused=(BOB,), deferred=(JOE,)), _claim(mail), NOON)

    assert step == Step(OutboxState.WAITING, NOON + timedelta(minutes=1), (JOE,), (BOB,), (EVE,))


@pytest.mark.parametrize(
    ("endings", "attempt"),
    [
        ("sent sent sent", Attempt(Ending.SENT, "sent joe")),
        ("refused refused refused", Attempt(Ending.REFUSED, "refused bob; refused eve; refused joe")),
        (
            "deferred refused sent",
            Attempt(Ending.SENT, "sent joe", refused=(EVE,), deferred=(BOB,), refusal="refused eve"),
        ),
        (
            "deferred refused refused",
            Attempt(Ending.DEFERRED, "deferred bob", refused=(EVE, JOE), refusal="refused eve; refused joe"),
        ),
        ("sent uncertain uncertain", Attempt(Ending.SENT, "sent bob", unsure=(EVE, JOE))),
        ("deferred uncertain uncertain", Attempt(Ending.UNCERTAIN, "uncertain joe", deferred=(BOB,))),
    ],
)
def test_an_attempt_is_what_became_of_each_recipient(endings: str, attempt: Attempt) -> None:
    fates = {
        one: Fate(Ending(ending), f"{ending} {one[:3]}")
        for one, ending in zip((BOB, EVE, JOE), endings.split(), strict=True)
    }

    assert attempt_of(fates) == attempt


@given(
    st.dictionaries(
        st.sampled_from((BOB, EVE, JOE)),
        st.sampled_from((Ending.SENT, Ending.REFUSED, Ending.DEFERRED, Ending.UNCERTAIN)),
        min_size=1,
    ),
    st.sampled_from(Care),
)
def test_each_recipient_comes_to_one_end(endings: dict[str, Ending], care: Care) -> None:
    """Sent for good, told as undelivered, waiting, or shown as uncertain: one of them, and the right one."""
    mail = replace(REPLY, recipients=tuple(endings), care=care)
    outcome = attempt_of({one: Fate(ending, ending) for one, ending in endings.items()})

    step = next_step(outcome, _claim(mail), NOON)

    waiting = set(step.recipients) if step.state is OutboxState.WAITING else set()
    again = {Ending.DEFERRED} | ({Ending.UNCERTAIN} if care is Care.AT_LEAST_ONCE else set())
    assert waiting == {one for one, ending in endings.items() if ending in again}
    assert set(step.undelivered) == {one for one, ending in endings.items() if ending is Ending.REFUSED}
    assert set(step.unsure) == {one for one, end in endings.items() if end is Ending.UNCERTAIN} - waiting
