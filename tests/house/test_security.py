"""SECURITY.md names a test for every attack, and each of them is there."""

import ast
import re

from tests.house.code import ROOT

ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| `(tests/[\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)


def rows() -> list[tuple[str, ...]]:
    """Attack, defence, file and test of each row."""
    return ROW.findall(_table())


def _table() -> str:
    return (ROOT / "SECURITY.md").read_text("utf-8").partition("## Attacks")[2]


def _tests(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_attack_has_a_test_that_exists() -> None:
    assert [
        f"{file}::{name}"
        for _, _, file, name in rows()
        if not (ROOT / file).exists() or name not in _tests(file)
    ] == []


def test_no_row_is_without_its_test() -> None:
    lines = [line for line in _table().splitlines() if line.startswith("|")][2:]
    assert len(rows()) == len(lines) > 40
