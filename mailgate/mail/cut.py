"""Knows how a page is cut down to exactly the words that were decided on.

What was decided is text: quotations, signatures, commands and internal lines are gone from it already. The
page is gone through paragraph by paragraph; what does not come next in the text goes, with its pictures. What
is left is read once more by other means (mail.html): if it does not say the very same, there is no page.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from mailgate.core.internal import unmarked
from mailgate.mail import html
from mailgate.mail.line import text_of
from mailgate.mail.markup import content_id
from mailgate.mail.tags import Token, attributes, tokens
from mailgate.mail.tidy import BLOCKS, VOID

_PICTURES = re.compile(r"\[(?:image|cid)\s*:[^\]\n]{0,300}\]", re.IGNORECASE)
_TARGETS = re.compile(r"[<\[](?:https?://|mailto:|tel:)[^\s>\]]{1,2100}[>\]]", re.IGNORECASE)
_NUMBERS = re.compile(r"^[\s>]*\d{1,3}[.)](?=\s)", re.MULTILINE)  # of lists, which HTML does not write out
# What programs add and leave out when they write the same words as plain text.
_DRESS = re.compile(
    r"[\s\x00-\x1f*_/~<>|\[\]().,:;'\"`!?^{}\\\-\u00a0\u00ad\u00b4\u00b7"
    r"\u2000-\u206f\u25a0-\u25ff\u3000\ufe0f\ufeff]+"
)
_WORD = re.compile(r"\w+")
_OF_AN_ADDRESS = re.compile(r"@|%40", re.IGNORECASE)
_BREAKS = BLOCKS | {"br", "hr"}


@dataclass(frozen=True, slots=True)
class Cut:
    """A page cut down.

    Args:
        markup: what is left; empty where it would not say exactly the words.
        elsewhere: Content-IDs of the pictures that were cut away.
    """

    markup: str = ""
    elsewhere: frozenset[str] = frozenset()


def cut(markup: str, words: str) -> Cut:
    """What of a sanitised page says the words."""
    page = list(_lines_apart(tokens(markup)))
    stays = _stays(page, words)
    left = [token for token, staying in zip(page, stays, strict=True) if staying]
    shown = _pruned(_unaddressed(left, words))
    says_them = bool(shown) and _says(_read(shown), words)
    return Cut(shown if says_them else "", pictures(page) - pictures(left))


def whole(markup: str, words: str) -> str:
    """The page as it is, if no word is missing from it; empty otherwise, or if it forges a mark of ours."""
    read = _read(markup)
    missing = Counter(_WORD.findall(_spoken(words))) - Counter(_WORD.findall(_spoken(read)))
    return "" if missing or unmarked(read) != read else markup


def pictures(page: Iterable[Token]) -> frozenset[str]:
    """The Content-IDs that a page shows."""
    return frozenset(source_of(token) for token in page if token.name == "img")


def source_of(picture: Token) -> str:
    """The Content-ID of a picture."""
    return content_id(unescape(dict(attributes(picture.attributes)).get("src", "")))


def essence(text: str) -> str:
    """What is the same in a text however a program wrote it: letters, digits and signs, one after another.

    Links that a program writes out, its bullets and numbers of lists, and what stands for pictures, go.
    """
    return _DRESS.sub("", _spoken(text)).casefold()


def _says(read: str, words: str) -> bool:
    """Whether it is the same, and no address stands where the comparison does not look."""
    overlooked = (*_TARGETS.findall(read), *_PICTURES.findall(read))
    addresses = [one for one in overlooked if _OF_AN_ADDRESS.search(one) and one not in words]
    return not addresses and essence(read) == essence(words)


def _spoken(text: str) -> str:
    return _NUMBERS.sub("", _TARGETS.sub("", _PICTURES.sub("", text)))


def _read(markup: str) -> str:
    return text_of(html.lines(markup))


def _lines_apart(page: Iterable[Token]) -> Iterator[Token]:
    """The page with each line of what is preformatted as a text of its own."""
    depth = 0
    for token in page:
        if token.name in {"pre", "/pre"}:
            depth += 1 if token.name == "pre" else -1
        if depth and not token.name:
            yield from (Token("", text=line) for line in token.text.splitlines(keepends=True))
        else:
            yield token


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Texts and pictures up to the end of a line, and the `br` or `hr` that ends it.

    Args:
        parts: which tokens they are.
        text: what it shows; `says` the essence of that.
    """

    parts: tuple[int, ...]
    text: str
    says: str
    pictured: bool
    quoted: bool


