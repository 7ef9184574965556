import re

from tests.house.code import ROOT, place

ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.*?) \| (.*?) \|$", re.MULTILINE)
CITED = re.compile(r"[Ee]dge cases? (\d+(?:(?:, | and )\d+)*)")
PAGE = (ROOT / "docs" / "edge-cases.md").read_text("utf-8")


def rows() -> dict[int, bool]:
    """Each row of the page, and whether the rules decide it."""
    return {int(number): answer != "not decided" for number, _, answer, _ in ROW.findall(PAGE)}


def citations() -> dict[int, set[str]]:
    """Which tests cite a row."""
    found: dict[int, set[str]] = {}
    for file in sorted((ROOT / "tests").rglob("*.py")):
        for several in CITED.findall(file.read_text("utf-8")):
            for number in re.findall(r"\d+", several):
                found.setdefault(int(number), set()).add(place(file))
    return found


def test_the_page_has_forty_four_rows() -> None:
    assert list(rows()) == list(range(1, 45))


def test_every_edge_case_that_the_rules_decide_has_a_test_that_cites_it() -> None:
    assert sorted(citations()) == [number for number, is_decided in rows().items() if is_decided]


def test_what_the_rules_do_not_decide_is_named() -> None:
    below = PAGE.partition("## Not decided")[2]
    named = [int(number) for number in re.findall(r"^- (\d+): ", below, re.MULTILINE)]
    assert named == [number for number, is_decided in rows().items() if not is_decided]
