"""Knows how a TOML file becomes checked values, and on which line each of its mistakes stands.

A model is a `Section`; its fields say by `Field(description=…, examples=[…])` what would be right. Every
mistake of a file is found in one reading.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from mailgate.config.locate import KeyPath, key_lines
from mailgate.config.problem import ConfigurationError, Problem, masked, suggestion

__all__ = ["ConfigurationError", "Document", "Problem", "Section", "read", "reject", "suggestion", "validate"]

Model = TypeVar("Model", bound=BaseModel)
_SHOWN = 60
_WHOLE_NUMBER = "a whole number"
_LIST = 'a list, such as ["..."]'
_TABLE = "a table"
_DATE = "a date, such as 2026-12-01"
_DEMANDS = {
    "string_type": "a text in quotes",
    "bool_type": "true or false",
    "int_type": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "float_type": "a number",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "greater_than": "more than {gt}",
    "less_than": "less than {lt}",
}
_PLAIN = "write it by hand, or as `mailgate init` does"
_DEEPEST = 50  # keys in one another; what reads the tree goes down into it
_MOST = 1 << 20  # octets of a file: a hundred times the longest that is shipped


class Section(BaseModel):
    """A table of the configuration: no unknown keys, no conversion of one type into another, frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML file that has been read.

    Args:
        tree: what tomllib made of it.
        lines: the line of each key (`locate.key_lines`).
    """

    file: Path
    tree: Mapping[str, Any]
    lines: Mapping[KeyPath, int] = field(repr=False)

    def line(self, path: KeyPath) -> int:
        """The line of a key; of one that is not there, the line of the table that misses it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: KeyPath, wrong: str, right: str) -> Problem:
        """A mistake at a key of this file."""
        return Problem(self.file, self.line(path), written_key(path), wrong, right)


