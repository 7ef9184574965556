"""Knows text whose lines are to flow together into paragraphs again (RFC 3676)."""

from mailgate.mail import line
from mailgate.mail.line import Line

_SIGNATURE = "-- "  # never flows; RFC 3676 section 4.3


def lines(text: str, *, delsp: bool) -> list[Line]:
    """The paragraphs as one line each (RFC 3676 section 4.2); `delsp` takes the blank at each break away."""
    joined: list[Line] = []
    growing: list[str] = []
    depth = 0
    for raw in text.split("\n"):
        quoted = line.depth_of(raw) if raw[:1] == ">" else 0
        words = raw if quoted else raw.removeprefix(" ")
        flows = raw.endswith(" ") and raw.lstrip("> ") != "" and words.lstrip("> ") != _SIGNATURE
        if growing and (quoted != depth or words.lstrip("> ") == _SIGNATURE):
            joined.append(Line("".join(growing), depth))
            growing = []
        growing.append(words.lstrip("> ") if quoted and growing else words)
        depth = quoted
        if not flows:
            joined.append(Line("".join(growing), depth))
            growing = []
        elif delsp:
            growing[-1] = growing[-1][:-1]
    return [*joined, Line("".join(growing), depth)] if growing else joined
