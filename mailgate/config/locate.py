"""Knows on which line of a TOML text each key stands.

The text has been read by tomllib before, so it is valid TOML: nothing is checked again here.
Every form counts: dotted and quoted keys, arrays of tables, inline tables, strings over many lines.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""Where a value stands in the tree: `("acme", "aliases", 1)`."""

# TOML 1.0: comment; the four kinds of string; one of the marks; anything else up to a mark or a blank.
_TOKEN = re.compile(
    r"""
    (?P<blank>[ \t\r]+|\#[^\n]*)
    | (?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\])*" | '[^']*')
    | (?P<mark>[\[\]{},=.\n])
    | (?P<bare>[^\s\[\]{},=.\#"']+)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int

    @property
    def name(self) -> str:
        """The token as a key."""
        if self.text[0] in "\"'":
            return str(tomllib.loads(f"key = {self.text}")["key"])
        return self.text


_END = _Token("", 0)


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line, counted from 1, of every key, table, and element of an array."""
    return _Walk(text).lines


class _Walk:
    """One pass over the tokens; `lines` holds what it found."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._lengths: dict[KeyPath, int] = {}  # how many tables an array of tables has so far
        self._tokens = _tokens(text)
        self._now = next(self._tokens, _END)
        table: KeyPath = ()
        while self._now is not _END:
            if self._now.text == "\n":
                self._next()
            elif self._now.text == "[":
                table = self._header()
            else:
                self._pair(table)

    def _next(self) -> _Token:
        taken, self._now = self._now, next(self._tokens, _END)
        return taken

    def _header(self) -> KeyPath:
        line = self._next().line
        is_array = self._now.text == "["
        if is_array:
            self._next()
        names = self._key()
        path: KeyPath = ()
        for depth, (name, _) in enumerate(names, start=1):
            path = (*path, name)
            self.lines.setdefault(path, line)
            if is_array and depth == len(names):
                self._lengths[path] = self._lengths.get(path, 0) + 1
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        self.lines[path] = line
        self._skip("]")
        self._skip("]")
        return path

    def _pair(self, table: KeyPath) -> None:
        path = table
        for name, line in self._key():
            path = (*path, name)
            self.lines.setdefault(path, line)
        self._skip("=")
        self._value(path)

    def _key(self) -> list[tuple[str, int]]:
        names = []
        while self._now.text not in {"]", "=", ""}:
            token = self._next()
            if token.text != ".":
                names.append((token.name, token.line))
        return names

    def _value(self, path: KeyPath) -> None:
        if self._now.text == "[":
            self._array(path)
        elif self._now.text == "{":
            self._inline_table(path)
        else:
            while self._now.text not in {",", "]", "}", "\n", ""}:
                self._next()

    def _array(self, path: KeyPath) -> None:
        self._next()
        index = 0
        while self._now.text not in {"]", ""}:
            if self._now.text in {",", "\n"}:
                self._next()
                continue
            element = (*path, index)
            self.lines[element] = self._now.line
            self._value(element)
            index += 1
        self._next()

    def _inline_table(self, path: KeyPath) -> None:
        self._next()
        while self._now.text not in {"}", ""}:
            if self._now.text in {",", "\n"}:
                self._next()
            else:
                self._pair(path)
        self._next()

    def _skip(self, mark: str) -> None:
        if self._now.text == mark:
            self._next()


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for found in _TOKEN.finditer(text):
        if found.lastgroup != "blank":
            yield _Token(found[0], line)
        line += found[0].count("\n")