def read(path: Path) -> Document:
    """The file as a tree with line numbers.

    Raises:
        ConfigurationError: it cannot be opened, is too long, is not UTF-8 or is no TOML.
    """
    text = _text(path)
    try:
        document = Document(path, tomllib.loads(text), key_lines(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([_syntax(path, text, error)]) from None
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError:  # what Python says of a number of more than 4,300 digits
        raise ConfigurationError([Problem(path, 0, "", "holds a number that is too long", _PLAIN)]) from None
    if any(len(key) > _DEEPEST for key in document.lines):
        raise _too_deep(path)
    return document


def validate(
    model: type[Model], document: Document, at: KeyPath = ()
) -> tuple[Model | None, tuple[Problem, ...]]:
    """The table at a key as a model, or every mistake in it.

    Validators find the folder of the file in their context, as `folder`.
    """
    tree: Any = document.tree
    for name in at:
        tree = tree[name]
    try:
        # As JSON, strict mode takes an array for a tuple and a text for an enumeration, and nothing else.
        value = model.model_validate_json(
            json.dumps(tree, default=str), context={"folder": document.file.resolve().parent}
        )
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems = (_problem(model, document, at, detail) for detail in details)
        return None, tuple(sorted(problems, key=lambda problem: problem.line))
    return value, ()


def reject(wrong: str, right: str) -> PydanticCustomError:
    """What a validator raises: what is wrong with the value, and what would be right."""
    return PydanticCustomError("rejected", "{wrong}", {"wrong": wrong, "right": right})


def written_key(path: KeyPath) -> str:
    """The key as TOML writes it: `acme.aliases[1]`, `fields."Device OS"`."""
    written = ""
    for name in path:
        if isinstance(name, int):
            written += f"[{name}]"
            continue
        bare = name.replace("-", "").replace("_", "").isalnum() and name.isascii()
        written += ("." if written else "") + (name if bare else json.dumps(name, ensure_ascii=False))
    return written


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST + 1)
        if len(content) > _MOST:
            raise ConfigurationError([Problem(path, 0, "", "is longer than 1 MiB", _PLAIN)])
        return content.decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise ConfigurationError([Problem(path, 0, "", reason, _remedy(error))]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            [Problem(path, line, "", "is not UTF-8", "save the file as UTF-8")]
        ) from None


def _too_deep(path: Path) -> ConfigurationError:
    return ConfigurationError([Problem(path, 0, "", "is nested too deeply", _PLAIN)])


def _remedy(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "`mailgate init DIR` writes a configuration; --config names another file"
        case PermissionError():
            return "let the user that runs mailgate read it"
        case _:
            return "name a file that can be read"


def _syntax(path: Path, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    reason, _, place = str(error).rpartition(" (at ")
    line = text.count("\n") + 1
    if place.startswith("line "):
        line = int(place.removeprefix("line ").partition(",")[0])
    return Problem(path, line, "", f"is no TOML: {reason or error}", "see https://toml.io")


def _problem(model: type[BaseModel], document: Document, at: KeyPath, detail: ErrorDetails) -> Problem:
    inside = _path_in_tree(document.tree, at, detail["loc"])
    wrong, right = _words(model, inside, detail)
    return document.problem((*at, *inside), wrong, right)


def _path_in_tree(tree: Any, at: KeyPath, loc: tuple[str | int, ...]) -> KeyPath:
    """Pydantic's location without the labels it puts in for unions and for the keys of mappings."""
    for name in at:
        tree = tree[name]
    path: KeyPath = ()
    for position, name in enumerate(loc):
        is_there = (
            name in tree if isinstance(tree, Mapping) else isinstance(tree, list) and isinstance(name, int)
        )
        if is_there:
            tree = tree[name]
        elif not (isinstance(tree, Mapping) and position == len(loc) - 1 and name != "[key]"):
            continue
        path = (*path, name)
    return path


def _words(model: type[BaseModel], path: KeyPath, detail: ErrorDetails) -> tuple[str, str]:
    fields = _fields_at(model, path)
    expected = _expectation(fields.get(str(path[-1]))) if path else ""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return "unknown key", suggestion(str(path[-1]), fields)
        case "missing":
            return "is missing", expected
        case "rejected":
            return str(context["wrong"]), str(context["right"])
        case "enum" | "literal_error":
            allowed = str(context["expected"]).replace(" or ", ", ").split(", ")
            names = [one.strip("'") for one in allowed]
            return f"{_shown(detail['input'])} is not known", suggestion(str(detail["input"]), names)
        case "value_error":
            return str(context["error"]), expected
        case _:
            return f"got {_shown(detail['input'])}", "; ".join(filter(None, (_demand(detail), expected)))


def _demand(detail: ErrorDetails) -> str:
    """What pydantic asks for, in the words of a person who writes TOML."""
    if detail["type"] in _DEMANDS:
        return _DEMANDS[detail["type"]].format(**detail.get("ctx", {}))
    return detail["msg"].removeprefix("Input should be ")


def _shown(value: object) -> str:
    text = masked(json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 4] + " ..."


def _expectation(wanted: FieldInfo | None) -> str:
    if wanted is None:
        return ""
    example = f"such as {_shown(wanted.examples[0])}" if wanted.examples else ""
    return ", ".join(filter(None, (wanted.description, example)))


def _fields_at(model: type[BaseModel], path: KeyPath) -> dict[str, FieldInfo]:
    """The fields by their names in TOML of the table that holds the key."""
    kinds: list[Any] = [model]
    for name in path[:-1]:
        kinds = [inner for kind in kinds for inner in _inner(kind, name)]
    return {
        wanted.alias or name: wanted
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name, wanted in kind.model_fields.items()
    }


def _inner(kind: Any, name: str | int) -> Iterator[Any]:
    """What type the value under a name has; every member of a union."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for field_name, wanted in kind.model_fields.items():
            if name in {field_name, wanted.alias}:
                yield from _members(wanted.annotation)
        return
    arguments = get_args(kind)
    if not arguments:
        return
    if isinstance(name, int):
        yield from _members(arguments[0])
    else:
        yield from _members(arguments[-1])


def _members(kind: Any) -> Iterator[Any]:
    if get_origin(kind) in {Union, UnionType}:
        for member in get_args(kind):
            yield from _members(member)
    elif hasattr(kind, "__metadata__"):  # Annotated
        yield from _members(get_args(kind)[0])
    else:
        yield kind
