"""Knows how templates are tried before a mail needs them (`mailgate check`, `mailgate template check`).

Every template is filled with each sample of its kind, as each of its readers gets it, and with other people's
worst words in every text; every name in it is looked up, also where no sample leads.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from traceback import extract_tb

from jinja2 import TemplateNotFound, TemplateSyntaxError, nodes

from mailgate.core.outgoing import MAIL_KIND, MailKind
from mailgate.core.tongue import ENGLISH, Phrase
from mailgate.mail import phrasebook
from mailgate.mail.phrasebook import PhrasebookError
from mailgate.mail.remedy import nearest, remedy
from mailgate.mail.render import FAULTS, HEAD_SHEET, PARTS, SHEET, TOLD, Look, Part
from mailgate.mail.samples import NOW, SAMPLES, hostile
from mailgate.mail.shelf import PHRASES, SHIPPED, Reader, Source

LONGEST_HTML = 102_400
"""Octets; some mail programs cut off what is longer."""

_OWNERS = ("accounts", "policies", "languages")
_PARTIALS = "_partials"
_SHARED = frozenset({"now", "service"})
_OF_JINJA = frozenset({"loop", "super", "self", "caller", "varargs", "kwargs"})
_HELP = "README.txt"
_OBJECT = re.compile(r"'(?:\w+\.)*(\w+) object'")


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in a template. It prints as `file:line: what is wrong: what would be right`."""

    file: Path
    line: int
    wrong: str
    right: str = ""

    def __str__(self) -> str:
        return ": ".join(filter(None, (f"{self.file}:{self.line}", self.wrong, self.right)))


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a configuration writes to.

    Args:
        readers: one for each account.
        policies: the names of all policies, also of those that no account has.
    """

    readers: tuple[Reader, ...] = ()
    policies: Collection[str] = ()

    @property
    def owners(self) -> dict[str, Collection[str]]:
        """By what a folder is of, the names that there are."""
        return {"accounts": {one.account for one in self.readers}, "policies": self.policies}


def faults(look: Look, audience: Audience | None = None) -> tuple[Fault, ...]:
    """Everything that is wrong with the templates.

    Args:
        audience: None where it is not known: then a folder may be of anybody.
    """
    found = [*_misplaced(look, audience), *_missing(look), *_books(look)]
    tried: set[tuple[str, int]] = set()
    for reader in _readers(look, audience):
        for name in (f"{kind}/{part}" for kind in MailKind for part in PARTS):
            try:
                part = look.part(name, reader)
            except TemplateNotFound:
                continue  # told as missing
            if (part.name, id(part.sandbox)) not in tried:
                tried.add((part.name, id(part.sandbox)))
                found += _faults_of(look, part, MailKind(name.partition("/")[0]))
    return tuple(dict.fromkeys(found))


def _readers(look: Look, audience: Audience | None) -> Iterator[Reader]:
    """Those of the configuration, then one for each folder that none of them would show."""
    yield Reader()
    yield from audience.readers if audience else ()
    for name in look.shelf.sources:
        owner, named, *_ = (*name.removeprefix(SHIPPED).split("/"), "")
        match owner:
            case "accounts":
                yield Reader(account=named)
            case "policies":
                yield Reader(policy=named)
            case "languages" if look.shelf.knows(named):
                yield Reader(language=named)


def _faults_of(look: Look, part: Part, kind: MailKind) -> Iterator[Fault]:
    source = look.shelf.sources[part.name]
    if source.fault:
        return
    try:
        tree = part.sandbox.parse(source.text, part.name)
    except TemplateSyntaxError as error:
        yield Fault(
            source.path, error.lineno, _unstopped(error) or "cannot be read", remedy(error, part.sandbox)
        )
        return
    except RecursionError as error:
        yield Fault(source.path, 1, "this is nested too deep", remedy(error, part.sandbox))
        return
    told = {name for context, its in MAIL_KIND.items() if its is kind for name in TOLD[context]}
    known = told | _SHARED | _OF_JINJA | {*_made(tree), *part.sandbox.globals}
    unknown = [one for one in tree.find_all(nodes.Name) if one.ctx == "load" and one.name not in known]
    for one in unknown:
        wrong = f"there is no '{one.name}' in a mail of the kind {kind}"
        yield Fault(source.path, one.lineno, wrong, nearest(one.name, told | _SHARED))
    if not unknown:
        yield from _faults_in_use(look, part, kind)


def _faults_in_use(look: Look, part: Part, kind: MailKind) -> Iterator[Fault]:
    source = look.shelf.sources[part.name]
    for context in (one for sample in SAMPLES[kind] for one in (sample, hostile(sample))):
        try:
            made = look.rendered(part, look.values(context, NOW))
        except TemplateSyntaxError as error:  # in a file that this one includes
            file = Path(error.filename or source.path)
            yield Fault(file, error.lineno, _unstopped(error), remedy(error, part.sandbox))
        except FAULTS as error:
            file, line = _place(look, source, error)
            yield Fault(file, line, _told(error), remedy(error, part.sandbox))
        else:
            yield from _faults_in_words(source, made, worst=context not in SAMPLES[kind])


def _faults_in_words(source: Source, made: str, *, worst: bool) -> Iterator[Fault]:
    """What is wrong with a part that could be made; `worst` is what came of hostile words."""
    if worst and "<script>alert" in made and source.path.suffix == ".html":
        line = _line_of(source.text, "safe")
        yield Fault(source.path, line, "lets words of others be HTML", "the value without `| safe`")
    if source.path.name == PARTS[0] and len(made.strip().splitlines()) != 1:
        yield Fault(source.path, 1, "this makes no subject of one line", "one line of words")
    if not worst and source.path.suffix == ".html" and len(made.encode()) >= LONGEST_HTML:
        wrong = f"makes {len(made.encode())} octets of a full sample, and some mail programs cut it"
        yield Fault(source.path, 1, wrong, f"less than {LONGEST_HTML}")
    if not worst and source.path.name == PARTS[1]:
        long = next((line for line in made.splitlines() if len(line) > 78), None)  # noqa: PLR2004 - columns
        if long:
            wrong = f'makes a line of {len(long)} columns, "{long.strip()[:24]}..."'
            yield Fault(source.path, 1, wrong, "at most 78; `| wrapped` breaks lines")


def _place(look: Look, source: Source, error: Exception) -> tuple[Path, int]:
    """The line of a template that failed: Jinja2 writes its own lines into the traceback."""
    paths = {str(one.path): one.path for one in look.shelf.sources.values()}
    lines = [
        (paths[step.filename], step.lineno or 1)
        for step in extract_tb(error.__traceback__)
        if step.filename in paths
    ]
    return lines[-1] if lines else (source.path, 1)


def _unstopped(error: TemplateSyntaxError) -> str:
    """What Jinja2 says, without the full stop before our colon."""
    return (error.message or "").rstrip(".")


def _told(error: Exception) -> str:
    match error:
        case TemplateNotFound():
            return f"there is no template '{error.name}'"
        case RecursionError():
            return "this calls itself without an end"
        case MemoryError():
            return "this makes more than there is room for"
        case SyntaxError():
            return "this is nested too deep"
        case _:
            return _OBJECT.sub(r"\1", str(error))


def _misplaced(look: Look, audience: Audience | None) -> Iterator[Fault]:
    """Files that no mail is made of, and those that change only one of the two bodies."""
    for name, source in sorted(look.shelf.sources.items()):
        if source.fault:
            yield Fault(source.path, 1, source.fault, "a template that can be read")
        if "\N{REPLACEMENT CHARACTER}" in source.text:
            line = _line_of(source.text, "\N{REPLACEMENT CHARACTER}")
            yield Fault(source.path, line, "this is not UTF-8", "the same words in UTF-8")
        *owner, inner = _split(name)
        yield from _owner_faults(look, source, owner, audience)
        path = PurePosixPath(inner)
        if (
            path.parts[0] == _PARTIALS
            or path.name == _HELP
            or (owner[:1] == ["languages"] and inner == PHRASES)
        ):
            continue
        if not _is_part(path):
            kinds, parts = ", ".join(MailKind), ", ".join(PARTS)
            yield Fault(source.path, 1, "no mail is made of this", f"there are {kinds}, each with {parts}")
        twin = {PARTS[1]: PARTS[2], PARTS[2]: PARTS[1]}.get(path.name)
        if twin and f"{name.removesuffix(path.name)}{twin}" not in look.shelf.sources:
            wrong = f"{twin} is missing beside it; half of the readers would see other words"
            yield Fault(source.path, 1, wrong, f"{source.path.with_name(twin).name} with the same words")


def _owner_faults(look: Look, source: Source, owner: list[str], audience: Audience | None) -> Iterator[Fault]:
    """A folder of somebody or something that there is not."""
    if not owner:
        return
    kind, named = owner
    if kind == "languages":
        if named == ENGLISH.tag:
            yield Fault(
                source.path, 1, "English is the language of what is in no folder of a language", "none"
            )
        elif not look.shelf.knows(named):
            right = 'a tag as it is usual, "de" or "pt-BR"'
            yield Fault(source.path, 1, f"'{named}' is no tag of a language", right)
    elif audience and named not in audience.owners[kind]:
        wrong = f"there is no {'account' if kind == 'accounts' else 'policy'} '{named}'"
        yield Fault(source.path, 1, wrong, nearest(named, audience.owners[kind]))


def _missing(look: Look) -> Iterator[Fault]:
    for name in (SHEET, HEAD_SHEET, *(f"{kind}/{part}" for kind in MailKind for part in PARTS)):
        if f"{SHIPPED}{name}" not in look.shelf.sources:
            yield Fault(look.shelf.shipped, 1, f"{name} is missing", "an installation that is whole")


def _books(look: Look) -> Iterator[Fault]:
    """What is wrong in phrase books, and what is missing in them."""
    tags = {
        owner[1] for name in look.shelf.sources for *owner, _ in [_split(name)] if owner[:1] == ["languages"]
    }
    for tag in sorted(tag for tag in tags if look.shelf.knows(tag)):
        sources = look.shelf.books(tag)
        broken = [fault for source in sources for fault in _book_faults(source)]
        yield from broken
        said = look.shelf.phrases(tag)
        lacking = [phrase for phrase in Phrase if phrase not in said]
        if lacking and not broken:
            file = sources[-1].path if sources else look.shelf.folder(tag) / PHRASES
            listed = ", ".join(f'"{phrase}"' for phrase in lacking)
            yield Fault(file, 1, f"does not say {listed}", f'a line for each: "{lacking[0]}" = "..."')


def _book_faults(source: Source) -> Iterator[Fault]:
    try:
        table = phrasebook.read(source.text)
    except PhrasebookError as error:
        yield Fault(source.path, error.line, str(error), "TOML, a phrase to a line")
        return
    for phrase, wrong, right in phrasebook.mistakes(table):
        yield Fault(source.path, _line_of(source.text, phrase), f'"{phrase}" {wrong}', right)


def _split(name: str) -> list[str]:
    """`accounts`, `acme`, `page/body.txt`; the last alone where the file is everybody's."""
    bare = name.removeprefix(SHIPPED)
    parts = bare.split("/", 2)
    return parts if parts[0] in _OWNERS and len(parts) > len(_OWNERS) - 1 else [bare]


def _is_part(path: PurePosixPath) -> bool:
    return len(path.parts) == 2 and path.parts[0] in set(MailKind) and path.parts[1] in PARTS  # noqa: PLR2004 - kind and part


def _line_of(text: str, words: str) -> int:
    before, found, _ = text.partition(words)
    return before.count("\n") + 1 if found else 1


def _made(tree: nodes.Template) -> Iterator[str]:
    """The names that a template makes itself, wherever it does: variables, macros, what it imports."""
    yield from (node.name for node in tree.find_all(nodes.Name) if node.ctx != "load")
    yield from (macro.name for macro in tree.find_all(nodes.Macro))
    yield from (line.target for line in tree.find_all(nodes.Import))
    for line in tree.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in line.names)
