import re

from tests.house.code import ROOT

ROW = re.compile(r"^\| (\d+) \| .+? \| .+? \| [\d., ]+ \|$", re.MULTILINE)
CITED = re.compile(r"Scenarios? (\d+(?:(?:, | and )\d+)*) of the classic peers")


def test_every_scenario_has_a_row_and_a_test_that_cites_it() -> None:
    rows = [int(number) for number in ROW.findall((ROOT / "docs" / "scenarios.md").read_text("utf-8"))]
    cited = {
        int(number)
        for file in (ROOT / "tests" / "acceptance").rglob("*.py")
        for several in CITED.findall(file.read_text("utf-8"))
        for number in re.findall(r"\d+", several)
    }
    assert rows == sorted(cited) == list(range(1, 26))
