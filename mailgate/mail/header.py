"""Knows the header of a mail or of a part: its fields, unfolded, by name, in order (RFC 5322 section 2.2).

What is no field is passed over with a defect. Field values stay bytes here; who needs one decodes it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mailgate.core.message import Unreadable
from mailgate.mail import limits

_END = re.compile(rb"\n\r{0,2}\n")  # some gateways write CR CR LF
_NAME = re.compile(rb"[!-9;-~]{1,76}[ \t]*")
_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]*:")
_SEPARATOR = re.compile(rb">?From (?![ \t]*:)[^\r\n]*\r?\n")
_DELIMITER = re.compile(rb"\n(?=--[^\s:]{1,200}[ \t]*\r?\n)")  # of a part: no field looks like it


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of one header block.

    Args:
        fields: values by field name in lower case, in the order in which they stand.
        body: where in the mail the block is over and the body begins.
        defects: what was wrong with the block, in words.
    """

    fields: Mapping[str, tuple[bytes, ...]]
    body: int
    defects: tuple[str, ...] = ()

    def first(self, name: str) -> bytes:
        """The first field of that name; empty where there is none."""
        return self.fields[name][0] if name in self.fields else b""

    def every(self, name: str) -> tuple[bytes, ...]:
        """All fields of that name."""
        return self.fields.get(name, ())


def read(raw: bytes, start: int, end: int) -> Header | Unreadable:
    """The header block that begins at `start`, in what lies before `end`."""
    separator = _SEPARATOR.match(raw, start, end)  # of an mbox file; it is no field
    if separator:
        start = separator.end()
    if raw.startswith((b"\n", b"\r\n", b"\r\r\n"), start, end):
        return Header({}, raw.index(b"\n", start) + 1)
    if raw.startswith((b" ", b"\t"), start, end):
        return Header({}, start, ("a header that begins with a folded line",))
    over = _END.search(raw, start, end)
    stop, body = (over.start() + 1, over.end()) if over else (end, end)
    begun = _DELIMITER.search(raw, start, stop)
    if begun:
        stop = body = begun.end()
    if stop - start > limits.HEADER_BYTES:
        return Unreadable(f"a header of more than {limits.HEADER_BYTES // 1024} kB")
    block = raw[start:stop]
    lines = _unfolded(block)
    if len(lines) > limits.FIELDS:
        return Unreadable(f"a header of more than {limits.FIELDS} fields")
    fields, defects = _fields(lines)
    if defects:
        used = _header_part(block)
        body = body if used == len(block) else start + used
    return Header({name: tuple(values) for name, values in fields.items()}, body, tuple(defects))


def _unfolded(block: bytes) -> list[bytes]:
    """The lines of the block, a folded one whole (RFC 5322 section 2.2.3)."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"")
    return block.replace(b"\n ", b" ").replace(b"\n\t", b"\t").rstrip(b"\n").split(b"\n")


def _fields(lines: list[bytes]) -> tuple[dict[str, list[bytes]], list[str]]:
    fields: dict[str, list[bytes]] = {}
    defects: list[str] = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not (colon and _NAME.fullmatch(name)):
            if line:
                defects.append("a line in the header that is no field")
            continue
        key = name.rstrip().lower().decode("ascii")
        if len(value) > limits.FIELD_BYTES:
            defects.append(f"a field {key} of more than {limits.FIELD_BYTES // 1024} kB")
            value = value[: limits.FIELD_BYTES]
        if key in fields:
            fields[key].append(value.strip())
        else:
            fields[key] = [value.strip()]
    return fields, list(dict.fromkeys(defects))


def _header_part(block: bytes) -> int:
    """How many bytes of the block are header: text that follows the last field unfolded is body already."""
    used = offset = 0
    for line in block.split(b"\n"):
        offset += len(line) + 1
        if _FIELD.match(line) or (line[:1] in b" \t\r" and used == offset - len(line) - 1):
            used = offset
    return min(used, len(block))
