from dataclasses import replace

import pytest

from mailgate.core.automatic import Evidence, verdict, with_envelope
from mailgate.core.message import DeliveryReport, Mailbox, Message, Origin, Verdict

PERSON = Verdict(Origin.PERSON)


def field(name: str, *values: str) -> Evidence:
    return Evidence({name: values})


@pytest.mark.parametrize("value", ["no", "No", "  NO  ", "no; owner=x", "no (really)", ""])
def test_auto_submitted_no_is_a_person(value: str) -> None:
    """behaviour.md 2.4, RFC 3834 section 5"""
    assert verdict(field("auto-submitted", value)) == PERSON


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (field("auto-submitted", "Auto-Replied"), "Auto-Submitted: auto-replied"),
        (field("auto-submitted", "auto-generated; type=x"), "Auto-Submitted: auto-generated"),
        (field("auto-submitted", "auto-notified"), "Auto-Submitted: auto-notified"),
        (field("precedence", "never-bounce", "bulk"), "Precedence: bulk"),
        (field("precedence", " LIST "), "Precedence: list"),
        (field("x-precedence", "auto-reply"), "X-Precedence: auto_reply"),
        (field("x-auto-response-suppress", "DR, OOF"), "X-Auto-Response-Suppress: DR, OOF"),
        (field("list-id", "<l.example>"), "List-Id"),
        (field("x-autoreply", "yes"), "X-Autoreply"),
        (field("x-loop", "x"), "X-Loop"),
        (field("x-post-messageclass", "9; Autoresponder"), "X-POST-MessageClass"),
        (field("return-path", "<>"), "null reverse-path"),
        (Evidence(sender="acme <no-reply@acme.example>"), "its sender reads no mail"),
        (
            Evidence(content_type="multipart/report", report_type="disposition-notification"),
            "a multipart/report of type disposition-notification",
        ),
        (Evidence(subject="Report Domain: a.example Submitter: b Report-ID: 1"), "a DMARC report"),
        (Evidence(subject="Automatic reply: Fire"), "its subject says 'Automatic reply: Fire'"),
        (Evidence(subject="Re: Out of Office"), "its subject says 'Re: Out of Office'"),
        (Evidence(subject="Bob is out of the office"), "its subject says 'Bob is out of the office'"),
        (Evidence(subject="Abwesenheitsnotiz"), "its subject says 'Abwesenheitsnotiz'"),
        (Evidence(subject="自動返信: x"), "its subject says '自動返信: x'"),
        (Evidence(subject="【自動返信】 x"), "its subject says '【自動返信】 x'"),
        (Evidence(subject=" is out of the office."), "its subject says ' is out of the office.'"),
        (Evidence(subject="Away until Monday"), "its subject says 'Away until Monday'"),
        (Evidence(subject="I\u2019m out of the office"), "its subject says 'I\u2019m out of the office'"),
        (Evidence(subject="Réponse automatique : x"), "its subject says 'Réponse automatique : x'"),
        (Evidence(subject="Nicht im Büro bis 5.12."), "its subject says 'Nicht im Büro bis 5.12.'"),
        (Evidence(subject="Please confirm your message"), "it asks who it writes to for a proof"),
        (field("x-cron-env", "<HOME=/root>"), "X-Cron-Env"),
        (field("x-mailer", "vacation 1.2.7"), "X-Mailer"),
        (field("delivered-to", "Autoresponder"), "Delivered-To"),
        (field("x-amazon-mail-relay-type", "notification"), "X-Amazon-Mail-Relay-Type"),
        (field("return-path", "<MAILER-DAEMON@mx.example>"), "null reverse-path"),
    ],
)
def test_a_machine_shows_itself(evidence: Evidence, why: str) -> None:
    """behaviour.md 2.4"""
    assert verdict(evidence) == Verdict(Origin.MACHINE, why)


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (
            Evidence(report=DeliveryReport(("bob@acme.example",), "failed", "5.1.1")),
            "delivery report: failed 5.1.1 for bob@acme.example",
        ),
        (
            Evidence(content_type="multipart/report", report_type="delivery-status"),
            "a multipart/report of a delivery status",
        ),
        (field("x-failed-recipients", "bob@acme.example"), "X-Failed-Recipients"),
        (Evidence(sender="mailer-daemon@acme.example"), "it comes from a mail system itself"),
        (Evidence(sender="mail delivery subsystem <x@acme.example>"), "it comes from a mail system itself"),
    ],
)
def test_a_delivery_report_shows_itself(evidence: Evidence, why: str) -> None:
    """behaviour.md 2.3"""
    assert verdict(evidence) == Verdict(Origin.DELIVERY_REPORT, why)


@pytest.mark.parametrize(
    "subject",
    [
        "Fire",
        "Our out of office page is broken",
        "On holiday the API returns 500",
        "Undelivered goods",
        "[P1] Auto parts",
        "Autopilot fails",
        "Fraværsregistrering virker ikke",
        "How do I write an automatic reply?",
        "I'm out of options, production is down",
        "Out of office hours support?",
        "Automatic reply is broken since Monday",
        "Auto-reply not sent",
        "Our DBA is on vacation, who can help?",
        "Away from my desk the VPN fails",
        "Absence of logs",
        "Urlaubsantrag geht nicht",
        "Abwesenheitsverwaltung funktioniert nicht",
        "Réponse automatique ne part plus",
        "自動返信が届かない",
        "自动回复功能坏了",
    ],
)
def test_a_person_who_speaks_of_machines_is_a_person(subject: str) -> None:
    """behaviour.md 2.4"""
    assert verdict(Evidence(subject=subject, sender="bob <bob@acme.example>")) == PERSON


def test_the_null_reverse_path_is_no_persons() -> None:
    """behaviour.md 2.4"""
    message = Message("x", (Mailbox("bob@acme.example"),), "0")
    assert with_envelope(message, "bob@acme.example") == message
    assert with_envelope(message, "") == replace(
        message, verdict=Verdict(Origin.MACHINE, "null reverse-path")
    )
    report = replace(message, verdict=Verdict(Origin.DELIVERY_REPORT, "x"))
    assert with_envelope(report, "") == report


def test_a_reverse_path_of_ours_is_known_to_machines_alone() -> None:
    """behaviour.md 2.4, RFC 3834 section 4"""
    message = Message("Re: Fire", (Mailbox("bob@acme.example"),), "0")
    assert with_envelope(message, "bob@acme.example", returned=True) == replace(
        message, verdict=Verdict(Origin.MACHINE, "it was sent to our reverse-path")
    )
