"""A mail in the language of its reader: whose words it is made of, how times and amounts are told in it."""

# ruff: noqa: RUF001 - French and German as they are written

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mailgate.config import load
from mailgate.core.clock import TargetKind
from mailgate.core.notice import Acknowledgement, Link
from mailgate.core.outgoing import TO_CUSTOMERS, MailKind
from mailgate.core.promise import Promised
from mailgate.core.sentences import sentences
from mailgate.core.telling import in_words
from mailgate.mail.phrasebook import Phrasebook, PhrasebookError, mistakes, read
from mailgate.mail.render import Look, Words
from mailgate.mail.samples import SAMPLES
from mailgate.mail.shelf import Reader
from mailgate.mail.tongue import Translated, known_tag

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
LOOK = Look("Example Support", "support.example.com", TEMPLATES)
GERMAN = LOOK.shelf.tongue("de")
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 19, 30, tzinfo=UTC)
BERLIN = "Europe/Berlin"
TARGET = Promised(TargetKind.RESPONSE, "4 business hours", DUE, zone=BERLIN, calendar="office")
MAIL = Acknowledgement("ACME-42", "", NOW, "P2", zone=BERLIN)


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def told(folder: Path, reader: Reader, context: Acknowledgement = MAIL) -> Words:
    return Look("Example Support", "support.example.com", TEMPLATES, folder).words(context, NOW, reader)


def test_a_mail_to_a_german_account_is_german_to_its_last_word() -> None:
    """behaviour.md 5.1"""
    mail = replace(
        MAIL,
        title="Gateway offline",
        priority_name="High",
        asked="P1",
        because="no priority was named, so it is P2",
        targets=(TARGET, Promised(TargetKind.RESOLUTION, "best effort", None)),
        notes=('Please reply with one more line: "Phone: ..."',),
        links=(Link("Knowledge base", "https://support.example.com/"),),
    )

    words = LOOK.words(mail, NOW, Reader(language="de"))

    assert words.subject == "Re: [ACME-42] Gateway offline"
    assert words.text == (
        "Guten Tag,\n"
        "\n"
        "Ihre Anfrage ist bei uns eingegangen. Sie hat die Nummer ACME-42.\n"
        "\n"
        "    Gateway offline\n"
        "\n"
        "Eingegangen: Montag, 23. November 2026, 19:00 Uhr (Mitteleuropäische Zeit)\n"
        "Priorität: P2 (hoch)\n"
        "Sie hatten P1 angegeben. Es wurde keine Priorität genannt, daher gilt P2.\n"
        "\n"
        "WAS WIR IHNEN ZUSAGEN\n"
        "\n"
        "  Erste Antwort\n"
        "    bis Montag, 23. November 2026, 20:30 Uhr (Mitteleuropäische Zeit)\n"
        "    4 Geschäftsstunden\n"
        "  Lösung\n"
        "    so bald wie möglich\n"
        "    nach besten Kräften, ohne feste Frist\n"
        "\n"
        'Bitte antworten Sie mit einer weiteren Zeile: "Phone: ...".\n'
        "\n"
        "WIE ES WEITERGEHT\n"
        "\n"
        "Wir lesen Ihre Anfrage und antworten Ihnen per E-Mail.\n"
        "\n"
        "Wenn Sie etwas ergänzen möchten, antworten Sie einfach auf diese Nachricht;\n"
        "Ihre Antwort wird ACME-42 zugeordnet. Falls Sie stattdessen eine neue\n"
        "Nachricht beginnen, schreiben Sie bitte [ACME-42] in den Betreff.\n"
        "\n"
        "LINKS\n"
        "\n"
        "  Wissensdatenbank: https://support.example.com/\n"
        "\n"
        "-- \n"
        "Example Support\n"
        "Diese Bestätigung wurde automatisch versandt."
    )
    assert '<html lang="de" dir="ltr">' in words.html


@pytest.mark.parametrize("tag", sorted(LOOK.shelf.languages()))
def test_every_shipped_language_has_every_mail_to_customers_and_all_that_the_policies_say(tag: str) -> None:
    reader, tongue = Reader(language=tag), LOOK.shelf.tongue(tag)
    desk = load(ROOT / "config" / "mailgate.toml").desk

    assert {kind for kind in MailKind if f'lang="{tag}"' in _html(kind, reader)} == TO_CUSTOMERS
    said = {one for policy in desk.policies.values() for one in sentences(policy)}
    assert [one for one in said if not tongue.knows(one)] == []


def _html(kind: MailKind, reader: Reader) -> str:
    return LOOK.words(SAMPLES[kind][0], NOW, reader).html


