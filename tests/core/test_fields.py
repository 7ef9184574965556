"""`behaviour.md` 2.9"""

import pytest

from mailgate.core.fields import field, fields
from tests.work import calls


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("", {}),
        (
            "Device OS: 4.2.1\nEnvironment: development\n\nIt broke.",
            {"Device OS": "4.2.1", "Environment": "development"},
        ),
        ("\n\n  Device OS :  4.2.1  \n", {"Device OS": "4.2.1"}),
        ("Hello team,\n\nEnvironment: test\nIt broke.", {"Environment": "test"}),
        ("- Device OS: 4.2.1\r\n* Environment: test\r\n", {"Device OS": "4.2.1", "Environment": "test"}),
        ("Device OS: 4.2.1\n\nEnvironment: test\n", {"Device OS": "4.2.1", "Environment": "test"}),
        ("It broke.\nDevice OS: 4.2.1", {}),
        ("Device OS: 4.2.1\nIt broke.\nEnvironment: test", {"Device OS": "4.2.1"}),
        ("Environment:\nDevice OS: 5.1", {"Device OS": "5.1"}),
        ("environment: test\nEnvironment: production", {"environment": "test"}),
        ("https://example.com/a: b", {}),
        ("> Device OS: 4.2.1", {}),
        ("10:30 it broke", {}),
        (f"{'a' * 60}: b", {}),
        (f"Note: {'x' * 500}", {"Note": "x" * 200}),
        ("Système: 6", {"Système": "6"}),
    ],
)
def test_field_lines_are_those_at_the_top(body: str, found: dict[str, str]) -> None:
    assert fields(body) == found


def test_a_field_is_found_whatever_the_case_of_its_name() -> None:
    assert field({"device OS": "4.2.1"}, "Device OS") == "4.2.1"
    assert field({"device OS": "4.2.1"}, "Environment") == ""


@pytest.mark.parametrize("body", ["a" * 5_000_000, "a: b\n" * 1_000_000, "-" * 5_000_000, "a " * 2_500_000])
def test_a_huge_body_costs_hardly_any_work(body: str) -> None:
    assert calls(lambda: fields(body)) < 1_000
