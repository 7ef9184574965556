"""core/canonical: equal values are equal texts, and what is not said is not written."""

from dataclasses import dataclass, field
from datetime import date

from mailgate.core.canonical import canonical


@dataclass(frozen=True)
class Old:
    name: str
    days: tuple[date, ...] = ()


@dataclass(frozen=True)
class New:
    """The same with a field that was added later."""

    name: str
    days: tuple[date, ...] = ()
    rules: dict[str, int] = field(default_factory=dict)
    made: str = field(init=False, default="")


def test_names_are_sorted_and_nothing_is_left_between() -> None:
    assert canonical({"b": Old("ü", (date(2026, 11, 20),)), "a": (1, None)}) == (
        '{"a":[1,null],"b":{"days":["2026-11-20"],"name":"ü"}}'
    )


def test_a_field_that_is_added_leaves_the_text_of_what_says_nothing_of_it() -> None:
    assert canonical(New("x")) == canonical(Old("x")) == '{"name":"x"}'


def test_what_differs_from_the_default_is_written() -> None:
    assert canonical(New("x", rules={"a": 0})) == '{"name":"x","rules":{"a":0}}'
