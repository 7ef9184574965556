"""Knows how answers are shown: tables and lines for people, JSON for programs.

Text from mails is shown, never obeyed: no markup is read in it, what would steer a terminal is replaced.
Where standard output is no terminal, nothing is coloured, wrapped or cut. On one that is too narrow for
a table, the wordy columns of a row go into lines of their own under it.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from mailgate.core.instant import written

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.padding import Padding
    from rich.table import Table

_UNBOUNDED = 100_000  # columns of a file or a pipe
_INDENT = 4  # columns before what stands under a row
_LONGEST_WORD = 28  # columns of the words of `definitions`
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNITS = {timedelta(days=1): "d", timedelta(hours=1): "h", timedelta(minutes=1): "min"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        colours: how certain cells are shown on a terminal, by their text; `{"missed": "bold red"}`.
        right: whether its cells stand to the right, like numbers.
        below: how a cell is told under its row where the terminal is too narrow for it beside the others,
            such as `opened {}`; empty: always beside them.
    """

    title: str
    colours: Mapping[str, str] = field(default_factory=dict)
    right: bool = False
    below: str = ""


def table(columns: Sequence[Column | str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a table to standard output; instants in the form for people, None as an empty cell."""
    kinds = [Column(one) if isinstance(one, str) else one for one in columns]
    cells = [tuple(map(_cell, row)) for row in rows]
    whole = _grid(kinds, cells)
    beside = [place for place, kind in enumerate(kinds) if not kind.below]
    if len(beside) == len(kinds) or _fits(whole):
        return _write(_drawn(whole))
    narrow = _grid([kinds[place] for place in beside], [[row[place] for place in beside] for row in cells])
    if not _fits(narrow):
        return _write(_drawn(whole))
    title, rule, *lines = _drawn(narrow)
    under = (_drawn(_note(kinds, row)) for row in cells)
    return _write(
        [title, rule, *chain.from_iterable((one, *more) for one, more in zip(lines, under, strict=True))]
    )


def definitions(rows: Iterable[tuple[str, str]]) -> None:
    """Writes words with what they mean beside them; on a terminal the meaning is wrapped under itself."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    grid = Table.grid(padding=(0, 3, 0, 0))
    grid.add_column(max_width=_LONGEST_WORD, overflow="fold")
    grid.add_column(overflow="fold")
    for word, meaning in rows:
        grid.add_row(Text(_cell(word), style="bold"), Text(_cell(meaning)))
    if grid.row_count:
        _write(_drawn(grid))


def say(text: str = "") -> None:
    """Writes a line to standard output."""
    click.echo(plain(text))


def tell(text: str) -> None:
    """Writes a line to standard error: everything that is not the answer itself."""
    click.echo(plain(text), err=True)


def emit_json(value: object, *, indent: int | None = 2, ascii_only: bool = False) -> None:
    """Writes a JSON value to standard output; `indent` None keeps it on one line, for JSON Lines.

    With `ascii_only` the same value gives the same bytes, whatever this terminal can write.
    """
    ascii_only = ascii_only or sys.stdout.encoding.lower() != "utf-8"
    click.echo(json.dumps(value, ensure_ascii=ascii_only, indent=indent, default=_jsonable))


def moment(instant: datetime) -> str:
    """An instant for people: `2026-11-23 13:00:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def age(span: timedelta) -> str:
    """How old something is, for people: `3 d`, `5 h`, `12 min`, in the largest unit that is whole."""
    for unit, word in _UNITS.items():
        if abs(span) >= unit:
            return f"{span // unit} {word}"
    return "0 min"


def plain(text: str) -> str:
    """The text without anything that a terminal would obey, or that turns the writing around."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in "\n\t" else _REPLACEMENT for one in text)


def _grid(kinds: Sequence[Column], rows: Iterable[Sequence[str]]) -> "Table":
    from rich import box  # noqa: PLC0415 - a tenth of a second that most commands need not wait for
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for kind in kinds:
        grid.add_column(kind.title, justify="right" if kind.right else "left", overflow="fold")
    for row in rows:
        cells = zip(kinds, row, strict=True)
        grid.add_row(*(Text(text, style=kind.colours.get(text, "")) for kind, text in cells))
    return grid


def _note(kinds: Sequence[Column], row: Sequence[str]) -> "Padding":
    """What a row tells under itself."""
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    told = (kind.below.format(text) for kind, text in zip(kinds, row, strict=True) if kind.below and text)
    return Padding(Text("; ".join(told), overflow="fold"), (0, 0, 0, _INDENT), expand=False)


def _fits(grid: "Table") -> bool:
    """Whether no cell of the table needs a second line here."""
    console = _console()
    unbounded = console.options.update(width=_UNBOUNDED)
    return console.measure(grid, options=unbounded).maximum <= console.width


def _drawn(thing: "RenderableType") -> list[str]:
    console = _console()
    with console.capture() as written_out:
        console.print(thing)
    return written_out.get().splitlines()


def _console() -> "Console":
    from rich.console import Console  # noqa: PLC0415

    return Console(highlight=False, width=None if sys.stdout.isatty() else _UNBOUNDED)


def _write(lines: Iterable[str]) -> None:
    # A file has no use for the blanks that fill a line up to the width of the table.
    on_terminal = sys.stdout.isatty()
    click.echo("\n".join(line if on_terminal else line.rstrip() for line in lines))


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return moment(value)
        case timedelta():
            return age(value)
        case _:
            return plain(str(value)).replace("\n", " ").replace("\t", " ")


def _jsonable(value: object) -> Any:  # noqa: PLR0911 - one answer for each kind of value
    match value:
        case datetime():
            return written(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value // timedelta(seconds=1)
        case Mapping():
            return dict(value)
        case set() | frozenset():
            return sorted(value)
        case Iterable():
            return list(value)
        case _:
            return str(value)
