from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail import invitation

REQUEST = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:16010101T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN="Bob: the Builder":mailto:bob@acme.example
DTSTART;TZID=Europe/Berlin:20261123T190000
DTEND;TZID="Europe/Berlin":20261123T200000
SUMMARY;LANGUAGE=en-US:Review\\, printer
 s
LOCATION:Room 1
DESCRIPTION:Hello\\nplease come
BEGIN:VALARM
DESCRIPTION:REMINDER
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def test_an_invitation_in_words() -> None:
    """RFC 5545"""
    assert invitation.text(REQUEST) == (
        "Invitation: Review, printers\n"
        "When: 2026-11-23 19:00 Europe/Berlin to 2026-11-23 20:00 Europe/Berlin\n"
        "Where: Room 1\n"
        "Organizer: Bob: the Builder <bob@acme.example>\n\n"
        "Hello\nplease come"
    )


def test_an_answer_to_an_invitation_in_words() -> None:
    """RFC 5546"""
    assert invitation.text(
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nSUMMARY:Review\nDTSTART:20261123T180000Z\n"
        "ATTENDEE;PARTSTAT=DECLINED;CN=Carol:MAILTO:carol@acme.example\nEND:VEVENT\nEND:VCALENDAR"
    ) == (
        "Answer to an invitation: Review\nWhen: 2026-11-23 18:00 UTC\n"
        "Answer: Carol <carol@acme.example> declines"
    )


def test_a_calendar_without_an_event_says_nothing() -> None:
    assert invitation.text("BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\nSUMMARY:x\nEND:VFREEBUSY\nEND:VCALENDAR") == ""


@given(st.lists(st.sampled_from([*REQUEST.splitlines(), ":", ";", '"', "\n", "DTSTART:x"]), max_size=30))
def test_any_calendar_has_a_text(lines: list[str]) -> None:
    assert isinstance(invitation.text("\n".join(lines)), str)