def test_the_first_of_account_policy_language_everybody_and_shipped_wins(tmp_path: Path) -> None:
    """behaviour.md 5.1"""
    reader, found = Reader("acme", "particle", "de"), []
    owners = ("accounts/acme", "policies/particle", "languages/de", ".")
    for owner in owners:
        write(tmp_path, f"{owner}/acknowledgement/subject.txt", owner)
    for owner in owners:
        found.append(told(tmp_path, reader).subject)
        (tmp_path / owner / "acknowledgement" / "subject.txt").unlink()
        if owner == "languages/de":  # the shipped one of the language comes before what everybody gets
            found.append(told(tmp_path, reader).subject)
            assert told(tmp_path, Reader("acme", "particle")).subject == "."

    shipped = "[ACME-42] Ihre Anfrage ist eingegangen"
    assert found == ["accounts/acme", "policies/particle", "languages/de", shipped, shipped]


def test_a_regional_language_falls_back_to_the_language_and_that_to_english(tmp_path: Path) -> None:
    for tag, subject in (("pt", "pt {{ received | told_day }}"), ("pt-BR", "pt-BR")):
        write(tmp_path, f"languages/{tag}/acknowledgement/subject.txt", subject)

    tags = ("pt-BR", "pt-PT", "pt", "fr", "")

    assert [told(tmp_path, Reader(language=tag)).subject for tag in tags] == [
        "pt-BR",
        "pt segunda-feira, 23 de novembro de 2026",
        "pt segunda-feira, 23 de novembro de 2026",
        "[ACME-42] We have received your request",
        "[ACME-42] We have received your request",
    ]


def test_what_is_in_english_tells_english_times_whoever_reads_it() -> None:
    html = LOOK.words(SAMPLES[MailKind.WARNING][0], NOW, Reader(language="de")).html
    assert '<html lang="en" dir="ltr">' in html
    assert "Monday 23 November, 13:00 Pacific" in html


def test_an_accounts_own_template_tells_times_in_its_language(tmp_path: Path) -> None:
    write(tmp_path, "accounts/acme/acknowledgement/subject.txt", "{{ received | told(zone, now) }}")
    assert told(tmp_path, Reader("acme", language="fr")).subject == (
        "lundi 23 novembre 2026, 19:00 heure d’Europe centrale"
    )


def test_a_template_that_names_its_own_name_means_the_one_below(tmp_path: Path) -> None:
    block = '{% extends "acknowledgement/body.html" %}{% block foot %}FOOT {{ super() }}{% endblock %}'
    for owner in ("accounts/acme", "policies/particle", "."):
        name = owner.rpartition("/")[2]
        write(tmp_path, f"{owner}/acknowledgement/body.html", block.replace("FOOT", f"<i>{name}</i>"))
        write(tmp_path, f"{owner}/acknowledgement/body.txt", "words")

    html = told(tmp_path, Reader("acme", "particle", "de")).html

    foot = "<i>acme</i> <i>particle</i> Example Support<br>Diese Bestätigung wurde automatisch versandt."
    assert foot in html


def test_a_language_that_is_read_from_right_to_left_says_so(tmp_path: Path) -> None:
    write(tmp_path, "languages/he/acknowledgement/body.html", '{% extends "acknowledgement/body.html" %}')
    assert '<html lang="he" dir="rtl">' in told(tmp_path, Reader(language="he")).html


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (BERLIN, "Montag, 23. November 2026, 20:30 Uhr (Mitteleuropäische Zeit)"),
        ("America/Los_Angeles", "Montag, 23. November 2026, 11:30 Uhr (Nordamerikanische Westküstenzeit)"),
        ("Europe/London", "Montag, 23. November 2026, 19:30 Uhr (Ortszeit London)"),
        ("Asia/Kathmandu", "Dienstag, 24. November 2026, 01:15 Uhr (Ortszeit Kathmandu)"),
        ("UTC", "Montag, 23. November 2026, 19:30 Uhr (UTC)"),
        ("UTC-08:00", "Montag, 23. November 2026, 11:30 Uhr (UTC-8)"),
    ],
)
def test_an_instant_is_told_with_what_germans_call_the_time_there(zone: str, words: str) -> None:
    assert GERMAN.told(DUE, zone) == words


def test_a_time_of_day_that_comes_twice_is_told_with_its_offset_in_german_too() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert [GERMAN.told(one, BERLIN) for one in (first, second)] == [
        "Sonntag, 25. Oktober 2026, 02:30 Uhr (Mitteleuropäische Zeit (UTC+2))",
        "Sonntag, 25. Oktober 2026, 02:30 Uhr (Mitteleuropäische Zeit (UTC+1))",
    ]


