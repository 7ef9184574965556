"""What a template can do, and what it is kept from: with the short ways as with Jinja2's own."""

import pytest
from jinja2 import DictLoader, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import unsafe
from markupsafe import Markup

from mailgate.core.message import Mailbox
from mailgate.mail.filters import FILTERS, HTML_FILTERS, TEXT_FILTERS, marked_up, plain
from mailgate.mail.sandbox import Sandbox

BOLD = "<b>"
MARKUP = Markup("<b>")
BOB = Mailbox("bob@acme.example", "Bob <& Son>")
SHARED = {"shared": "{% macro about(box) %}{{ box.name }}, {{ box.address }}{% endmacro %}"}
HTML = Sandbox(DictLoader(SHARED), marked_up, FILTERS | HTML_FILTERS, autoescape=True)
TEXT = Sandbox(DictLoader(SHARED), plain, FILTERS | TEXT_FILTERS, autoescape=False)


@unsafe
def harm() -> None:
    """Nothing that a template may call."""


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ bold }}", "&lt;b&gt;"),
        ("{{ bold }}{{ bold | safe }}{{ bold }}", "&lt;b&gt;<b>&lt;b&gt;"),
        ("{{ markup }}{{ bold }}{{ markup }}", "<b>&lt;b&gt;<b>"),
        ("{{ '<i>' }}{{ bold }}", "&lt;i&gt;&lt;b&gt;"),
        ("{{ '<i>' ~ bold }}", "&lt;i&gt;&lt;b&gt;"),
        ("{% autoescape false %}{{ bold }}{% endautoescape %}", "&lt;b&gt;"),
        ("{% set kept %}{{ bold }}{% endset %}{{ kept }}", "&lt;b&gt;"),
        ("{{ box.name }}", "Bob &lt;&amp; Son&gt;"),
        ("{% from 'shared' import about %}{{ about(box) }}", "Bob &lt;&amp; Son&gt;, bob@acme.example"),
        ("{% macro m() %}({{ caller() }}){% endmacro %}{% call m() %}{{ bold }}{% endcall %}", "(&lt;b&gt;)"),
        ("{% for one in [bold] %}{{ one }}{{ loop.index }}{% endfor %}", "&lt;b&gt;1"),
        ("{{ long }}", "&lt;b&gt;" * 100),
        ("{{ 1 }}{{ true }}{{ none }}", "1TrueNone"),
    ],
)
def test_in_html_every_value_is_escaped_once(template: str, shown: str) -> None:
    values = {"bold": BOLD, "markup": MARKUP, "box": BOB, "long": BOLD * 100}
    assert HTML.from_string(template).render(values) == shown


def test_in_text_a_value_stands_as_it_is_on_one_line() -> None:
    template = "{% from 'shared' import about %}{{ about(box) }}: {{ words }}; {{ words | lines }}"
    assert TEXT.from_string(template).render(box=BOB, words="a\nb") == (
        "Bob <& Son>, bob@acme.example: a b; a\nb"
    )


@pytest.mark.parametrize(
    "template",
    [
        "{{ box.__class__ }}",
        "{{ box.__init__.__globals__ }}",
        "{{ '{0.__class__}'.format(box) }}",
        "{{ lines.append('x') }}",
        "{{ harm() }}",
        "{% macro m() %}{% endmacro %}{{ m._func }}",
        "{% macro m() %}{% endmacro %}{{ m.__call__.__globals__ }}",
    ],
)
@pytest.mark.parametrize("sandbox", [HTML, TEXT])
def test_nothing_beneath_a_value_can_be_reached_or_changed(sandbox: Sandbox, template: str) -> None:
    with pytest.raises(SecurityError):
        sandbox.from_string(template).render(box=BOB, lines=[], harm=harm)


@pytest.mark.parametrize(
    "template", ["{{ nobody }}", "{{ box.nmae }}", "{{ box.name.nmae }}", "{{ nobody() }}"]
)
@pytest.mark.parametrize("sandbox", [HTML, TEXT])
def test_a_name_that_is_not_there_is_an_error(sandbox: Sandbox, template: str) -> None:
    with pytest.raises(UndefinedError):
        sandbox.from_string(template).render(box=BOB)
