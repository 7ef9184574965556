"""What programs of every language write around a person's words: the literals stand in tongues/."""

import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest

from mailgate.mail.line import lines_of
from mailgate.mail.quotation import own_words

TONGUES: dict[str, dict[str, Any]] = {
    file.stem: tomllib.loads(file.read_text("utf-8"))
    for file in sorted((Path(__file__).parent / "tongues").glob("*.toml"))
}
QUESTION = "What burns?\n\nWhere is it?\nSam"
QUOTED = textwrap.indent(QUESTION, "> ", lambda _: True).replace("> \n", ">\n")


def own(text: str) -> str:
    return own_words(lines_of(text), forwards=False)


def literals(*tables: str) -> list[Any]:
    """Each literal of the tables, with the answer that is written in its language."""
    return [
        pytest.param(table["answer"], literal.strip("\n"), id=f"{tongue}: {program}")
        for tongue, table in TONGUES.items()
        for name in tables
        for program, literal in _named(table.get(name, {}))
    ]


def _named(table: dict[str, str] | list[str]) -> list[tuple[str, str]]:
    return list(table.items()) if isinstance(table, dict) else [(one[:24], one) for one in table]


def wrapped(line: str, width: int) -> str:
    """As a program breaks a long line: where there are blanks."""
    return "\n".join(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False))


@pytest.mark.parametrize(("answer", "introduction"), literals("attributions", "quoting"))
def test_what_is_quoted_under_its_introduction_is_cut(answer: str, introduction: str) -> None:
    """behaviour.md 4.6"""
    for below in (f"\n{QUOTED}\n", f"\n\n{QUOTED}\n\n\n"):
        assert own(f"{answer}\n\n{introduction}{below}") == answer


@pytest.mark.parametrize(("answer", "introduction"), literals("attributions"))
@pytest.mark.parametrize("width", [76, 60, 48])
def test_an_introduction_may_be_broken_into_lines(answer: str, introduction: str, width: int) -> None:
    """behaviour.md 4.6"""
    broken = wrapped(introduction, width)
    assert own(f"{answer}\n\n{broken}\n\n{QUOTED}\n") == answer
    if broken.count("\n") < 3:
        assert own(f"{answer}\n\n{broken}\n\n{QUESTION}\n") == answer


@pytest.mark.parametrize(("answer", "introduction"), literals("attributions"))
def test_a_mail_without_marks_under_its_introduction_is_cut(answer: str, introduction: str) -> None:
    """behaviour.md 4.6"""
    assert own(f"{answer}\n\n{introduction}\n\n{QUESTION}\n") == answer
    assert own(f"{answer}\n\n{introduction}\n{QUESTION}\n") == answer


@pytest.mark.parametrize(("answer", "introduction"), literals("attributions"))
def test_answers_between_what_is_quoted_are_kept_with_it(answer: str, introduction: str) -> None:
    """behaviour.md 4.6"""
    mail = f"{introduction}\n\n> What burns?\n\n{answer}\n\n> Where is it?\n\nHere.\n\n> Sam\n> Rivera\n"
    assert own(mail) == f"> What burns?\n\n{answer}\n\n> Where is it?\n\nHere."


@pytest.mark.parametrize(("answer", "introduction"), literals("attributions", "quoting"))
def test_an_answer_below_what_is_quoted_stands_alone(answer: str, introduction: str) -> None:
    """behaviour.md 4.6"""
    assert own(f"{introduction}\n{QUOTED}\n\n{answer}\n") == answer


@pytest.mark.parametrize(("answer", "header"), literals("headers"))
def test_what_follows_the_header_lines_of_a_mail_is_cut(answer: str, header: str) -> None:
    """behaviour.md 4.6"""
    bold = re.sub(r"(?m)^([^\d\W][^\d:]{0,20}:)", r"*\1*", header)
    for lines in (header, bold, f"{'_' * 32}\n{header}", f"{'-' * 40}\n\n{header}"):
        assert own(f"{answer}\n\n{lines}\n\n{QUESTION}\n") == answer
    assert own(f"{answer}\n\n{header}\n{QUESTION}\n") == answer


@pytest.mark.parametrize(("answer", "rule"), literals("rules"))
def test_what_follows_a_rule_that_names_it_is_cut(answer: str, rule: str) -> None:
    """behaviour.md 4.6"""
    assert own(f"{answer}\n\n{rule}\n{QUESTION}\n") == answer
    assert own(f"{answer}\n\n> {rule}\n{QUOTED}\n") == answer


@pytest.mark.parametrize(("answer", "marker"), literals("forwarded"))
def test_a_mail_that_is_passed_on_is_kept_whole(answer: str, marker: str) -> None:
    """behaviour.md 4.6"""
    mail = (
        f"{answer}\n\n{marker}\nFrom: Bob <bob@acme.example>\nDate: 20 Nov 2026\nSubject: Fire\n\nIt burns."
    )
    assert own(mail) == mail


@pytest.mark.parametrize(("answer", "line"), literals("signatures"))
def test_what_a_program_writes_under_every_mail_is_cut(answer: str, line: str) -> None:
    """behaviour.md 4.6"""
    assert own(f"{answer}\n\n{line}\n") == answer
    assert own(f"{answer}\n\n{line}\n\nOn 20 Nov 2026, Sam <sam@example.com> wrote:\n{QUOTED}") == answer
    assert own(line) == ""


@pytest.mark.parametrize(("answer", "text"), literals("kept"))
def test_what_only_looks_like_it_is_kept(answer: str, text: str) -> None:
    """behaviour.md 4.6: in doubt nothing is cut."""
    assert own(text) == text
    assert own(f"{answer}\n\n{text}\n\n{answer}") == f"{answer}\n\n{text}\n\n{answer}"
