"""Knows how words of others stand in a mail of ours in their own dress, with pictures in their places.

A picture gets a Content-ID of ours. What cannot be shown in its place goes along as an attachment, except
what came from a quotation: that was somebody else's to send.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from html import escape, unescape

from markupsafe import Markup

from mailgate.core.notice import InternalNote, RelayedReply, StaffNotice
from mailgate.core.outgoing import Context, Enclosure
from mailgate.mail.cut import cut, source_of, whole
from mailgate.mail.markup import PICTURES, judged
from mailgate.mail.tags import Token, attributes, tokens

_WIDE = "max-width:100%;height:auto"  # as large as the reader's screen, and no larger


@dataclass(frozen=True, slots=True)
class InPlace:
    """A page as it is shown, and the files that go along.

    Args:
        page: empty where the words are shown as text.
        pictures: what it shows, under Content-IDs of ours; `shown` are those that they came with.
        attached: the other files.
    """

    page: Markup
    pictures: tuple[Enclosure, ...]
    attached: tuple[Enclosure, ...]
    shown: frozenset[str] = frozenset()


def in_place(context: Context, files: Sequence[Enclosure], domain: str) -> InPlace:
    """What the context says in its own dress. `domain` is ours, for the Content-IDs."""
    match context:
        case StaffNotice(markup=markup, text=text) if markup:
            page, elsewhere = whole(markup, text), frozenset[str]()
        case RelayedReply(markup=markup, text=text) | InternalNote(markup=markup, text=text) if markup:
            done = cut(markup, text)
            page, elsewhere = done.markup, done.elsewhere
        case _:
            return InPlace(Markup(), (), tuple(files))
    by_id = {file.content_id: file for file in reversed(files) if file.content_type in PICTURES}
    ours = {old: _renamed(file, domain) for old, file in by_id.items()}
    placed = [_placed(token, ours) for token in tokens(page)]
    shown = {piece.source for piece in placed if piece.source}
    pictures = {ours[source].content_id: ours[source] for source in shown}
    gone = [by_id[source] for source in (shown | elsewhere) & by_id.keys()]
    return InPlace(
        Markup(judged("".join(piece.markup for piece in placed))),  # noqa: S704 - it was judged just now
        tuple(pictures[one] for one in sorted(pictures)),
        tuple(file for file in files if not any(file is one for one in gone)),
        frozenset(shown),
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a page; `source` is the Content-ID of the picture that it is."""

    markup: str
    source: str = ""


def _placed(token: Token, ours: Mapping[str, Enclosure]) -> _Piece:
    if token.name != "img":
        return _Piece(f"<{token.name}{token.attributes}>" if token.name else token.text)
    source = source_of(token)
    if source not in ours:
        return _Piece("")
    known = dict(attributes(token.attributes))
    size = [(name, unescape(known[name])) for name in ("width", "height") if name in known]
    described = [("src", f"cid:{ours[source].content_id}"), ("alt", ours[source].filename), *size]
    return _Piece(_tag("img", [*described, ("style", _WIDE)]), source)


def _tag(name: str, described: Iterable[tuple[str, str]]) -> str:
    return f"<{name}" + "".join(f' {key}="{escape(value)}"' for key, value in described) + ">"


def _renamed(file: Enclosure, domain: str) -> Enclosure:
    """The file under a Content-ID that tells of nothing but its bytes (RFC 2045 section 7)."""
    return replace(file, content_id=f"{blake2b(file.content, digest_size=12).hexdigest()}@{domain}")