def _stays(page: Sequence[Token], words: str) -> list[bool]:
    """Of each token, whether it stays: a tag always, a paragraph if its words come next.

    One without words, a picture or `:-)`, stays with the words that it stands among; a quoted picture only
    between words that stay, for it may say more than they do.
    """
    paragraphs = list(_paragraphs(page))
    wanted = essence(words)
    lines = {line.strip("> \t") for line in words.splitlines()}
    alone = not wanted and bool(_PICTURES.search(words))
    stays = [True] * len(page)
    after: bool | None = None
    for one, before in zip(reversed(paragraphs), reversed(_taken(paragraphs, wanted)), strict=True):
        if one.says:
            after = staying = bool(before)
        elif one.pictured and not one.quoted:
            staying = bool(after or alone) if before is None else before
        else:
            staying = one.text in lines if one.text else bool(before and after)
        for at in one.parts:
            stays[at] = staying
    return stays


def _taken(paragraphs: Iterable[_Paragraph], wanted: str) -> list[bool | None]:
    """Up to each paragraph, whether the last one with words stays; None where there was none yet."""
    taken: list[bool | None] = []
    last: bool | None = None
    at = 0
    for one in paragraphs:
        if one.says:
            last = wanted.startswith(one.says, at)
            at += len(one.says) if last else 0
        taken.append(last)
    return taken


def _paragraphs(page: Sequence[Token]) -> Iterator[_Paragraph]:
    parts: list[int] = []
    depth = 0
    for number, token in enumerate(page):
        ends = token.name.lstrip("/") in _BREAKS
        if not ends or token.name in {"br", "hr"}:
            if not token.name or token.name in VOID:
                parts.append(number)
            ends = ends or token.text.endswith("\n")
        if ends and parts:
            yield _paragraph(page, parts, quoted=depth > 0)
            parts = []
        if token.name.endswith("blockquote"):
            depth += -1 if token.name[0] == "/" else 1
    if parts:
        yield _paragraph(page, parts, quoted=False)


def _paragraph(page: Sequence[Token], parts: list[int], *, quoted: bool) -> _Paragraph:
    text = unescape("".join(page[at].text for at in parts))
    pictured = any(page[at].name == "img" for at in parts)
    return _Paragraph(tuple(parts), text.strip(), essence(text), pictured, quoted)


def _unaddressed(page: Iterable[Token], words: str) -> Iterator[Token]:
    """The page without links that hold an address which the words do not name."""
    for token in page:
        link = unescape(dict(attributes(token.attributes)).get("href", "")) if token.name == "a" else ""
        named = link.partition(":")[2].partition("?")[0]
        hidden = link.replace(named, "") if named and named in words else link
        yield Token("a") if _OF_AN_ADDRESS.search(hidden) else token


def _pruned(page: Iterable[Token]) -> str:
    """The page without the elements in which nothing is left."""
    pieces: list[str] = []
    begun: list[int] = []  # where each open element begins
    full = 0  # so many of them, from outside, hold something
    for token in page:
        if token.name[:1] == "/":
            at = begun.pop()
            if full > len(begun):
                pieces.append(f"<{token.name}>")
                full = len(begun)
            else:
                del pieces[at:]
            continue
        pieces.append(f"<{token.name}{token.attributes}>" if token.name else token.text)
        if token.name and token.name not in VOID:
            begun.append(len(pieces) - 1)
        elif token.name not in {"", "col", "wbr"} or token.text.strip():
            full = len(begun)
    return "".join(pieces)
