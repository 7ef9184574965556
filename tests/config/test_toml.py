import string
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationInfo, field_validator

from mailgate.config.locate import key_lines
from mailgate.config.problem import ConfigurationError, Problem, suggestion
from mailgate.config.toml import Section, read, reject, validate, written_key


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Wheel(Section):
    size: int = Field(description="inches", examples=[28], ge=1)
    colour: Colour = Colour.RED


class Bicycle(Section):
    name: str = Field(description="what it is called", examples=["Rosinante"])
    wheels: tuple[Wheel, ...] = ()
    spare: Wheel | None = None
    parts: dict[str, Wheel] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def short(cls, name: str, info: ValidationInfo) -> str:
        if len(name) > 10:
            raise reject("is too long", "at most ten letters")
        assert isinstance(info.context, dict)
        assert isinstance(info.context["folder"], Path)
        return name


def written(folder: Path, text: str) -> Path:
    file = folder / "bicycle.toml"
    file.write_text(text, encoding="utf-8")
    return file


def said(folder: Path, text: str, at: tuple[str | int, ...] = ()) -> list[str]:
    _, problems = validate(Bicycle, read(written(folder, text)), at)
    return [str(problem).replace(f"{folder}/", "") for problem in problems]


def refused(path: Path) -> Problem:
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    (problem,) = caught.value.problems
    return problem


def test_every_form_of_key_is_found_on_its_line() -> None:
    text = '''# a comment with [brackets] and "quotes"
plain = 1
"quoted key" = "x"   # behind
a.b."c.d" = """
three
lines"""

[table.'inner one']
list = [
    "first",  # ]
    { x = 1, y = "}" },
    [[1], [2]],
]
[[array]]
x = 1
[[array]]
x = 2
[array.below]
y = 2026-01-01 00:00:00
'''
    lines = key_lines(text)

    assert lines == {
        ("plain",): 2,
        ("quoted key",): 3,
        ("a",): 4,
        ("a", "b"): 4,
        ("a", "b", "c.d"): 4,
        ("table",): 8,
        ("table", "inner one"): 8,
        ("table", "inner one", "list"): 9,
        ("table", "inner one", "list", 0): 10,
        ("table", "inner one", "list", 1): 11,
        ("table", "inner one", "list", 1, "x"): 11,
        ("table", "inner one", "list", 1, "y"): 11,
        ("table", "inner one", "list", 2): 12,
        ("table", "inner one", "list", 2, 0): 12,
        ("table", "inner one", "list", 2, 0, 0): 12,
        ("table", "inner one", "list", 2, 1): 12,
        ("table", "inner one", "list", 2, 1, 0): 12,
        ("array",): 14,
        ("array", 0): 14,
        ("array", 0, "x"): 15,
        ("array", 1): 16,
        ("array", 1, "x"): 17,
        ("array", 1, "below"): 18,
        ("array", 1, "below", "y"): 19,
    }


def leaves(tree: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    named = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return {path}.union(*(leaves(value, (*path, name)) for name, value in named))


_scalars = st.sampled_from(
    [
        "1",
        "-2.5",
        "true",
        '"a # b"',
        "'[x]'",
        '"\\" ]"',
        '"""a\n"quoted"\nb"""',
        "'''x'y'''",
        "2026-11-20",
        "07:32:00",
    ]
)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner).map(lambda items: "[" + ",\n ".join(items) + "]"),
        st.lists(inner).map(
            lambda items: "{" + ", ".join(f"k{n} = {item}" for n, item in enumerate(items)) + "}"
        ),
    ),
    max_leaves=8,
)


@given(st.lists(_values), st.lists(st.text(string.printable, max_size=8), unique=True))
def test_the_locator_knows_exactly_the_keys_that_tomllib_reads(
    values: list[str], comments: list[str]
) -> None:
    text = "".join(f"key{n} = {value}\n" for n, value in enumerate(values))
    text += "".join(f"[[t]]\nx.y = [{{ z = 1 }}] # {''.join(filter(str.isalnum, one))}\n" for one in comments)
    assert {path for path in key_lines(text) if path} | {()} == leaves(tomllib.loads(text))


