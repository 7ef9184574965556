"""Knows how a dialogue is written down (README.md): its settings, its lines, its octets."""

import re
from pathlib import Path

HERE = Path(__file__).parent
DIALOGS = {path.name: path.read_text(encoding="utf-8").splitlines() for path in sorted(HERE.glob("*.txt"))}
LINE = re.compile(r"(?P<who>[CS]) ?(?P<times>\d+)?(?P<how>[:>~]) ?(?P<text>.*)")


def settings_of(lines: list[str]) -> dict[str, str]:
    """What differs from the usual rules."""
    return dict(word.split("=") for line in lines if line.startswith("! ") for word in line[2:].split())


def said(found: re.Match[str]) -> tuple[bytes, int]:
    """The octets that a line of the client stands for, and how often they are sent."""
    return unescaped(found["text"]) + (b"\r\n" if found["how"] == ":" else b""), int(found["times"] or 1)


def unescaped(text: str) -> bytes:
    parts = re.split(r"(\\x[0-9a-fA-F]{2}|\\[rn0\\])", text)
    named = {r"\r": b"\r", r"\n": b"\n", r"\0": b"\0", "\\\\": b"\\"}
    octets = (bytes.fromhex(part[2:]) if part.startswith(r"\x") else part.encode() for part in parts)
    return b"".join(named.get(part, octet) for part, octet in zip(parts, octets, strict=True))
