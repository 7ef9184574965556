"""How programs mark up a reply: the literals stand in marks.toml, the words in them in tongues/."""

import html as entities
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from mailgate.mail import html
from mailgate.mail.quotation import own_words
from tests.mail.test_tongues import TONGUES

MARKUP: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "marks.toml").read_text("utf-8"))
QUESTION = "<p>What burns?</p><p>Where is it?</p><div>Ruth</div>"


def words(markup: str) -> str:
    return own_words(html.lines(markup), forwards=False)


def shown(text: str) -> str:
    return entities.escape(text, quote=False).replace("\n", "<br>\n")


def filled(markup: str, answer: str, question: str = QUESTION, **named: str) -> str:
    for name, value in named.items():
        markup = markup.replace(name, value)
    return markup.replace("ANSWER", shown(answer)).replace("QUESTION", question)


def bold(header: str) -> str:
    """The header lines as Outlook shows them: labels in bold, a break after each line."""
    lines = shown(header).replace("<br>\n", "\n").split("\n")
    return "<br>\n".join(re.sub(r"^(.{1,20}?\s?[:\uff1a])", r"<b>\1</b>", line) for line in lines)


def cases(kind: str) -> list[Any]:
    """Each program in each language."""
    return [
        pytest.param(markup, tongue, id=f"{program}, {name}")
        for program, markup in MARKUP[kind].items()
        for name, tongue in TONGUES.items()
    ]


@pytest.mark.parametrize(("markup", "tongue"), cases("introduced"))
def test_what_is_quoted_under_its_introduction_is_cut(markup: str, tongue: dict[str, Any]) -> None:
    """behaviour.md 4.6"""
    for introduction in tongue["attributions"].values():
        assert words(filled(markup, tongue["answer"], INTRODUCTION=shown(introduction))) == tongue["answer"]


@pytest.mark.parametrize(("markup", "tongue"), cases("headed"))
def test_what_follows_header_lines_is_cut(markup: str, tongue: dict[str, Any]) -> None:
    """behaviour.md 4.6"""
    for header in tongue["headers"].values():
        if not header.lstrip().startswith("-"):  # a rule with words stands in programs of its own
            cut = words(filled(markup, tongue["answer"], HEADLINES=bold(header.strip("\n"))))
            assert cut == tongue["answer"]


QUOTING = [case for case in cases("introduced") if "<blockquote" in case.values[0]]
WITHOUT_MARKS = "<blockquote>INTRODUCTION"  # nothing tells this one from a paragraph that is set in


@pytest.mark.parametrize(("markup", "tongue"), [one for one in QUOTING if WITHOUT_MARKS not in one.values[0]])
def test_answers_between_what_is_quoted_are_kept_with_it(markup: str, tongue: dict[str, Any]) -> None:
    """behaviour.md 4.6"""
    quotation = re.findall(r"<blockquote[^<>]*>", markup)[-1]
    question = f"What burns?</blockquote><div>This.</div>{quotation}Where is it?<br>Ruth"
    for introduction in tongue["attributions"].values():
        cut = words(filled(markup, tongue["answer"], question, INTRODUCTION=shown(introduction)))
        assert [line.strip("> ") for line in cut.splitlines() if line.strip("> ")] == [
            *tongue["answer"].splitlines(),
            "What burns?",
            "This.",
        ]
