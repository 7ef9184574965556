"""Knows how a mail's words are made from a folder of templates, and by which rules a template is safe.

Templates are ours or the operator's; what comes from outside is only ever a value. Each value stands on one
line unless the template says `lines`, and is escaped in HTML always. Which file a part is made of is known to
the shelf; the language of the file decides in which one times and amounts are told in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import TemplateError, TemplateNotFound
from markupsafe import Markup

from mailgate.core.notice import InternalNote, StaffNotice
from mailgate.core.outgoing import MAIL_KIND, Context, Enclosure, MailKind
from mailgate.mail.filters import FILTERS, HTML_FILTERS, TEXT_FILTERS, marked_up, plain, spoken
from mailgate.mail.inplace import InPlace, in_place
from mailgate.mail.sandbox import Loader, Sandbox, names
from mailgate.mail.shelf import Reader, Row, Shelf
from mailgate.mail.style import sheet, styled

PARTS = ("subject.txt", "body.txt", "body.html")
SHEET = "_partials/inline.css"
HEAD_SHEET = "_partials/head.css"
TOLD: Mapping[type[Context], tuple[str, ...]] = {context: names(context) for context in MAIL_KIND}
"""What a template may name of each context: its fields and its properties."""

FAULTS: tuple[type[Exception], ...] = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    SyntaxError,  # of Python, which knows less depth than Jinja2
    TypeError,
    ValueError,
)
"""What comes out of a template that is wrong, or wrong for what it is to say."""

EVERYBODY = Reader()
"""Whoever has no templates of their own."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says, with the files that go along: those that its HTML shows, and the others."""

    subject: str
    text: str
    html: str
    pictures: tuple[Enclosure, ...] = ()
    attached: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a mail: the whole name of its template, and where that is filled in."""

    name: str
    sandbox: Sandbox


class Look:
    """The templates of one configuration, ready to render.

    Args:
        service: what the desk calls itself, shown in every mail.
        domain: its mail domain; our loop mark.
        shipped: the folder of templates that come with mailgate.
        overrides: a folder whose files stand in for shipped ones; see the shelf.
    """

    def __init__(self, service: str, domain: str, shipped: Path, overrides: Path | None = None) -> None:
        self.service = service
        self.domain = domain
        self.shelf = Shelf(shipped, overrides)
        self._sandboxes: dict[tuple[tuple[Row, ...], str, bool], Sandbox] = {}
        self._parts: dict[tuple[Reader, MailKind], tuple[Part, ...]] = {}
        self._last: tuple[Context | None, tuple[Enclosure, ...], tuple[object, ...], Words]
        self._last = None, (), (), Words("", "", "")

    def words(
        self,
        context: Context,
        now: datetime,
        reader: Reader = EVERYBODY,
        files: tuple[Enclosure, ...] = (),
    ) -> Words:
        """What a mail with that to tell says, by the templates of its reader, with the files that go along.

        A team is told the very same one after another: it is put into words once.

        Raises:
            jinja2.TemplateError: a template is wrong; `mailgate.mail.proof` finds that beforehand.
        """
        before, along, under, words = self._last
        if before is not context or along is not files or under != (now, reader):
            shown = in_place(context, files, self.domain)
            words = self._put(context, now, self.parts(MAIL_KIND[type(context)], reader), shown)
            self._last = context, files, (now, reader), words
        return words

    def rendered(self, part: Part, values: Mapping[str, object]) -> str:
        """One part, filled."""
        return part.sandbox.filled(part.name, values)

    def values(self, context: Context, now: datetime) -> dict[str, object]:
        """What a template of this context may name; of somebody's own dress only what may be shown."""
        return self._values(context, now, in_place(context, (), self.domain))

    def parts(self, kind: MailKind, reader: Reader) -> tuple[Part, ...]:
        """Subject, text and HTML of a kind of mail for a reader.

        Raises:
            jinja2.TemplateNotFound: this installation has no such file.
        """
        key = (reader, kind)
        if key not in self._parts:
            self._parts[key] = tuple(self.part(f"{kind}/{part}", reader) for part in PARTS)
        return self._parts[key]

    def part(self, name: str, reader: Reader) -> Part:
        """One part by its name, `page/body.txt`, for a reader.

        Raises:
            jinja2.TemplateNotFound: this installation has no such file.
        """
        rows = self.shelf.rows(reader)
        found = self.shelf.found(name, rows)
        if found is None:
            raise TemplateNotFound(name)
        whole, row = found
        # English words are told English times, whoever reads them: one mail is in one language.
        within = tuple(one for one in rows if row.language or "languages/" not in one.prefix)
        return Part(whole, self._sandbox(within, row.language, html=name.endswith(".html")))

    def language_of(self, reader: Reader) -> str:
        """The tag of the language that a customer is acknowledged in; empty for English."""
        found = self.shelf.found(f"{MailKind.ACKNOWLEDGEMENT}/{PARTS[1]}", self.shelf.rows(reader))
        return found[1].language if found else ""

    def _sandbox(self, rows: tuple[Row, ...], language: str, *, html: bool) -> Sandbox:
        key = (rows, language, html)
        if key not in self._sandboxes:
            self._sandboxes[key] = self._made(rows, language, html=html)
        return self._sandboxes[key]

    def _made(self, rows: tuple[Row, ...], language: str, *, html: bool) -> Sandbox:
        tongue = self.shelf.tongue(language)
        own = HTML_FILTERS if html else TEXT_FILTERS
        ways = _Ways(self.shelf, rows)
        shown = marked_up if html else plain
        sandbox = Sandbox(ways, shown, FILTERS | own | spoken(tongue), autoescape=html)
        sandbox.globals.update(language=tongue.tag, direction=tongue.direction)
        if html:
            sandbox.globals["stylesheet"] = Markup(ways.text(HEAD_SHEET))  # noqa: S704 - the operator's own
        return sandbox

    def _put(self, context: Context, now: datetime, parts: tuple[Part, ...], shown: InPlace) -> Words:
        values = self._values(context, now, shown)
        subject, text, html = (self.rendered(part, values) for part in parts)
        text = text.lstrip("\n").rstrip()
        return Words(subject.strip(), text, html, shown.pictures, shown.attached)

    def _values(self, context: Context, now: datetime, shown: InPlace) -> dict[str, object]:
        values: dict[str, object] = {name: getattr(context, name) for name in TOLD[type(context)]}
        values.update(now=now, service=self.service)
        if "markup" in values:
            values["markup"] = shown.page
        if isinstance(context, StaffNotice | InternalNote):  # what stands in its place is not told again
            values["attachments"] = tuple(
                one for one in context.attachments if one.content_id not in shown.shown
            )
        return values


class _Ways(Loader):
    """Gives out templates from memory by their whole names, each with the path that an error names."""

    def __init__(self, shelf: Shelf, rows: tuple[Row, ...]) -> None:
        self._shelf = shelf
        self._rows = rows
        self._sheet = sheet(self.text(SHEET))

    def text(self, name: str) -> str:
        """What the file of that name says; nothing where there is none, which `mailgate.mail.proof` tells."""
        found = self._shelf.found(name, self._rows)
        return self._shelf.sources[found[0]].text if found else ""

    def whole_name(self, name: str, parent: str) -> str:
        """Which file is meant by a name in another one."""
        own = parent.endswith((f"/{name}", f":{name}")) or parent == name
        found = self._shelf.found(name, self._rows, below=parent if own else "")
        if found is None:
            raise TemplateNotFound(name)
        return found[0]

    def get_source(self, environment: object, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002 - Jinja2's signature
        """The template's text, with the styles of its classes written out."""
        source = self._shelf.sources.get(template)
        if source is None:
            raise TemplateNotFound(template)
        text = styled(source.text, self._sheet) if template.endswith(".html") else source.text
        return text, str(source.path), lambda: True
