"""Knows what of a mail's HTML may go on: words, their dress, links, pictures of this very mail.

Nothing in it runs, is fetched, covers or hides. What is kept is rebuilt: put in order first (mail.tidy), then
judged by a parser as browsers have it (nh3), element by element and attribute by attribute (mail.dress).
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape, unescape
from types import MappingProxyType
from urllib.parse import unquote

import nh3

from mailgate.mail import hidden, limits, wording
from mailgate.mail.dress import ATTRIBUTES, LINKED, dressed
from mailgate.mail.tags import Token, attributes, tokens
from mailgate.mail.tidy import KNOWN, tidied

PICTURES = frozenset(
    f"image/{kind}" for kind in ("bmp", "gif", "jpeg", "jpg", "pjpeg", "png", "webp", "x-png")
)
"""Types of pictures that are shown in their place; they hold nothing but a picture."""

_SANITISER = nh3.Cleaner(
    tags=set(KNOWN),
    clean_content_tags={"script", "style"},
    attributes={element: set(names) for element, names in ATTRIBUTES.items()},
    attribute_filter=dressed,
    url_schemes={"cid", *LINKED},
    link_rel=None,  # a link in a mail opens no window of ours
    url_relative="deny",
)


def sanitised(markup: str, pictures: Mapping[str, str] = MappingProxyType({})) -> str:
    """The HTML as it may be shown in a mail of ours; empty where it is more than is read.

    What comes out is well nested, with every attribute in double quotes and its text escaped.

    Args:
        pictures: the Content-IDs of this mail's pictures, by what a page calls them in lower case: the same,
            or where they lie; others are left out.
    """
    if len(markup) > limits.MARKUP_CHARS:
        return ""
    page = list(tokens(wording.lines(markup)))
    if hidden.suspected(markup):
        page = list(_seen(page))
    return _SANITISER.clean(tidied(page, lambda token: _written(token, pictures)))


def judged(page: str) -> str:
    """A sanitised page that was changed, judged once more: what goes out was the last to be looked at."""
    return _SANITISER.clean(wording.lines(page))


def of_text(text: str) -> str:
    """Plain text as HTML of the same kind."""
    return "".join(f"<div>{_kept_blanks(line) or '<br>'}</div>" for line in text.split("\n"))


def content_id(source: str) -> str:
    """The Content-ID that `cid:...` names (RFC 2392 section 2); empty for another address."""
    scheme, _, rest = source.strip().partition(":")
    return unquote(rest).strip("<> ") if scheme.lower() == "cid" else ""


def _seen(page: Sequence[Token]) -> Iterator[Token]:
    """The page without elements that hide themselves: stripped of what hides them, they would be shown."""
    ends = hidden.spans(page)
    until = -1
    for number, token in enumerate(page):
        if number in ends and number >= until:
            end = ends[number]
            until = end + 1 if page[end].name[:1] == "/" else end
        if number >= until:
            yield token


def _written(token: Token, pictures: Mapping[str, str]) -> str:
    """The start tag with the attributes that it may have; nothing for a picture that is not the mail's."""
    may = ATTRIBUTES["*"] | ATTRIBUTES.get(token.name, frozenset())
    found = {name: value for name, value in attributes(token.attributes) if name in may}
    if token.name == "img":
        source = unescape(found.get("src", "")).strip()
        known = pictures.get((content_id(source) or source).lower())
        if known is None:
            return ""
        found["src"] = "cid:" + escape(known)
    described = "".join(f' {name}="{_quoted(value)}"' for name, value in found.items())
    return f"<{token.name}{described}>"


def _quoted(value: str) -> str:
    return value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def _kept_blanks(line: str) -> str:
    return escape(line, quote=False).replace("  ", "&nbsp; ")
