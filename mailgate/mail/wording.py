"""Knows which characters text may hold once it has been read: none that hides, reorders or breaks a line.

No function here changes a word. What they take away could forge a header line, turn a name round
(a name ending in `exe` shown as one in `jpg`), or be refused by a database (NUL, lone surrogates).
"""

import re

_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_BREAKS = re.compile("[\t\n\r\x0b\x0c\x85\u2028\u2029]+")
_UNSEEN = re.compile(f"[{_CONTROLS}{_BIDI}\ufeff]")
_UNSEEN_IN_TEXT = re.compile(f"[{_CONTROLS}\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("[\r\x85\u2028\u2029]")


def line(text: str) -> str:
    """The text as one line: every line break a blank, no control and no bidirectional character."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _SURROGATES.sub("\ufffd", _BREAKS.sub(" ", text))
    return _UNSEEN.sub("", text).strip()


def lines(text: str) -> str:
    """The text with line feeds as its only line ends, and no control character but those and the tab."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    text = _LINE_ENDS.sub("\n", text)
    return _UNSEEN_IN_TEXT.sub("", _SURROGATES.sub("\ufffd", text))


def label(name: str, limit: int) -> str:
    """A file's name as a label: one line, no path, at most `limit` bytes of UTF-8 with its ending kept."""
    name = line(name).replace("/", "_").replace("\\", "_").lstrip("._ ")
    if len(name.encode()) <= limit:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > limit // 3:
        stem, dot, ending = name, "", ""
    kept = stem.encode()[: limit - len((dot + ending).encode())].decode(errors="ignore")
    return kept + dot + ending
