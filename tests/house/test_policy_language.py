"""The language of policies is documented key by key, as the tables that read it say."""

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from mailgate.config.calendars import CalendarTable, DateTable
from mailgate.config.holidaysets import HolidaySet
from mailgate.config.policytable import (
    CapTable,
    ConditionTable,
    LadderTable,
    LintTable,
    PagingTable,
    PlanTable,
    PolicyTable,
    PriorityTable,
    ProjectTable,
    RegionTable,
    RequirementTable,
    RoleTable,
    StepTable,
    TargetsTable,
    TargetTable,
)
from tests.house.code import ROOT

SECTIONS: dict[str, type[BaseModel]] = {
    "The file": PolicyTable,
    "`[calendars.NAME]`": CalendarTable,
    "`dates` of a calendar": DateTable,
    "`holidays` of a calendar": HolidaySet,
    "`[regions.NAME]`": RegionTable,
    "`[[priorities]]`": PriorityTable,
    "`[roles.support]`, `[roles.on-call]`": RoleTable,
    "`[plans.NAME]`": PlanTable,
    "`[plans.NAME.targets.ROLE]`, a row for each priority": TargetsTable,
    "A target": TargetTable,
    "`[[caps]]`": CapTable,
    "`when` and `unless` of a cap": ConditionTable,
    "`[project]`": ProjectTable,
    "`[[fields]]`": RequirementTable,
    "`[ladders.NAME]`": LadderTable,
    "`steps` of a ladder": StepTable,
    "`[paging]`": PagingTable,
    "`[lint]`": LintTable,
}


def page() -> str:
    """The part of the page that says what each key means."""
    parts = []
    for title, model in SECTIONS.items():
        rows = [row(name, field) for name, field in model.model_fields.items()]
        head = "| key | what it says | without it |\n| --- | --- | --- |\n"
        parts.append(f"### {title}\n\n{head}{''.join(rows)}")
    return "\n".join(parts)


def row(name: str, field: FieldInfo) -> str:
    example = f", such as `{toml(field.examples[0])}`" if field.examples else ""
    return f"| `{name}` | {field.description}{example} | {default(field)} |\n"


def default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "needed"
    if isinstance(value, BaseModel) or value in (None, "", (), {}):
        return ""
    return f"`{toml(value)}`"


def toml(value: Any) -> str:
    match value:
        case dict():
            return "{ " + ", ".join(f"{json.dumps(name)} = {toml(one)}" for name, one in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(toml, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def tables(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from tables(field.annotation)
    for inner in get_args(kind):
        yield from tables(inner)


def test_every_table_of_a_policy_has_its_section() -> None:
    assert set(tables(PolicyTable)) == set(SECTIONS.values())


def test_the_page_says_of_every_key_what_its_table_says() -> None:
    """Write what this expects into docs/policies.md."""
    text = (ROOT / "docs" / "policies.md").read_text("utf-8")
    told = text.partition("## Every key\n\n")[2].partition("\n## ")[0]

    assert told.strip() == page().strip()
