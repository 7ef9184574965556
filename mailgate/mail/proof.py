"""Knows how templates are tried before a mail needs them (`mailgate check`).

Every template is filled with each sample of its kind, and every name in it is looked up, also where no sample
leads. A fault is told as `file:line: what is wrong`.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from traceback import extract_tb

from jinja2 import TemplateError, TemplateSyntaxError, nodes

from mailgate.core.outgoing import MAIL_KIND, MailKind
from mailgate.mail.render import HEAD_SHEET, PARTS, SHEET, TOLD, Look
from mailgate.mail.samples import NOW, SAMPLES

_OWNERS = ("accounts", "policies")
_PARTIALS = "_partials"
_SHARED = frozenset({"now", "service", "loop"})
_HELP = "README.txt"


def faults(look: Look) -> tuple[str, ...]:
    """Everything that is wrong with the templates, each as `file:line: what is wrong`; empty for nothing."""
    found = [*_misplaced(look)]
    for name in sorted(look.sources):
        kind = _kind(name)
        if kind is not None:
            found += _faults_of(look, name, kind)
    return tuple(dict.fromkeys(found))


def _faults_of(look: Look, name: str, kind: MailKind) -> Iterator[str]:
    source = look.sources[name]
    if "\N{REPLACEMENT CHARACTER}" in source.text:
        line = source.text.partition("\N{REPLACEMENT CHARACTER}")[0].count("\n") + 1
        yield f"{source.path}:{line}: this is not UTF-8"
    try:
        tree = look.environment(name).parse(source.text, name)
    except TemplateSyntaxError as error:
        yield f"{source.path}:{error.lineno}: {error.message}"
        return
    told = {name for context, its in MAIL_KIND.items() if its is kind for name in TOLD[context]}
    known = told | _SHARED | {*_made(tree), *look.environment(name).globals}
    unknown = [one for one in tree.find_all(nodes.Name) if one.ctx == "load" and one.name not in known]
    for one in unknown:
        yield f"{source.path}:{one.lineno}: there is no '{one.name}' in a mail of the kind {kind}"
    if not unknown:
        yield from _faults_in_use(look, name, kind)


def _faults_in_use(look: Look, name: str, kind: MailKind) -> Iterator[str]:
    for context in SAMPLES[kind]:
        try:
            look.rendered(name, look.values(context, NOW))
        except TemplateSyntaxError as error:  # in a file that this one includes
            yield f"{error.filename}:{error.lineno}: {error.message}"
        except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            yield f"{_place(look, name, error)}: {error}"


def _place(look: Look, name: str, error: Exception) -> str:
    """The line of a template that failed: Jinja2 writes its own lines into the traceback."""
    paths = {str(source.path) for source in look.sources.values()}
    lines = [
        f"{step.filename}:{step.lineno}" for step in extract_tb(error.__traceback__) if step.filename in paths
    ]
    return lines[-1] if lines else f"{look.sources[name].path}:1"


def _misplaced(look: Look) -> Iterator[str]:
    """Files that no mail is made of, and those that change only one of the two bodies."""
    for name, source in sorted(look.sources.items()):
        path = PurePosixPath(name)
        if path.parts[0] == _PARTIALS or path.name == _HELP:
            continue
        if _kind(name) is None:
            kinds, parts = ", ".join(MailKind), ", ".join(PARTS)
            yield f"{source.path}:1: no mail is made of this; there are {kinds}, each with {parts}"
        twin = {"body.txt": "body.html", "body.html": "body.txt"}.get(path.name)
        if twin and str(path.with_name(twin)) not in look.sources:
            yield f"{source.path}:1: {twin} is missing beside it; half of the readers would see other words"
    for name in (SHEET, HEAD_SHEET, *(f"{kind}/{part}" for kind in MailKind for part in PARTS)):
        if name not in look.sources:
            yield f"{look.shipped}:1: {name} is missing"


def _kind(name: str) -> MailKind | None:
    parts = PurePosixPath(name).parts
    if len(parts) == len(_OWNERS) + 2 and parts[0] in _OWNERS:
        parts = parts[2:]
    known = len(parts) == len(_OWNERS) and parts[0] in set(MailKind) and parts[1] in PARTS
    return MailKind(parts[0]) if known else None


def _made(tree: nodes.Template) -> Iterator[str]:
    """The names that a template makes itself, wherever it does: variables, macros, what it imports."""
    yield from (node.name for node in tree.find_all(nodes.Name) if node.ctx != "load")
    yield from (macro.name for macro in tree.find_all(nodes.Macro))
    for line in tree.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in line.names)