def test_every_mistake_of_a_table_is_told_with_its_line_and_remedy(tmp_path: Path) -> None:
    problems = said(
        tmp_path,
        """\
name = 7
wheel = 1

[[wheels]]
colour = "gren"
[[wheels]]
size = 0
sise = 2

[parts."front one"]
size = "28"
""",
    )

    assert problems == [
        'bicycle.toml:1: name: got 7: a text in quotes; what it is called, such as "Rosinante"',
        "bicycle.toml:2: wheel: unknown key: did you mean 'wheels'?",
        "bicycle.toml:4: wheels[0].size: is missing: inches, such as 28",
        "bicycle.toml:5: wheels[0].colour: \"gren\" is not known: did you mean 'green'?",
        "bicycle.toml:7: wheels[1].size: got 0: at least 1; inches, such as 28",
        "bicycle.toml:8: wheels[1].sise: unknown key: did you mean 'size'?",
        'bicycle.toml:11: parts."front one".size: got "28": a whole number; inches, such as 28',
    ]


def test_a_mistake_inside_an_optional_table_names_that_table(tmp_path: Path) -> None:
    assert said(tmp_path, 'name = "a"\nspare = { size = 1, color = "red" }\n') == [
        "bicycle.toml:2: spare.color: unknown key: did you mean 'colour'?"
    ]


def test_a_validator_of_ours_says_what_is_wrong_and_what_would_be_right(tmp_path: Path) -> None:
    assert said(tmp_path, 'name = "abcdefghijk"\n') == [
        "bicycle.toml:1: name: is too long: at most ten letters"
    ]


def test_a_table_below_is_checked_under_its_whole_key(tmp_path: Path) -> None:
    text = '[one]\nname = "a"\n[two]\nnam = "b"\n'
    assert said(tmp_path, text, ("one",)) == []
    assert said(tmp_path, text, ("two",)) == [
        'bicycle.toml:3: two.name: is missing: what it is called, such as "Rosinante"',
        "bicycle.toml:4: two.nam: unknown key: did you mean 'name'?",
    ]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    problem = refused(tmp_path / "none.toml")
    assert (problem.line, problem.wrong) == (0, "no such file or directory")


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path).wrong == "is a directory"


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.toml"
    file.write_bytes('a = 1\nname = "Köln"\n'.encode("latin-1"))
    assert str(refused(file)) == f"{file}:2: is not UTF-8: save the file as UTF-8"


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    file = written(tmp_path, 'a = 1\nb = = 2\n"')
    assert (refused(file).line, refused(file).wrong) == (2, "is no TOML: Invalid value")


def test_toml_that_ends_too_soon_is_told_at_its_end(tmp_path: Path) -> None:
    assert refused(written(tmp_path, "a = 1\nb = [\n")).line == 3


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a = " + "[" * 20_000 + "]" * 20_000, "is nested too deeply"),
        ("a = " + "[" * 500 + "]" * 500, "is nested too deeply"),
        ("[" + ".".join(["a"] * 500) + "]", "is nested too deeply"),
        (".".join(["a"] * 500) + " = 1", "is nested too deeply"),
        ("a = " + "{a=" * 200 + "1" + "}" * 200, "is nested too deeply"),
        ("a = " + "9" * 5_000, "holds a number that is too long"),
        ("#" * ((1 << 20) + 1), "is longer than 1 MiB"),
    ],
)
def test_what_nobody_writes_by_hand_is_a_mistake_and_no_bug_of_ours(
    tmp_path: Path, text: str, wrong: str
) -> None:
    problem = refused(written(tmp_path, text))
    assert (problem.line, problem.wrong) == (0, wrong)


def test_a_byte_order_mark_and_line_ends_of_windows_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "windows.toml"
    file.write_bytes('\ufeffname = "a"\r\nwheels = []\r\n'.encode())
    document = read(file)
    assert (document.tree, document.line(("wheels",))) == ({"name": "a", "wheels": []}, 2)


def test_keys_are_written_as_toml_writes_them() -> None:
    assert written_key(("a-b", "c_d", 0, "Device OS", "ü")) == 'a-b.c_d[0]."Device OS"."ü"'


def test_a_near_name_is_suggested_and_otherwise_the_list() -> None:
    assert suggestion("Partcle", ["particle", "pantheon"]) == "did you mean 'particle'?"
    assert suggestion("zzz", ["b", "a"]) == "one of 'a', 'b'"
    assert suggestion("zzz", map(str, range(20))).endswith("'19' ...")
    assert suggestion("zzz", ["b", "a"], else_say="another") == "another"
    assert suggestion("zzz", []) == "there is none yet"
