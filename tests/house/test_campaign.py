import re

from campaign.breakages import MUTATIONS
from mailgate.failpoint import Action, Failpoint
from tests.house.code import ROOT, modules

PAGE = (ROOT / "docs" / "campaign.md").read_text("utf-8")


def rows(heading: str) -> list[str]:
    """The first cells of the table with that heading."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def test_the_page_of_the_campaign_names_every_failpoint_and_action() -> None:
    assert rows("failpoint") == list(Failpoint)
    assert rows("action") == list(Action)


def test_every_failpoint_is_somewhere_in_the_program() -> None:
    reached = {
        name
        for file in modules()
        for name in re.findall(r"\breach\(Failpoint\.(\w+)\)", file.read_text("utf-8"))
    }
    assert reached == {point.name for point in Failpoint}


def test_every_mutation_finds_the_lines_that_it_replaces() -> None:
    gone = [
        f"{mutation.name}: {edit.file}"
        for mutation in MUTATIONS
        for edit in mutation.edits
        if (ROOT / edit.file).read_text("utf-8").count(edit.old) != 1
    ]
    assert gone == []
