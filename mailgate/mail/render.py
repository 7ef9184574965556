"""Knows how a mail's words are made from a folder of templates, and by which rules a template is safe.

Templates are ours or the operator's; what comes from outside is only ever a value. Each value stands on one
line unless the template says `lines`, and is escaped in HTML always. All files are read once, so that a
reload takes a whole set of templates or none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import BaseLoader, Environment, TemplateNotFound
from markupsafe import Markup

from mailgate.core.outgoing import MAIL_KIND, Context, MailKind
from mailgate.mail.filters import FILTERS, HTML_FILTERS, TEXT_FILTERS, marked_up, plain
from mailgate.mail.sandbox import Sandbox, names
from mailgate.mail.style import sheet, styled

PARTS = ("subject.txt", "body.txt", "body.html")
SHEET = "_partials/inline.css"
HEAD_SHEET = "_partials/head.css"
TOLD: Mapping[type[Context], tuple[str, ...]] = {context: names(context) for context in MAIL_KIND}
"""What a template may name of each context: its fields and its properties."""


@dataclass(frozen=True, slots=True)
class Source:
    """One template file as it was read."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says."""

    subject: str
    text: str
    html: str


class Look:
    """The templates of one configuration, ready to render.

    Args:
        service: what the desk calls itself, shown in every mail.
        domain: its mail domain; our loop mark.
        shipped: the folder of templates that come with mailgate.
        overrides: a folder whose files stand in for shipped ones; `accounts/NAME/` and `policies/NAME/` in it
            do so for one account or policy, the account's first.
    """

    def __init__(self, service: str, domain: str, shipped: Path, overrides: Path | None = None) -> None:
        self.service = service
        self.domain = domain
        self.shipped = shipped
        self.sources = _read(shipped) | (_read(overrides) if overrides else {})
        shelf = _Shelf(self.sources)
        self._text = Sandbox(shelf, plain, FILTERS | TEXT_FILTERS, autoescape=False)
        self._html = Sandbox(shelf, marked_up, FILTERS | HTML_FILTERS, autoescape=True)
        self._html.globals["stylesheet"] = Markup(shelf.text(HEAD_SHEET))  # noqa: S704 - the operator's own
        self._names: dict[tuple[str, str, MailKind], tuple[str, ...]] = {}
        self._last: tuple[Context | None, tuple[object, ...], Words] = (None, (), Words("", "", ""))

    def words(self, context: Context, now: datetime, account: str = "", policy: str = "") -> Words:
        """What a mail with that to tell says, by the templates of the account, the policy or all.

        A team is told the very same one after another: it is put into words once.

        Raises:
            jinja2.TemplateError: a template is wrong; `mailgate.mail.proof` finds that beforehand.
        """
        before, under, words = self._last
        if before is not context or under != (now, account, policy):
            words = self._put(context, now, self._found(account, policy, MAIL_KIND[type(context)]))
            self._last = context, (now, account, policy), words
        return words

    def rendered(self, name: str, values: Mapping[str, object]) -> str:
        """One template, filled."""
        return self.environment(name).get_template(name).render(values)

    def environment(self, name: str) -> Environment:
        """The environment that a template of this name belongs to."""
        return self._html if name.endswith(".html") else self._text

    def values(self, context: Context, now: datetime) -> dict[str, object]:
        """What a template of this context may name."""
        values: dict[str, object] = {name: getattr(context, name) for name in TOLD[type(context)]}
        values.update(now=now, service=self.service)
        return values

    def _put(self, context: Context, now: datetime, parts: tuple[str, ...]) -> Words:
        subject, text, html = parts
        values = self.values(context, now)
        return Words(
            subject=self.rendered(subject, values).strip(),
            text=self.rendered(text, values).lstrip("\n").rstrip(),
            html=self.rendered(html, values),
        )

    def _found(self, account: str, policy: str, kind: MailKind) -> tuple[str, ...]:
        key = (account, policy, kind)
        if key not in self._names:
            owners = (f"accounts/{account}/", f"policies/{policy}/", "")
            self._names[key] = tuple(
                next(
                    name for owner in owners if (name := f"{owner}{kind}/{part}") in self.sources or not owner
                )
                for part in PARTS
            )
        return self._names[key]


def _read(folder: Path) -> dict[str, Source]:
    return {
        path.relative_to(folder).as_posix(): Source(path, path.read_text(encoding="utf-8", errors="replace"))
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".txt", ".html", ".css"}
    }


class _Shelf(BaseLoader):
    """Gives out templates from memory, each with the path that an error names."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._sheet = sheet(self.text(SHEET))

    def text(self, name: str) -> str:
        """What the file says; nothing where there is none, which `mailgate.mail.proof` tells."""
        return self._sources[name].text if name in self._sources else ""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002 - Jinja2's signature
        """The template's text, with the styles of its classes written out."""
        source = self._sources.get(template)
        if source is None:
            raise TemplateNotFound(template)
        text = styled(source.text, self._sheet) if template.endswith(".html") else source.text
        return text, str(source.path), lambda: True
