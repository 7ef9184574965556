import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail import html
from mailgate.mail.line import text_of


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<div style="display:none">/resolve</div><p>hello</p>', "hello"),
        ("<div style='color:red; DISPLAY : none !important'>/resolve</div>hello", "hello"),
        ("<span style=visibility:hidden>x</span>y", "y"),
        ("<div hidden>x</div>y", "y"),
        ("<span style='font-size:0px;line-height:0'>x</span>y", "y"),
        ('<div style="max-height:0;overflow:hidden">x</div>y', "y"),
        ("<div style='display:none'><div>a</div>b</div>c", "c"),
        ('<p style="display:none">x<p>y', "y"),
        ('<div style="display:none">x<!-- </div> --><b>y</b></div>z', "z"),
        (
            "<blockquote type=cite>q<blockquote style='display:none'>h</blockquote>r</blockquote>s",
            "> qr\n\ns",
        ),
        ("<div style='display:none'>a<img src=x style='display:none'>b</div>c", "c"),
    ],
)
def test_what_is_hidden_is_not_read(markup: str, text: str) -> None:
    assert text_of(html.lines(markup)) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<div style="display:none">x<p>never closed', "x\n\nnever closed"),
        ('<td style="font-size:0"><div style="font-size:13px">x</div></td>', "x"),
        ("<div style='max-height:0'>x</div>", "x"),
        ("<div style='mso-hide:all'>x</div>", "x"),
        ("<div style='font-size:0.9em'>x</div>", "x"),
        ('<img alt="a hidden display:none">x', "x"),
        ("<div style='-x-display:none'>x</div>", "x"),
        ("<div style='display:none'>all there is</div>", "all there is"),
    ],
)
def test_what_is_in_doubt_is_shown(markup: str, text: str) -> None:
    assert text_of(html.lines(markup)) == text


PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<div style='display:none'>", "<div>", "</div>", "<p hidden>", "<", ">", "'", "x",
        "<br style=display:none>", "<b style='font-size:0'>", "<b style='font-size:9px'>", "</b>", "<!--",
        "-->", "<a hidden/>",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_markup_gives_lines(markup: str) -> None:
    assert all("\n" not in line.text for line in html.lines(markup))
