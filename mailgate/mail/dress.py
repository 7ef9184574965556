"""Knows what the dress of a page may be: colours, sizes, alignment; nothing that hides, covers or fetches.

An attribute or a declaration that is not understood whole is left out.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from html import unescape
from urllib.parse import unquote

from mailgate.core.internal import names_signed
from mailgate.mail.colour import is_for_text, is_ground, light

ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "*": frozenset({"align", "bgcolor", "dir", "style", "valign"}),
    "a": frozenset({"href"}),
    "font": frozenset({"color", "face", "size"}),
    "img": frozenset({"alt", "height", "src", "width"}),
    "ol": frozenset({"start", "type"}),
    "table": frozenset({"border", "cellpadding", "cellspacing", "width"}),
    "td": frozenset({"colspan", "rowspan", "width"}),
    "th": frozenset({"colspan", "rowspan", "width"}),
}
"""By element, the attributes that it may have; `*` for all."""

LINKED = frozenset({"http", "https", "mailto", "tel"})
"""Schemes of links."""

_LONGEST_LINK = 2000
_LONGEST_DESCRIPTION = 200
_WIDEST = 640  # pixels, of a mail
_SMALLEST_TEXT, _LARGEST_TEXT = 9, 40  # pixels
_LARGEST_SPACE = 80  # pixels
_SIDES = 4  # of a box

_LENGTH = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)(px|pt|em)?")
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "em": 16.0}
_SHARE = re.compile(r"(?:100|\d{1,2})(?:\.\d{1,4})?%")
_FACE = re.compile(r"[\w ,'\"-]{1,200}")
_NUMBER = re.compile(r"\+?\d{1,2}")
_LINES = frozenset({"dashed", "dotted", "double", "none", "solid"})


@lru_cache(maxsize=1024)  # a page says the same of one paragraph after another
def dressed(element: str, attribute: str, value: str) -> str | None:
    """The value as it may stand there; None for none."""
    if attribute not in ATTRIBUTES["*"] | ATTRIBUTES.get(element, frozenset()):
        return None
    return _JUDGES[attribute](value.strip())


def style(declarations: str) -> str | None:
    """Those declarations of a `style` attribute that may be there."""
    kept: list[str] = []
    for declaration in declarations.lower().split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), " ".join(value.replace("!important", "").split())
        if name == "background":
            name = "background-color"
        if value and name in _FITS and _FITS[name](value):
            kept.append(f"{name}:{value}")
    return ";".join(kept) or None


def link(value: str) -> str | None:
    """An address that a reader may be sent to; never a signed one of ours, however it is written."""
    scheme, colon, _ = value.partition(":")
    if len(value) > _LONGEST_LINK or not value.isprintable() or not colon:
        return None
    if scheme.lower() not in LINKED:
        return None
    read = unescape(unquote(unquote(unquote(value))))
    return None if names_signed(value) or names_signed(read) else value


def _if(fits: Callable[[str], object]) -> Callable[[str], str | None]:
    return lambda value: value if fits(value) else None


def _one_of(*words: str) -> Callable[[str], bool]:
    known = frozenset(words)
    return lambda value: value.lower() in known


def _pixels(value: str, most: float) -> float | None:
    """A length in pixels; None for what is none, or longer than that."""
    found = _LENGTH.fullmatch(value.lower())
    pixels = float(found[1]) * _PIXELS[found[2] or ""] if found else most + 1
    return pixels if pixels <= most else None


def _is_width(value: str) -> bool:
    return bool(_SHARE.fullmatch(value)) or _pixels(value, _WIDEST) is not None


def _is_size(value: str) -> bool:
    """Sizes are told outright: shares of shares could make words too small to be seen."""
    return (_pixels(value, _LARGEST_TEXT) or 0) >= _SMALLEST_TEXT and not value.endswith("em")


def _is_space(value: str) -> bool:
    return value in {"auto", "medium", "thin"} or _pixels(value, _LARGEST_SPACE) is not None


def _are_spaces(value: str) -> bool:
    return len(value.split()) <= _SIDES and all(map(_is_space, value.split()))


def _is_border(value: str) -> bool:
    return all(one in _LINES or _is_space(one) or light(one) is not None for one in value.split())


def _each(names: Collection[str], fits: Callable[[str], bool]) -> dict[str, Callable[[str], bool]]:
    return dict.fromkeys(names, fits)


_BOX = ("", "-bottom", "-left", "-right", "-top")
_FITS: Mapping[str, Callable[[str], object]] = {
    **_each([f"margin{side}" for side in _BOX], _are_spaces),
    **_each([f"padding{side}" for side in _BOX], _are_spaces),
    **_each([f"border{side}" for side in _BOX], _is_border),
    **_each(["width", "max-width"], _is_width),
    "background-color": is_ground,
    "border-collapse": _one_of("collapse", "separate"),
    "color": is_for_text,
    "font-family": _FACE.fullmatch,
    "font-size": _is_size,
    "font-style": _one_of("italic", "normal", "oblique"),
    "font-weight": _one_of("400", "500", "600", "700", "800", "900", "bold", "bolder", "normal"),
    "height": _one_of("auto"),
    "list-style-type": _one_of(
        "circle", "decimal", "disc", "lower-alpha", "lower-roman", "none", "square", "upper-alpha"
    ),
    "text-align": _one_of("center", "end", "justify", "left", "right", "start"),
    "text-decoration": _one_of("line-through", "none", "underline"),
    "vertical-align": _one_of("baseline", "bottom", "middle", "sub", "super", "text-top", "top"),
    "white-space": _one_of("normal", "pre-line", "pre-wrap"),
    "word-break": _one_of("break-word", "normal"),
}
"""By property, whether a value may be there."""

_JUDGES: Mapping[str, Callable[[str], str | None]] = {
    "align": _if(_one_of("center", "justify", "left", "right")),
    "alt": lambda value: value[:_LONGEST_DESCRIPTION],
    "bgcolor": _if(is_ground),
    "border": _if(_NUMBER.fullmatch),
    "cellpadding": _if(_NUMBER.fullmatch),
    "cellspacing": _if(_NUMBER.fullmatch),
    "color": _if(is_for_text),
    "colspan": _if(_NUMBER.fullmatch),
    "dir": _if(_one_of("auto", "ltr", "rtl")),
    "face": _if(_FACE.fullmatch),
    "height": _if(_is_width),
    "href": link,
    "rowspan": _if(_NUMBER.fullmatch),
    "size": _if(re.compile(r"\+?[1-7]|-1").fullmatch),
    "src": _if(re.compile(r"cid:\S{1,1000}").fullmatch),
    "start": _if(_NUMBER.fullmatch),
    "style": style,
    "type": _if(re.compile("[1AaIi]").fullmatch),
    "valign": _if(_one_of("baseline", "bottom", "middle", "top")),
    "width": _if(_is_width),
}
"""By attribute, its value as it may be."""
