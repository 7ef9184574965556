"""Packs mails as Outlook does, for tests ([MS-OXTNEF])."""

import struct

SIGNATURE = 0x223E9F78
INTERFACE = bytes(16)


def attribute(level: int, number: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*values: tuple[int, int, bytes]) -> bytes:
    """Each of a type, a number, and its bytes; the length before them where the type has one."""
    packed = struct.pack("<I", len(values))
    for kind, number, value in values:
        packed += struct.pack("<HH", kind, number)
        if kind in {0x1E, 0x1F, 0x0D, 0x102}:
            packed += struct.pack("<II", 1, len(value)) + value + bytes(-len(value) % 4)
        else:
            packed += value
    return packed


def pack(*attributes: bytes) -> bytes:
    return struct.pack("<IH", SIGNATURE, 1) + b"".join(attributes)


def file(short: str, content: bytes, long: str = "", *more: tuple[int, int, bytes]) -> bytes:
    begun = attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, short.encode("cp1252") + b"\0")
    if content:
        begun += attribute(2, 0x0006800F, content)
    named = [(0x1F, 0x3707, (long + "\0").encode("utf-16-le"))] if long else []
    return begun + attribute(2, 0x00069005, properties(*named, *more))


def text(words: str) -> bytes:
    return attribute(1, 0x0002800C, words.encode("cp1252") + b"\0")


def mail(short: str, content: bytes) -> bytes:
    """A mail in the pack."""
    return file(short, b"", "", (0x03, 0x3705, struct.pack("<I", 5)), (0x0D, 0x3701, INTERFACE + content))
