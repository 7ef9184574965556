"""Knows which file a part of a mail is made of: the account's own, the policy's, the language's, the shipped.

A file that names its own name (`{% extends %}`, `{% include %}`, `{% import %}`) means the next one below it.
All files are read once, so that a reload takes a whole set of templates or none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mailgate.core.tongue import ENGLISH, Tongue
from mailgate.mail import phrasebook
from mailgate.mail.phrasebook import Forms, Phrasebook, PhrasebookError

SHIPPED = "shipped:"
"""Before the names of files that came with the program; no file of an operator can have such a name."""

PHRASES = "phrases.toml"
LARGEST_FILE = 262_144
"""Octets of a template: what is larger was put there by mistake."""

_KINDS = frozenset({".txt", ".html", ".css"})


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was read; `fault` says why it was not."""

    path: Path
    text: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a mail is for, as far as its words go: an account, its policy, the tag of its language."""

    account: str = ""
    policy: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One folder in which a reader's templates are looked for, and the language of what is in it."""

    prefix: str
    language: str


class Shelf:
    """Every template of one configuration.

    Args:
        shipped: the folder of templates that come with mailgate.
        overrides: the operator's own folder, None for none.
    """

    def __init__(self, shipped: Path, overrides: Path | None = None) -> None:
        self.shipped = shipped
        self.sources: Mapping[str, Source] = {
            **{f"{SHIPPED}{name}": source for name, source in _read(shipped)},
            **(dict(_read(overrides)) if overrides else {}),
        }
        self._folders = frozenset(_folders(self.sources))
        self._tongues: dict[str, Tongue] = {"": ENGLISH, ENGLISH.tag: ENGLISH}

    def rows(self, reader: Reader) -> tuple[Row, ...]:
        """The folders that there are for a reader, the first winning.

        What stands under an account or a policy is in the language of its readers.
        """
        own = reader.language
        rows = [Row(f"accounts/{reader.account}/", own), Row(f"policies/{reader.policy}/", own)]
        for tag in _fallbacks(own):
            rows += [Row(f"{owner}languages/{tag}/", own) for owner in ("", SHIPPED)]
        rows += [Row("", ""), Row(SHIPPED, "")]
        return tuple(row for row in rows if row.prefix in self._folders)

    def found(self, name: str, rows: tuple[Row, ...], below: str = "") -> tuple[str, Row] | None:
        """The whole name of the first file of that name, and its row.

        Args:
            below: the whole name of a file of that name: what is above it, and itself, is passed over.
        """
        passed = not below
        for row in rows:
            whole = f"{row.prefix}{name}"
            if passed and whole in self.sources:
                return whole, row
            passed = passed or whole == below
        return None

    def standing(self, name: str) -> Iterator[tuple[str, str, Source]]:
        """Every file of a name, the most general first: its whole name, and whose it is in words."""
        same = [whole for whole in self.sources if whole == name or whole.endswith((f"/{name}", f":{name}"))]
        for whole in sorted(same, key=lambda one: (one.count("/"), not one.startswith(SHIPPED), one)):
            yield whole, _owner_in_words(whole.removesuffix(name)), self.sources[whole]

    def languages(self) -> frozenset[str]:
        """Tags of the languages that there are templates in."""
        found = (folder.removeprefix(SHIPPED).split("/") for folder in self._folders)
        return frozenset(parts[1] for parts in found if parts[0] == "languages")

    def tongue(self, tag: str) -> Tongue:
        """What tells times and amounts in a language."""
        if tag not in self._tongues:
            # Most desks write English alone, and need not wait for a library of all languages.
            from mailgate.mail.tongue import Translated  # noqa: PLC0415

            self._tongues[tag] = Translated(tag, Phrasebook(self.phrases(tag)))
        return self._tongues[tag]

    def knows(self, tag: str) -> bool:
        """Whether it is the tag, in its usual case, of a language whose times and plurals can be told."""
        from mailgate.mail.tongue import known_tag  # noqa: PLC0415 - as above

        return known_tag(tag) == tag

    def phrases(self, tag: str) -> dict[str, Forms]:
        """What is said in a language, by the English phrase."""
        return {phrase: forms for source in self.books(tag) for phrase, forms in _usable(source).items()}

    def books(self, tag: str) -> tuple[Source, ...]:
        """The phrase books of a language, the last winning: of `pt` before `pt-BR`, shipped before own."""
        names = (
            f"{owner}languages/{one}/{PHRASES}"
            for one in reversed(_fallbacks(tag))
            for owner in (SHIPPED, "")
        )
        return tuple(self.sources[name] for name in names if name in self.sources)

    def folder(self, tag: str) -> Path:
        """Where the templates of a language lie."""
        prefixes = (f"{owner}languages/{tag}/" for owner in ("", SHIPPED))
        name = next(name for prefix in prefixes for name in self.sources if name.startswith(prefix))
        depth = len(name.split("/")) - len(["languages", tag])
        return self.sources[name].path.parents[depth - 1]


def _owner_in_words(prefix: str) -> str:
    """`account acme`, `language de, shipped`, `shipped`; `everybody` for what the operator gives to all."""
    owner, _, named = prefix.removeprefix(SHIPPED).rstrip("/").partition("/")
    words = {"accounts": f"account {named}", "policies": f"policy {named}", "languages": f"language {named}"}
    shipped = "shipped" if prefix.startswith(SHIPPED) else ""
    return ", ".join(filter(None, (words.get(owner, ""), shipped))) or "everybody"


def _fallbacks(tag: str) -> tuple[str, ...]:
    """The tag and what it falls back to: `pt-BR`, `pt` (RFC 4647 section 3.4)."""
    parts = tag.split("-") if tag and tag != ENGLISH.tag else []
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


def _usable(source: Source) -> dict[str, Forms]:
    try:
        return phrasebook.usable(phrasebook.read(source.text))
    except PhrasebookError:
        return {}  # `mailgate.mail.proof` tells it


def _read(folder: Path) -> Iterator[tuple[str, Source]]:
    for path in sorted(folder.rglob("*")):
        if (path.suffix in _KINDS or path.name == PHRASES) and not path.is_dir():
            yield path.relative_to(folder).as_posix(), _read_file(path)


def _read_file(path: Path) -> Source:
    if not path.is_file():  # to read a pipe is to wait for whoever writes to it
        return Source(path, "", "this is no file")
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST_FILE + 1)
    except OSError as error:
        return Source(path, "", f"cannot be read: {error.strerror or error}")
    if len(octets) > LARGEST_FILE:
        return Source(path, "", f"is larger than any template needs to be, {LARGEST_FILE} octets")
    return Source(path, octets.decode("utf-8", "replace").replace("\r\n", "\n"))


def _folders(sources: Mapping[str, Source]) -> Iterator[str]:
    """Every folder that can be a row."""
    yield from ("", SHIPPED)
    for name in sources:
        owner, bare = (SHIPPED, name.removeprefix(SHIPPED)) if name.startswith(SHIPPED) else ("", name)
        parts = bare.split("/")
        if len(parts) > len(("owner", "name")) and parts[0] in {"accounts", "policies", "languages"}:
            yield f"{owner}{parts[0]}/{parts[1]}/"
