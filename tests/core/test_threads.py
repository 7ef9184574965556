"""core/threads: which mails of an archive belong to one matter."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.account import Account, UnknownSenders
from mailgate.core.message import Mailbox
from mailgate.core.past import LeftOut, PastMail, Writer
from mailgate.core.threads import EntryKind, Threads, threads
from tests.core.desks import ACME, EVE, SAM, accepting
from tests.core.pasts import STAFF, answers, instant, past


def shape(found: Threads) -> list[list[tuple[str, EntryKind]]]:
    return [[(entry.mail.place, entry.kind) for entry in thread] for thread in found.threads]


def test_a_thread_is_a_request_and_what_refers_to_it_however_the_mails_lie() -> None:
    """behaviour.md 3.3"""
    mails = [
        past(3, "02 11:00", **answers(2)),
        past(2, "02 10:00", Writer.STAFF, **answers(1)),
        past(4, "02 12:00"),
        past(1, "02 09:00"),
    ]
    assert shape(threads(mails, STAFF)) == [
        [("mail 1", EntryKind.CUSTOMER), ("mail 2", EntryKind.STAFF), ("mail 3", EntryKind.CUSTOMER)],
        [("mail 4", EntryKind.CUSTOMER)],
    ]


def test_the_same_subject_joins_nothing() -> None:
    mails = [past(1, "02 09:00"), past(2, "02 10:00", subject="Re: Printer on fire")]
    assert shape(threads(mails, STAFF)) == [
        [("mail 1", EntryKind.CUSTOMER)],
        [("mail 2", EntryKind.CUSTOMER)],
    ]


def test_the_nearest_known_reference_decides() -> None:
    refers = ("lost@x.example", "m2@x.example", "m1@x.example")
    mails = [past(1, "02 09:00"), past(2, "02 10:00"), past(3, "02 11:00", references=refers)]
    assert shape(threads(mails, STAFF)) == [
        [("mail 1", EntryKind.CUSTOMER)],
        [("mail 2", EntryKind.CUSTOMER), ("mail 3", EntryKind.CUSTOMER)],
    ]


def test_a_second_copy_counts_once_by_the_moment_of_the_first() -> None:
    """behaviour.md 2.1"""
    mails = [past(1, "02 10:00", place="copy", identity="identity 1"), past(1, "02 09:00")]
    found = threads(mails, STAFF)
    assert (shape(found), found.duplicates) == ([[("mail 1", EntryKind.CUSTOMER)]], 1)


def test_a_reused_message_id_joins_what_its_own_writer_wrote_and_nothing_of_others() -> None:
    """behaviour.md 2.1"""
    again = past(1, "02 10:00", place="again", identity="other")
    forged = replace(again, place="forged", identity="third", sender=EVE)
    assert shape(threads([past(1, "02 09:00"), again, forged], STAFF)) == [
        [("mail 1", EntryKind.CUSTOMER), ("again", EntryKind.CUSTOMER)],
        [("forged", EntryKind.CUSTOMER)],
    ]


def test_machines_open_matters_and_otherwise_only_make_notes() -> None:
    """behaviour.md 2.4"""
    mails = [
        past(1, "02 09:00"),
        past(2, "02 10:00", Writer.MACHINE, **answers(1)),
        past(3, "02 11:00", Writer.MACHINE),
    ]
    assert shape(threads(mails, STAFF)) == [
        [("mail 1", EntryKind.CUSTOMER), ("mail 2", EntryKind.NOTE)],
        [("mail 3", EntryKind.CUSTOMER)],
    ]
    found = threads(mails, STAFF, machines=False)
    assert shape(found) == [[("mail 1", EntryKind.CUSTOMER), ("mail 2", EntryKind.NOTE)]]
    assert found.left_out == (LeftOut("mail 3", "a machine wrote it"),)


def test_what_staff_write_to_each_other_is_a_note() -> None:
    mails = [past(1, "02 09:00"), past(2, "02 10:00", Writer.STAFF, for_customer=False, **answers(1))]
    assert shape(threads(mails, STAFF)) == [[("mail 1", EntryKind.CUSTOMER), ("mail 2", EntryKind.NOTE)]]


def test_a_report_of_an_answer_that_failed_is_told_from_other_reports() -> None:
    """behaviour.md 2.3"""
    mails = [
        past(1, "02 09:00"),
        past(2, "02 10:00", Writer.STAFF, **answers(1)),
        past(3, "02 10:01", Writer.REPORT, failed=("m2@x.example",)),
        past(4, "02 10:02", Writer.REPORT, failed=("m1@x.example",), **answers(1)),
        past(5, "02 10:03", Writer.REPORT, failed=("lost@x.example",)),
    ]
    found = threads(mails, STAFF)
    assert shape(found) == [
        [
            ("mail 1", EntryKind.CUSTOMER),
            ("mail 2", EntryKind.STAFF),
            ("mail 3", EntryKind.FAILURE),
            ("mail 4", EntryKind.NOTE),
        ]
    ]
    assert found.left_out == (LeftOut("mail 5", "a delivery report about no known mail"),)


@pytest.mark.parametrize(
    ("mail", "account", "reason"),
    [
        (past(1, "02 09:00", Writer.STAFF), None, "staff mail that answers no known mail"),
        (past(1, "02 09:00", sender=Mailbox("")), None, "its From names nobody, or more than one"),
        (
            past(1, "02 09:00", Writer.MACHINE, sender=SAM),
            None,
            "automatic mail of staff's own side that answers no known mail",
        ),
        (
            past(1, "02 09:00", sender=EVE),
            ACME,
            "its sender is in none of the account's domains and contacts",
        ),
    ],
)
def test_what_belongs_nowhere_is_left_out_with_the_reason(
    mail: PastMail, account: Account | None, reason: str
) -> None:
    found = threads([mail], STAFF, account)
    assert (found.threads, found.left_out) == ((), (LeftOut("mail 1", reason),))


def test_a_stranger_who_knows_a_message_id_joins_only_where_the_archive_is_of_no_account() -> None:
    """behaviour.md 3.3, 2.7"""
    mails = [past(1, "02 09:00"), past(2, "02 10:00", sender=EVE, **answers(1))]
    together = [[("mail 1", EntryKind.CUSTOMER), ("mail 2", EntryKind.CUSTOMER)]]
    assert shape(threads(mails, STAFF)) == together
    assert shape(threads(mails, STAFF, ACME)) == [[("mail 1", EntryKind.CUSTOMER)]]
    assert shape(threads(mails, STAFF, accepting(UnknownSenders.ACCEPT))) == [[one] for one in together[0]]


def test_a_person_whose_from_names_nobody_joins_nothing() -> None:
    """behaviour.md 2: nobody is taken for somebody else"""
    found = threads([past(1, "02 09:00"), past(2, "02 10:00", sender=Mailbox(""), **answers(1))], STAFF)
    assert found.left_out == (LeftOut("mail 2", "its From names nobody, or more than one"),)


def test_an_answer_is_never_before_what_it_answers() -> None:
    """A clock of a sender that is wrong."""
    mails = [
        past(3, "01 08:30", Writer.STAFF, **answers(2)),
        past(2, "01 08:00", Writer.STAFF, **answers(1)),
        past(1, "02 09:00"),
        past(4, "02 10:00", **answers(1)),
    ]
    found = threads(mails, STAFF)
    assert [entry.mail.place for entry in found.threads[0]] == ["mail 1", "mail 2", "mail 3", "mail 4"]
    times = [instant("02 09:00")] * 3 + [instant("02 10:00")]
    assert ([entry.at for entry in found.threads[0]], found.moved) == (times, 2)


def test_mails_that_answer_each_other_in_a_circle_are_kept() -> None:
    mails = [
        past(1, "02 09:00", **answers(2)),
        past(2, "02 08:00", **answers(1)),
        past(3, "02 07:00", **answers(3)),
    ]
    assert shape(threads(mails, STAFF)) == [
        [("mail 3", EntryKind.CUSTOMER)],
        [("mail 2", EntryKind.CUSTOMER), ("mail 1", EntryKind.CUSTOMER)],
    ]


def test_a_circle_that_also_refers_to_a_known_mail_comes_after_it() -> None:
    mails = [
        past(1, "02 09:00"),
        past(2, "02 08:00", references=("m3@x.example", "m1@x.example")),
        past(3, "02 08:30", references=("m2@x.example",)),
    ]
    (thread,) = threads(mails, STAFF).threads
    assert [(entry.mail.place, entry.at) for entry in thread] == [
        (place, instant("02 09:00")) for place in ("mail 1", "mail 2", "mail 3")
    ]


def test_a_forged_message_id_draws_no_answers_away() -> None:
    """behaviour.md 2.1"""
    forged = past(1, "02 09:30", place="forged", identity="other", sender=EVE)
    mails = [past(1, "02 09:00"), forged, past(2, "02 10:00", Writer.STAFF, **answers(1))]
    assert shape(threads(mails, STAFF)) == [
        [("mail 1", EntryKind.CUSTOMER), ("mail 2", EntryKind.STAFF)],
        [("forged", EntryKind.CUSTOMER)],
    ]


MAILS = st.lists(
    st.builds(
        lambda number, day, writer, to: past(
            number, f"{day:02} 09:00", writer, references=tuple(f"m{one}@x.example" for one in to)
        ),
        st.integers(1, 12),
        st.integers(1, 5),
        st.sampled_from(list(Writer)),
        st.lists(st.integers(0, 12), max_size=3),
    ),
    max_size=12,
)


@given(MAILS)
def test_every_mail_is_in_one_thread_or_left_out_or_a_copy_and_times_only_rise(mails: list[PastMail]) -> None:
    found = threads(mails, STAFF)
    entries = [entry for thread in found.threads for entry in thread]
    assert len(entries) + len(found.left_out) + found.duplicates == len(mails)
    for thread in found.threads:
        assert thread[0].kind is EntryKind.CUSTOMER
        times = [entry.at for entry in thread]
        assert times == sorted(times)
