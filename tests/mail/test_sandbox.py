"""What a template can do, and what it is kept from: with the short ways as with Jinja2's own."""

from datetime import UTC, datetime

import pytest
from jinja2 import DictLoader, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import unsafe
from markupsafe import Markup

from mailgate.core.message import Mailbox
from mailgate.mail.filters import FILTERS, HTML_FILTERS, TEXT_FILTERS, marked_up, plain
from mailgate.mail.sandbox import Sandbox

BOLD = "<b>"
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
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
    "template",
    [
        pytest.param(
            "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}", id="loops"
        ),
        pytest.param("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}", id="calls"),
        pytest.param("{{ range(1000000) | list }}", id="counts"),
        pytest.param("{{ 'x' * 1000000000 }}", id="repeats"),
        pytest.param("{{ [0] * 1000000000 }}", id="repeats a list"),
        pytest.param("{{ 2 ** 1000000000 }}", id="raises"),
        pytest.param("{{ '%1000000000d' % 1 }}", id="pads by a format"),
        pytest.param("{{ 'x'.ljust(1000000000) }}", id="pads"),
        pytest.param("{{ 'x'['ljust'](1000000000) }}", id="pads by an item"),
        pytest.param("{{ '{:1000000000}'.format(1) }}", id="pads by a method"),
        pytest.param("{{ 1 .to_bytes(1000000000) }}", id="makes octets"),
        pytest.param("{{ now.strftime('%1000000000d') }}", id="pads a date"),
        pytest.param("{{ long | replace('x', long) | replace('x', long) | length }}", id="replaces"),
        pytest.param("{{ [long] | join(long) }}{{ (long ~ long) | join(long) }}", id="joins"),
        pytest.param(
            "{% set n = namespace(x=long) %}{% for a in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
            id="doubles",
        ),
        pytest.param(
            "{% set n = namespace(x=long) %}{% for a in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
            id="adds to itself",
        ),
        pytest.param(
            "{% set ns = namespace(x=long | lines) %}{% for a in range(60) %}"
            "{% set ns.x %}{{ ns.x | lines }}{{ ns.x | lines }}{% endset %}{% endfor %}",
            id="doubles what is shown",
        ),
    ],
)
@pytest.mark.parametrize("sandbox", [HTML, TEXT])
def test_a_template_that_would_never_end_or_fill_the_memory_is_stopped(
    sandbox: Sandbox, template: str
) -> None:
    sandbox.loader = DictLoader({**SHARED, "attack": template})
    sandbox._ready.pop("attack", None)
    with pytest.raises((SecurityError, RecursionError)):
        sandbox.filled("attack", {"long": "x" * 50_000, "now": NOW})


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'x' | center(1000000000) }}",
        "{{ 'x' | indent(1000000000) }}",
        "{{ '%1000000000d' | format(1) }}",
        "{{ box | attr('__class__') }}",
        "{{ box | xmlattr }}",
        "{{ 1.5 | round(1000000000, 'floor') }}",
        "{{ lipsum(n=1000000) }}",
    ],
)
@pytest.mark.parametrize("sandbox", [HTML, TEXT])
def test_what_could_make_much_of_little_is_not_there(sandbox: Sandbox, template: str) -> None:
    with pytest.raises((TemplateSyntaxError, UndefinedError)):
        sandbox.from_string(template).render(box=BOB)


def test_a_customers_words_are_never_a_template() -> None:
    subject = "{{ 7 * 7 }}{% include '/etc/passwd' %}{% for a in range(99999999) %}"
    assert TEXT.from_string("{{ words }}{{ words | lines }}").render(words=subject) == subject * 2


@pytest.mark.parametrize(
    "template", ["{{ nobody }}", "{{ box.nmae }}", "{{ box.name.nmae }}", "{{ nobody() }}"]
)
@pytest.mark.parametrize("sandbox", [HTML, TEXT])
def test_a_name_that_is_not_there_is_an_error(sandbox: Sandbox, template: str) -> None:
    with pytest.raises(UndefinedError):
        sandbox.from_string(template).render(box=BOB)
