import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate import shipped
from mailgate.cli import COMMANDS
from mailgate.config.accounts import AccountTable
from mailgate.config.dkim import DkimTable
from mailgate.config.notifiers import NotifyTable
from mailgate.config.rotas import ExceptionTable, RotaTable
from mailgate.config.settings import Settings, StaffTable
from mailgate.config.toml import Section
from mailgate.core.command import Verb
from tests.house.code import ROOT, modules, place

CITED = re.compile(
    r"RFC\s+(\d+)((?:,?\s+(?:and\s+|#\s+)?sections?\s+\d+(?:\.\d+)*(?:\s+and\s+\d+(?:\.\d+)*)*)?)"
)
ROW = re.compile(r"^\| (\d+) \| ([\d.]*) \| (yes|partly|no) \| (.*?) \| (.*?) \|$", re.MULTILINE)
HEADINGS = ["## Status", "## Context", "## Decision", "## Consequences"]

Clause = tuple[str, str]


def clauses(file: Path) -> set[Clause]:
    """What a file cites: number and section of each RFC; an empty section for the whole."""
    found = set()
    for number, sections in CITED.findall(file.read_text("utf-8")):
        named = re.findall(r"\d+(?:\.\d+)*", sections)
        found |= {(number, section) for section in named or [""]}
    return found


def rows() -> list[tuple[str, str, str, str, list[str]]]:
    """The table of docs/rfc.md: number, section, held, what, modules."""
    return [
        (number, section, held, what, re.findall(r"`([^`]+)`", where))
        for number, section, held, what, where in ROW.findall((ROOT / "docs" / "rfc.md").read_text("utf-8"))
    ]


def cited() -> dict[Clause, set[str]]:
    """Every clause that the code cites, with the modules that do."""
    found: dict[Clause, set[str]] = {}
    for file in modules():
        for clause in clauses(file):
            found.setdefault(clause, set()).add(place(file).removeprefix("mailgate/"))
    return found


def test_every_clause_that_the_code_cites_stands_in_the_table() -> None:
    listed = {(number, section) for number, section, *_ in rows()}
    assert sorted(set(cited()) - listed) == []


def test_every_module_that_cites_a_clause_is_named_with_it() -> None:
    listed: dict[Clause, set[str]] = {}
    for number, section, _, _, where in rows():
        listed.setdefault((number, section), set()).update(where)
    assert {clause: where for clause, where in listed.items() if where} == cited()


def test_a_clause_that_is_held_names_its_modules_and_one_that_is_not_says_why() -> None:
    wrong = [row for row in rows() if (row[2] == "no") is bool(row[4]) or not row[3]]
    assert wrong == []


def test_every_command_is_documented() -> None:
    text = "".join((ROOT / name).read_text("utf-8") for name in ("README.md", "docs/operations.md"))
    assert [name for name in COMMANDS if f"mailgate {name}" not in text] == []


def test_every_command_of_staff_is_documented() -> None:
    page = (ROOT / "docs" / "staff.md").read_text("utf-8")
    told = re.findall(r"^\| `(/\w+)", page, re.MULTILINE)
    assert told == [f"/{verb}" for verb in Verb]


def starter_keys(file: str) -> set[str]:
    """The keys that a starter file shows, commented out or not."""
    text = (shipped.folder("config") / file).read_text("utf-8")
    return set(re.findall(r"^(?:# +)?(\w+) = ", text, re.MULTILINE))


def test_the_starter_configuration_shows_every_key_and_no_other() -> None:
    sections = [one.annotation for one in Settings.model_fields.values()]
    tables = (*sections, StaffTable, RotaTable, ExceptionTable, NotifyTable, DkimTable)
    models = [one for one in tables if isinstance(one, type) and issubclass(one, Section)]
    keys = {name for model in models for name in model.model_fields} - {
        "links",
        "exceptions",
    }  # tables of their own

    assert starter_keys("mailgate.toml") == keys
    assert "[service.links]" in (shipped.folder("config") / "mailgate.toml").read_text("utf-8")


def test_the_starter_account_shows_every_key_and_no_other() -> None:
    assert starter_keys("accounts/acme.toml") == set(AccountTable.model_fields)


def citations() -> Iterator[tuple[str, int, int]]:
    for file in [*modules(), *sorted((ROOT / "tests").rglob("*.py"))]:
        for several in re.findall(r"behaviour\.md`? ((?:\d+\.\d+(?:, | and )?)+)", file.read_text("utf-8")):
            for chapter, rule in re.findall(r"(\d+)\.(\d+)", several):
                yield place(file), int(chapter), int(rule)


def test_rules_are_cited_by_numbers_that_exist() -> None:
    rules = re.findall(
        r"^\| (\d+)\.(\d+) \|", (ROOT / "docs" / "behaviour.md").read_text("utf-8"), re.MULTILINE
    )
    numbers = {(int(chapter), int(rule)) for chapter, rule in rules}
    assert [
        (where, chapter, rule) for where, chapter, rule in citations() if (chapter, rule) not in numbers
    ] == []


def test_every_rule_has_a_test_that_cites_it() -> None:
    rules = re.findall(
        r"^\| (\d+)\.(\d+) \|", (ROOT / "docs" / "behaviour.md").read_text("utf-8"), re.MULTILINE
    )
    tested = {(chapter, rule) for where, chapter, rule in citations() if where.startswith("tests/")}
    assert {(int(chapter), int(rule)) for chapter, rule in rules} - tested == set()


@pytest.mark.parametrize("name", ["docs/tour.md", "docs/glossary.md", "README.md", "CONTRIBUTING.md"])
def test_every_path_that_a_page_names_exists(name: str) -> None:
    file = ROOT / name
    text = file.read_text("utf-8")
    links = {target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target}
    paths = {
        one
        for one in re.findall(r"`([\w./-]+/[\w./-]*)`", text)
        if not one.startswith(("var/", "DIR/", "/", "."))
    }
    lost = [one for one in links if not (file.parent / one).exists()]
    lost += [one for one in paths if not ((ROOT / one).exists() or (ROOT / "mailgate" / one).exists())]

    assert lost == []


def test_the_tour_names_every_room() -> None:
    tour = (ROOT / "docs" / "tour.md").read_text("utf-8")
    rooms = {f"{one.name}/" if one.is_dir() else one.name for one in (ROOT / "mailgate").iterdir()}
    rooms -= {"__init__.py", "__main__.py", "__pycache__/", "_shipped/", "py.typed"}
    assert sorted(room for room in rooms if f"`{room}" not in tour) == []


def test_decision_records_have_four_headings_and_are_short() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [one.name[:4] for one in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    for record in records:
        lines = record.read_text("utf-8").splitlines()
        assert [line for line in lines if line.startswith("## ")] == HEADINGS, record.name
        assert len(lines) <= 60, record.name


def test_every_page_that_the_code_cites_exists() -> None:
    files = [*modules(), *sorted((ROOT / "tests").rglob("*.py"))]
    pages = {page for file in files for page in re.findall(r"\b([a-z-]+\.md)\b", file.read_text("utf-8"))}
    homes = [ROOT, ROOT / "docs"]
    assert [page for page in sorted(pages) if not any((home / page).exists() for home in homes)] == []
