"""The templates, each tried with everything it may have to say."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mailgate.core.message import Mailbox
from mailgate.core.notice import StaffNotice
from mailgate.core.outgoing import MAIL_KIND, Context, Draft, MailKind
from mailgate.core.tongue import ENGLISH
from mailgate.mail.compose import compose
from mailgate.mail.filters import FILTERS, HTML_FILTERS, TEXT_FILTERS, spoken
from mailgate.mail.proof import faults
from mailgate.mail.render import TOLD, Look, Words
from mailgate.mail.samples import NOW, SAMPLES, hostile

TEMPLATES = Path(__file__).parents[2] / "templates"
LOOK = Look("Example Support", "support.example.com", TEMPLATES)
CONTEXTS = [
    pytest.param(context, id=f"{kind}-{number}")
    for kind, contexts in SAMPLES.items()
    for number, context in enumerate(contexts)
]
EMPTY_ELEMENTS = {"meta", "br"}


def words(context: Context) -> Words:
    return LOOK.words(context, NOW)


def test_the_shipped_templates_have_no_faults() -> None:
    assert faults(LOOK) == ()


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_mail_is_one_line_of_subject_a_text_and_html(context: Context) -> None:
    """behaviour.md 5.1"""
    made = words(context)
    assert made.subject == " ".join(made.subject.split()) != ""
    assert all(len(line) <= 78 for line in made.text.split("\n"))
    assert "\n\n\n" not in made.text
    assert made.text == made.text.strip()
    assert "<html" in made.html


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_html_is_whole_asks_for_nothing_from_outside_and_is_not_clipped(context: Context) -> None:
    html = words(context).html
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    assert not reader.fetched
    assert "url(" not in html
    assert "@import" not in html
    assert len(html) < 102_400


@pytest.mark.parametrize("context", CONTEXTS)
def test_hostile_words_stay_words(context: Context) -> None:
    made = words(hostile(context))
    assert "<script" not in made.html
    assert made.html.count("{{") == made.html.count("{{ 7 * 7 }}")
    assert "\u202e" not in made.subject
    assert not re.search(r"^Bcc:", made.subject, re.MULTILINE)
    mail = compose(_draft(hostile(context)), LOOK)
    assert b"\nBcc:" not in mail.content.partition(b"\r\n\r\n")[0]


def test_a_value_stands_on_one_line_unless_the_template_asks_for_its_lines() -> None:
    notice = SAMPLES[MailKind.STAFF_NOTICE][0]
    assert isinstance(notice, StaffNotice)
    text = words(replace(notice, flags=("one\n! two",), text="first\nsecond")).text
    assert "! One ! two.\n" in text
    assert "first\nsecond" in text


UNKNOWN = "there is no 'tikcet' in a mail of the kind acknowledgement"
NO_ATTRIBUTE = "TicketHead has no attribute 'nmae'"
WITHOUT_NAME = """{% macro for_staff() %}{{ caller() }}{% endmacro %}{% macro head(t, now) %}
{{ t.nmae }}{% endmacro %}"""


@pytest.mark.parametrize(
    ("name", "source", "fault"),
    [
        ("acknowledgement/subject.txt", "{{ ticket }}\n{{ tikcet }}", f"2: {UNKNOWN}"),
        ("acknowledgement/subject.txt", "{% if false %}{{ tikcet }}{% endif %}", f"1: {UNKNOWN}"),
        ("accounts/acme/acknowledgement/subject.txt", "{{ tikcet }}", f"1: {UNKNOWN}"),
        ("warning/subject.txt", "\n\n{{ ticket.nmae }}", f"3: {NO_ATTRIBUTE}"),
        ("_partials/words.txt", WITHOUT_NAME, f"2: {NO_ATTRIBUTE}"),
        ("digest/subject.txt", "{% if day %}", "1: Unexpected end of template"),
        ("page/subject.txt", "{{ reason | shout }}", "1: No filter named 'shout': "),
        ("page/subject.txt", "{{ reason / 2 }}", "1: unsupported operand"),
        ("page/subject.txt", "{{ reason.__class__.__mro__ }}", "1: access to attribute '__class__'"),
        ("page/subject.txt", b"caf\xe9", "1: this is not UTF-8"),
        (
            "page/subject.txt",
            "\n{% include '../../../etc/passwd' %}",
            "2: there is no template '../../../etc",
        ),
        ("page/subject.txt", "{% include '/etc/passwd' %}", "1: there is no template '/etc/passwd'"),
        (
            "page/subject.txt",
            "{% include 'page/subject.txt' %}{% include 'x' %}",
            "1: there is no template 'x'",
        ),
        (
            "page/subject.txt",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "1: this calls itself without",
        ),
        ("page/subject.txt", "{% if 1 %}" * 900 + "{% endif %}" * 900, "1: this is nested too deep"),
        ("page/subject.txt", "{% for a in 'a' %}" * 30 + "{% endfor %}" * 30, "1: this is nested too deep"),
        ("page/subject.txt", "x" * 300_000, "1: is larger than any template needs to be, 262144 octets"),
        (
            "page/subject.txt",
            "{% for a in range(999) %}\n{% for b in range(999) %}{% endfor %}\n{% endfor %}",
            "2: this takes more than 500000 steps; loop over less",
        ),
        ("page/subject.txt", "one\ntwo", "1: this makes no subject of one line: one line of words"),
        (
            "page/body.html",
            "\n<p>{{ reason | safe }}</p>",
            "2: lets words of others be HTML: the value without",
        ),
        (
            "languages/de/phrases.toml",
            '"by {when}" = "bis {wann}"',
            '1: "by {when}" fills in {wann}: {when}, as',
        ),
        ("languages/fr/phrases.toml", '"yes" = "oui"', '1: does not say "by {when}", "expected from'),
        ("languages/fr/phrases.toml", '"yes" = oui', "1: Invalid value: TOML, a phrase to a line"),
        ("policies/particle/page/body.txt", "Help", "1: body.html is missing beside it"),
        ("acknowlegement/subject.txt", "x", "1: no mail is made of this: there are acknowledgement,"),
    ],
)
def test_a_fault_is_told_by_file_and_line(tmp_path: Path, name: str, source: str | bytes, fault: str) -> None:
    """Issue 2: a template with an undefined name gives one clear line."""
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_bytes(source if isinstance(source, bytes) else source.encode())
    found = map(str, faults(Look("Example Support", "support.example.com", TEMPLATES, tmp_path)))
    told = [one for one in found if one.startswith(f"{file}:")]
    if "is missing beside it" not in fault:
        told = [one for one in told if "is missing beside it" not in one]
    assert [one[: len(f"{file}:{fault}")] for one in told] == [f"{file}:{fault}"]


def test_the_example_of_the_page_about_templates_holds_as_it_stands(tmp_path: Path) -> None:
    page = (TEMPLATES.parent / "docs" / "templates.md").read_text("utf-8")
    found = re.search(r"```html\n(.*?)```", page, re.DOTALL)
    assert found
    folder = tmp_path / "accounts" / "acme" / "acknowledgement"
    folder.mkdir(parents=True)
    (folder / "body.html").write_text(found[1])
    (folder / "body.txt").write_text('{% extends "acknowledgement/body.txt" %}')
    assert faults(Look("Example Support", "support.example.com", TEMPLATES, tmp_path)) == ()


@pytest.mark.parametrize(
    "source",
    [
        "{% import '_partials/words.txt' as words %}{{ words.writer_of(ticket.requester) }}",
        "{% macro twice() %}{{ caller() }}{{ caller() }}{% endmacro %}{% call twice() %}a{% endcall %}",
        "{% block a %}a{% endblock %}{{ self.a() }}",
    ],
)
def test_what_jinja_itself_names_is_no_fault(tmp_path: Path, source: str) -> None:
    (tmp_path / "staff_notice").mkdir()
    (tmp_path / "staff_notice" / "subject.txt").write_text(source)
    assert faults(Look("Example Support", "support.example.com", TEMPLATES, tmp_path)) == ()


def test_an_installation_without_a_template_is_told() -> None:
    look = Look("Example Support", "support.example.com", TEMPLATES / "page")
    assert any(
        str(one).startswith(f"{TEMPLATES / 'page'}:1: digest/body.html is missing") for one in faults(look)
    )


def test_the_page_about_templates_tells_every_name_and_every_filter() -> None:
    page = (TEMPLATES.parent / "docs" / "templates.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (`.*) \|$", page, re.MULTILINE))
    told = {kind: [name.strip("`") for name in rows[kind].split(", ")] for kind in SAMPLES}
    assert told == {kind: list(TOLD[context]) for context, kind in MAIL_KIND.items()}
    filters = {
        name
        for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
        for name in re.findall(r"`(\w+)", row)
    }
    assert {*FILTERS, *TEXT_FILTERS, *HTML_FILTERS, *spoken(ENGLISH)} <= filters


class Reader(HTMLParser):
    """Which elements are open, and what would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY_ELEMENTS:
            self.open.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in {"src", "background", "srcset"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _draft(context: Context) -> Draft:
    return Draft(
        cause="c",
        sender=Mailbox("acme@support.example.com", "Example Support"),
        to=(Mailbox("bob@acme.example"),),
        message_id="1@support.example.com",
        date=NOW,
        context=context,
    )