@pytest.mark.parametrize(
    ("words", "german"),
    [
        ("1 hour", "1 Stunde"),
        ("60 minutes", "60 Minuten"),
        ("1 business day", "1 Geschäftstag"),
        ("1-2 business days", "1–2 Geschäftstage"),
        ("4 business hours", "4 Geschäftsstunden"),
    ],
)
def test_an_amount_has_the_plural_of_its_number(words: str, german: str) -> None:
    assert GERMAN.amount(words) == german


def test_a_promise_is_told_in_german() -> None:
    ranged = replace(TARGET, words="2 days", calendar="", met_by="de-escalation to P2", expected_from=NOW)
    later = Promised(TargetKind.NEXT_RESPONSE, "8 business hours", None, calendar="office")
    assert [in_words(one, NOW, GERMAN) for one in (TARGET, ranged, later)] == [
        "bis Montag, 23. November 2026, 20:30 Uhr (Mitteleuropäische Zeit) (4 Geschäftsstunden)",
        (
            "voraussichtlich ab Montag, 23. November 2026, 19:00 Uhr, bis Montag, 23. November 2026,"
            " 20:30 Uhr (Mitteleuropäische Zeit)"
            " (2 Tage, rund um die Uhr gezählt, eingehalten durch Herabstufung auf P2)"
        ),
        "Frist jeweils 8 Geschäftsstunden",
    ]


def test_lengths_and_sizes_are_told_as_germans_write_them_and_cut() -> None:
    lengths = (timedelta(seconds=59), timedelta(hours=3, minutes=20), timedelta(days=2, hours=4, minutes=59))
    assert [GERMAN.stretch(one) for one in lengths] == [
        "weniger als eine Minute",
        "3 Std. 20 Min.",
        "2 Tage 4 Std.",
    ]
    ahead = (timedelta(minutes=90), timedelta(hours=47), -timedelta(days=2, hours=23), timedelta(0))
    assert [GERMAN.until(NOW + one, NOW) for one in ahead] == [
        "in 90 Minuten",
        "in 47 Stunden",
        "vor 2 Tagen",
        "in 0 Minuten",
    ]
    assert [GERMAN.size(octets) for octets in (12, 12_345, 2_500_000)] == ["12 B", "12,3 kB", "2,5 MB"]
    assert GERMAN.told_brief(DUE, BERLIN) == "23.11.26, 20:30 CET"
    assert GERMAN.told_day(date(2026, 3, 1)) == "Sonntag, 1. März 2026"


def test_a_sentence_is_known_by_its_shape_and_words_of_others_stay_as_they_are() -> None:
    assert (
        GERMAN.said("[P9] is no priority here, so it is P3") == "[P9] ist hier keine Priorität, daher gilt P3"
    )
    assert GERMAN.said("We answer in no time") == "We answer in no time"
    assert GERMAN.said("by tomorrow") == "by tomorrow"
    assert LOOK.words(replace(MAIL, title="High"), NOW, Reader(language="de")).subject == "Re: [ACME-42] High"


def test_a_phrase_that_a_language_lacks_is_said_in_english() -> None:
    french = Translated("fr", Phrasebook({"around the clock": "24 h sur 24"}))
    assert in_words(replace(TARGET, words="1 hour", calendar=""), NOW, french) == (
        "by lundi 23 novembre 2026, 20:30 heure d’Europe centrale (1 hour, 24 h sur 24)"
    )


@pytest.mark.parametrize(
    ("book", "told"),
    [
        ('"by {when}" = 3', [("by {when}", "is no text")]),
        ('"by {when}" = {}', [("by {when}", "is no text")]),
        ('"by {when}" = "bis {wann}"', [("by {when}", "fills in {wann}")]),
        (
            '"by {when}" = "bis {when.year}"',
            [("by {when}", "cannot be filled in: '{when.year}' is more than a name")],
        ),
        (
            '"by {when}" = "bis {when!r:>99}"',
            [("by {when}", "cannot be filled in: '{when}' is more than a name")],
        ),
        ('"{count} h" = { one = "{count} Std." }', [("{count} h", "has the forms one")]),
        (
            '"{count} h" = { one = "x", other = "y", eins = "z" }',
            [("{count} h", "has the forms one, other, eins")],
        ),
        ('"yes" = "ja"', []),
    ],
)
def test_a_mistake_in_a_phrase_book_is_told(book: str, told: list[tuple[str, str]]) -> None:
    assert [(phrase, wrong) for phrase, wrong, _ in mistakes(read(book))] == told


def test_a_book_that_is_no_toml_is_told_by_its_line() -> None:
    with pytest.raises(PhrasebookError) as told:
        read('"a" = "b"\n"c" = d\n')
    assert told.value.line == 2


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("de", "de"),
        ("pt-br", "pt-BR"),
        ("DE", "de"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("xx", None),
        ("../de", None),
    ],
)
def test_a_tag_is_of_a_language_that_is_known(text: str, tag: str | None) -> None:
    assert known_tag(text) == tag
