"""docs/door.md: every condition and every hostile dialogue stands in it, with something that holds it."""

import re

from tests.dialogs.written import DIALOGS
from tests.house.code import ROOT

PAGE = (ROOT / "docs" / "door.md").read_text("utf-8")
ROW = re.compile(r"^\| (S?\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
DIALOGUES = {name.removesuffix(".txt") for name in DIALOGS}


def holders(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def test_every_condition_and_every_hostile_dialogue_has_a_row() -> None:
    numbers = [number for number, *_ in ROW.findall(PAGE)]
    assert numbers == [*map(str, range(1, 42)), *(f"S{number:02}" for number in range(1, 41))]


def test_every_row_names_a_reply_and_what_holds_it() -> None:
    held = {number: (reply, holders(by)) for number, _, reply, by in ROW.findall(PAGE)}
    assert [number for number, (reply, by) in held.items() if not reply.strip() or not by] == []
    missing = {
        name
        for _, by in held.values()
        for name in by
        if name not in DIALOGUES and not (name.startswith("tests/") and (ROOT / name).is_file())
    }
    assert missing == set()


def test_every_dialogue_stands_on_the_page() -> None:
    assert sorted(DIALOGUES - holders(PAGE)) == []


def test_what_the_page_names_after_the_tables_is_a_dialogue() -> None:
    named = holders(PAGE.partition("## LMTP")[2])
    known = DIALOGUES | {"421", "503 5.5.1", "proxy_from"}
    assert sorted(named - known) == []
