"""Knows colours as HTML and CSS write them, and how light they are.

Text may have dark ones and what lies under it light ones, so that no two of them make words unseen.
"""

import re

_DARKEST_GROUND = 0.62  # of the light of white
_BRIGHTEST_TEXT = 0.24
_RGB = re.compile(r"rgb\((\d{1,3}), ?(\d{1,3}), ?(\d{1,3})\)")
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})")
_LONG = 6  # digits; a short one has each of them once
_NAMED = {
    "aqua": "00ffff", "beige": "f5f5dc", "black": "000000", "blue": "0000ff", "brown": "a52a2a",
    "crimson": "dc143c", "cyan": "00ffff", "darkblue": "00008b", "darkgray": "a9a9a9", "darkgreen": "006400",
    "darkred": "8b0000", "dimgray": "696969", "fuchsia": "ff00ff", "gray": "808080", "green": "008000",
    "grey": "808080", "indigo": "4b0082", "ivory": "fffff0", "lightblue": "add8e6", "lightgray": "d3d3d3",
    "lightgreen": "90ee90", "lightgrey": "d3d3d3", "lightyellow": "ffffe0", "lime": "00ff00",
    "magenta": "ff00ff", "maroon": "800000", "navy": "000080", "olive": "808000", "orange": "ffa500",
    "pink": "ffc0cb", "purple": "800080", "red": "ff0000", "silver": "c0c0c0", "teal": "008080",
    "violet": "ee82ee", "white": "ffffff", "whitesmoke": "f5f5f5", "yellow": "ffff00",
}  # fmt: skip


def light(value: str) -> float | None:
    """How light a colour is, 0 for black and 1 for white (relative luminance); None for what is none."""
    value = value.strip().lower()
    digits = _NAMED.get(value, "")
    if found := _HEX.fullmatch(value):
        digits = found[1] if len(found[1]) == _LONG else "".join(one * 2 for one in found[1])
    if digits:
        parts = [int(digits[at : at + 2], 16) for at in (0, 2, 4)]
    elif found := _RGB.fullmatch(value):
        parts = [min(int(one), 255) for one in found.groups()]
    else:
        return None
    red, green, blue = (_linear(part / 255) for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def is_for_text(value: str) -> bool:
    """Whether it is a colour in which words are seen on any ground."""
    found = light(value)
    return found is not None and found <= _BRIGHTEST_TEXT


def is_ground(value: str) -> bool:
    """Whether it is a colour on which words are seen."""
    found = light(value)
    return found is not None and found >= _DARKEST_GROUND


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
