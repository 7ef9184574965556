import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail import html
from mailgate.mail.line import text_of


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div>a<div>b</div>c</div>", "a\nb\nc"),
        ("  many \n\t blanks  &amp; <b>bold</b>ly", "many blanks & boldly"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<title>t</title><style>p{}</style><script>alert('<p>')</script>x", "x"),
        ("a<!-- hidden <b> -->b<!--[if mso]><p>c</p><![endif]-->d", "abd"),
        ("<style>never closed <p>shown</p>", "never closed\n\nshown"),
        ("<!-- never closed <p>shown</p>", "shown"),
        ('<img alt="a > b">x', "x"),
        ("1 < 2 and 3 > 2<br>", "1 < 2 and 3 > 2"),
        ('<a href="https://a.example/x">here</a> it is', "here it is <https://a.example/x>"),
        ('<a href="https://a.example/">https://a.example</a>', "https://a.example"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ("<p class=MsoNormal>a</p><p class=MsoNormal>b</p>", "a\nb"),
        ("<blockquote type=cite>a<blockquote type=cite>b</blockquote></blockquote>c", "> a\n>\n> > b\n\nc"),
        ("a&nbsp;b&#x41;&bogus;", "a bA&bogus;"),
        ("plain text\nunder a wrong label", "plain text\nunder a wrong label"),
        ("", ""),
    ],
)
def test_a_page_reads_as_text(markup: str, text: str) -> None:
    assert text_of(html.lines(markup)) == text


PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<",
        ">",
        "<!--",
        "-->",
        "<style>",
        "</style>",
        '"',
        "x",
        "\n",
        "<pre>",
        "<a href='http://x'>",
        "</a>",
        "&#13;",
        "&#0;",
        "<blockquote type=cite>",
        "</blockquote>",
        "<td>",
        "&amp;",
        "&#",
        '<div class="gmail_quote">',
        "<li>",
    ]
)


@given(st.one_of(st.text(max_size=100), st.lists(PIECES, max_size=40).map("".join)))
def test_any_markup_gives_lines(markup: str) -> None:
    assert all("\n" not in line.text for line in html.lines(markup))
