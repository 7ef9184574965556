"""HTML that goes on: nothing in it runs, is fetched, covers or hides, whatever was in it."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail import limits
from mailgate.mail.dress import ATTRIBUTES, LINKED
from mailgate.mail.markup import content_id, of_text, sanitised
from mailgate.mail.tidy import DEEPEST, KNOWN, VOID
from tests.work import grows_with_its_length

TOKEN = "a" * 32


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("<script>alert(1)</script>x", "x"),
        ("<SCRIPT SRC=//x.example/a.js></SCRIPT>x", "x"),
        ("<<script>alert(1)//<</script>x", "&lt;x"),
        ("<script/x>alert(1)</script >x", "x"),
        ('<img src="x" onerror="alert(1)">x', "x"),
        ('<img src="https://x.example/pixel.gif" width=1 height=1>x', "x"),
        ('<img src="//x.example/pixel.gif">x', "x"),
        ('<img src="data:image/png;base64,AAAA">x', "x"),
        ('<img srcset="https://x.example/a.png 2x" src="cid:logo">', '<img src="cid:logo">'),
        ('<img src="cid:other">x', "x"),
        ('<img src="cid:logo" onload=alert(1) style="position:fixed;width:9999px">', '<img src="cid:logo">'),
        ('<input type=image src="https://x.example/a">x', "x"),
        ("<svg><image href=https://x.example/a></image><script>alert(1)</script></svg>x", "x"),
        ("<svg/onload=alert(1)>x", "x"),
        ("<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>x", "x"),
        ("<math><annotation-xml encoding=text/html><p>in</p></annotation-xml></math>x", "x"),
        ("<iframe src=https://x.example></iframe>x", "x"),
        ("<iframe srcdoc='<script>alert(1)</script>'></iframe>x", "x"),
        ("<object data=https://x.example>o</object>x", "x"),
        ("<embed src=https://x.example>x", "x"),
        ("<video poster=https://x.example/a src=https://x.example/b></video>x", "x"),
        ("<audio src=https://x.example/b></audio>x", "x"),
        ("<link rel=stylesheet href=https://x.example/a.css>x", "x"),
        ("<base href=https://x.example/>x", "x"),
        ('<meta http-equiv="refresh" content="0;url=https://x.example">x', "x"),
        ("<form action=https://x.example><input name=password><button>Go</button></form>x", "Gox"),
        ("<textarea></textarea><textarea><img src=x onerror=alert(1)></textarea>x", "x"),
        ("<style>@import 'https://x.example/a.css'; body{display:none}</style>x", "x"),
        ("<style><!--</style><script>alert(1)</script>--></style>x", "--&gt;x"),
        ("<noscript><p title='</noscript><img src=x onerror=alert(1)>'>x</noscript>y", "'&gt;xy"),
        ("<template><script>alert(1)</script></template>x", "x"),
        ("<xmp><script>alert(1)</script></xmp>x", "x"),
        ("<title><script>alert(1)</script></title>x", "x"),
        ("<!--[if mso]><script>alert(1)</script><![endif]-->x", "x"),
        ("<!--><script>alert(1)</script>-->x", "--&gt;x"),
        ("<![CDATA[<script>alert(1)</script>]]>x", "alert(1)]]&gt;x"),
        ("<?xml version='1.0'?><p>x", "<p>x</p>"),
        ("<plaintext>x", "x"),
        ("<marquee>x</marquee>", "x"),
        ("<dialog open style=position:fixed>x</dialog>", "x"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="jAvA&#x09;script:alert(1)">x</a>', "<a>x</a>"),
        ('<a href=" &#14;  javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="vbscript:x">x</a>', "<a>x</a>"),
        ('<a href="data:text/html,x">x</a>', "<a>x</a>"),
        ('<a href="cid:logo">x</a>', "<a>x</a>"),
        ('<a href="file:///etc/passwd">x</a>', "<a>x</a>"),
        ('<a href="//x.example">x</a>', "<a>x</a>"),
        ('<a href="/tickets">x</a>', "<a>x</a>"),
        ('<a href="https://x.example/?a=1&amp;b=2">x</a>', '<a href="https://x.example/?a=1&amp;b=2">x</a>'),
        ('<a href="tel:+15550100">x</a>', '<a href="tel:+15550100">x</a>'),
        (
            '<a href="https://x.example" onclick=a ping=https://x style="">x</a>',
            '<a href="https://x.example">x</a>',
        ),
        (f'<a href="mailto:acme+{TOKEN}@x.example">x</a>', "<a>x</a>"),
        (f'<a href="https://x.example/?to=acme%2B{TOKEN}%40x.example">x</a>', "<a>x</a>"),
        (f'<a href="https://x.example/?to=acme%252B{TOKEN}%2540x.example">x</a>', "<a>x</a>"),
        (f'<a href="mailto:acme&#43;{TOKEN}&#64;x.example">x</a>', "<a>x</a>"),
        ('<p class="sheet" id="top" title="t" data-x=1 aria-hidden=true>x</p>', "<p>x</p>"),
        ('<p style="position:absolute;top:0;left:0;z-index:9">x</p>', "<p>x</p>"),
        ('<p style="display:block;opacity:0.1;color:red">x</p>', '<p style="color:red">x</p>'),
        ('<p style="margin:-900px 0 0 0">x</p>', "<p>x</p>"),
        ('<p style="margin:4px 8px">x</p>', '<p style="margin:4px 8px">x</p>'),
        ('<p style="text-indent:-9999px;transform:scale(0)">x</p>', "<p>x</p>"),
        ('<p style="height:0;overflow:hidden;line-height:0">x</p>', "<p>x</p>"),
        ('<p style="height:0;overflow:hidden;max-height:0">x</p>y', "y"),
        ('<div style="display:none">x<b>x</b></div>y<span hidden>z</span>', "y"),
        ('<div>y<p style="visibility:hidden">x</p></div>', "<div>y</div>"),
        ('<p style="font-size:1px">x</p>', "<p>x</p>"),
        ('<p style="font-size:0.1em">x</p>', "<p>x</p>"),
        ('<p style="font-size:9999px">x</p>', "<p>x</p>"),
        ('<p style="font-size:11pt">x</p>', '<p style="font-size:11pt">x</p>'),
        ('<p style="color:#fff">x</p>', "<p>x</p>"),
        ('<p style="color:transparent">x</p>', "<p>x</p>"),
        ('<p style="color:rgba(0,0,0,0)">x</p>', "<p>x</p>"),
        ('<p style="color:#1F497D;background:#000">x</p>', '<p style="color:#1f497d">x</p>'),
        ('<p style="background-color:yellow">x</p>', '<p style="background-color:yellow">x</p>'),
        ('<p style="background:url(https://x.example/a)">x</p>', "<p>x</p>"),
        ('<p style="background-image:url(https://x.example/a)">x</p>', "<p>x</p>"),
        ('<p style="list-style:url(https://x.example/a)">x</p>', "<p>x</p>"),
        ('<p style="font-family:a;src:url(https://x.example/a)">x</p>', '<p style="font-family:a">x</p>'),
        ('<p style="width:expression(alert(1))">x</p>', "<p>x</p>"),
        ('<p style="c\\6f lor:red;color:r\\65 d">x</p>', "<p>x</p>"),
        ('<p style="color:red/**/;--x:1;color:var(--x)">x</p>', "<p>x</p>"),
        ('<p style="border:1px solid red">x</p>', '<p style="border:1px solid red">x</p>'),
        ('<p style="border-image:url(https://x.example/a)">x</p>', "<p>x</p>"),
        ('<p style="content:url(https://x.example/a);cursor:url(x)">x</p>', "<p>x</p>"),
        ('<table background="https://x.example/a" width=9999 bgcolor=#000><tr><td>x</table>',
         "<table><tbody><tr><td>x</td></tr></tbody></table>"),
        ('<td background="https://x.example/a">x</td>', "x"),
        ('<body background="https://x.example/a" onload=alert(1)>x</body>', "x"),
        ("<font color=white size=1>x</font>", '<font size="1">x</font>'),
        ("<table><tr><td colspan=9999 rowspan=65534>x</table>",
         "<table><tbody><tr><td>x</td></tr></tbody></table>"),
        ("</div></td></table></body></html>x", "x"),
        ("<bdo dir=rtl>x</bdo>", "x"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('<p ="<script>alert(1)</script>">x', '<p>alert(1)"&gt;x</p>'),
        ('<p title="<!--"><img title="--><img src=x onerror=alert(1)>">x', "<p>x</p>"),
        ("<a<script>alert(1)</script>", "alert(1)"),
        ("<x:script>alert(1)</x:script>", "alert(1)"),
        ("\x00<scr\x00ipt>x</scr\x00ipt>y\ud800\x1b", "y\ufffd"),
    ],
)  # fmt: skip
def test_nothing_in_a_page_runs_is_fetched_covers_or_hides(hostile: str, shown: str) -> None:
    assert sanitised(hostile, {"logo": "logo"}) == shown


@pytest.mark.parametrize(
    ("loose", "nested"),
    [
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
        ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c"),
        ("<p>a<div>b</div>c</p>", "<p>a</p><div>b</div>c"),
        ("<div>a</p>b</div>c", "<div>ab</div>c"),
        ("<table><tr><td><div>a</td><td>b</table>c",
         "<table><tbody><tr><td><div>a</div></td><td>b</td></tr></tbody></table>c"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"),
        ("<b><b>a</b>b</b>c", "<b>ab</b>c"),
        ("a<br/>b<hr>c</br>", "a<br>b<hr>c"),
        ("<h1>a</h1><blockquote>b", "<h1>a</h1><blockquote>b</blockquote>"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("<a href=https://x.example>a<a href=https://y.example>b",
         '<a href="https://x.example">a</a><a href="https://y.example">b</a>'),
    ],
)  # fmt: skip
def test_a_page_that_is_badly_nested_is_put_in_order(loose: str, nested: str) -> None:
    assert sanitised(loose) == nested


def test_a_picture_is_known_by_its_content_id_however_it_is_written() -> None:
    """RFC 2392 section 2"""
    for source in ("cid:logo@x.example", "CID:logo%40x.example", " cid:logo&#64;x.example "):
        assert (
            sanitised(f'<img src="{source}">', {"logo@x.example": "logo@x.example"})
            == '<img src="cid:logo@x.example">'
        )
        assert content_id(source.replace("&#64;", "@")) == "logo@x.example"


def test_text_becomes_a_page_of_the_same_lines() -> None:
    assert of_text("a <b>\n\n  c") == "<div>a &lt;b&gt;</div><div><br></div><div>&nbsp; c</div>"


def test_a_page_that_is_too_long_is_none() -> None:
    assert sanitised("a" * limits.MARKUP_CHARS) != ""
    assert sanitised("a" * (limits.MARKUP_CHARS + 1)) == ""


BOMBS = (
    "<a ", "<div>", '<a x="', "<a x='\"", "<!--", "<!---->", "<script>", "<![CDATA[", "<table>",
    "<table><tr><td>", "<p><b><i><u>x", "<font color=red>", "<b><i>x<td></td>", "<div><!-- </div> -->",
    '<div><a title="</div>">', "</span>", "<li>", "&amp", "<", "<table>x<tr>",
)  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_page_costs_more_than_its_length(bomb: str) -> None:
    assert grows_with_its_length(lambda times: sanitised(bomb * times), 500)
    assert len(sanitised(bomb * 20_000)) < 20 * len(bomb * 20_000) + 10_000


@pytest.mark.parametrize(
    "bomb",
    [
        lambda times: "<a " + "".join(f"a{number} " for number in range(times)) + ">x",
        lambda times: '<p style="' + "color:red;" * times + '">x',
        lambda times: "<div>" * DEEPEST + "</span>" * times,
        lambda times: "<font color=red>" * times + "<p>x" * times,
    ],
    ids=["attributes", "declarations", "ends", "beginnings"],
)
def test_no_tag_and_no_nesting_costs_more_than_its_length(bomb: Callable[[int], str]) -> None:
    assert grows_with_its_length(lambda times: sanitised(bomb(times)), 2_000)


PIECES = st.sampled_from(
    [
        *(f"<{name}>" for name in sorted(KNOWN)),
        *(f"</{name}>" for name in sorted(KNOWN - VOID)),
        *("<script>", "</script>", "<style>", "</style>", "<svg>", "</svg>", "<math>", "<noscript>"),
        *("<textarea>", "<title>", "<template>", "<select>", "<option>", "<form>", "<input>", "<plaintext>"),
        *("<!--", "-->", "--!>", "<![CDATA[", "]]>", "<?", "</", "<", ">", '"', "'", "=", "/", "&", "&lt;"),
        *("<img src=", "cid:logo", "https://x.example", "javascript:alert(1)", " onerror=", " style="),
        *("<a href=", "<p style=", "color:red", "position:fixed", ";", "url(x)", "<td bgcolor=", "\x00"),
        *("x", "ü", "\u202e", "<b/", "<i a=", "&#60;script&#62;", "&quot;", "<p title="),
    ]
)  # fmt: skip


class Second(HTMLParser):
    """Reads what came out a second time, by other means, and holds it against what may be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in KNOWN
        for name, value in attrs:
            assert name in ATTRIBUTES["*"] | ATTRIBUTES.get(tag, frozenset())
            assert value is not None
            assert "url" not in value.lower() or name in {"href", "alt"}
            if name == "href":
                assert value.partition(":")[0].lower() in LINKED
            if name == "src":
                assert value == "cid:logo"
            if name == "style":
                assert re.fullmatch(r"(?:[a-z-]+:[^:;(]*(?:rgb\([\d, ]+\))?;?)+", value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


@given(pieces=st.lists(PIECES, max_size=40) | st.lists(PIECES | st.text(max_size=6), max_size=30))
def test_only_what_is_allowed_comes_out_and_it_is_well_nested(pieces: list[str]) -> None:
    markup = sanitised("".join(pieces), {"logo": "logo"})
    second = Second()
    second.feed(markup)
    second.close()
    assert second.open == []


@given(pieces=st.lists(PIECES, max_size=30))
def test_what_was_sanitised_stays_as_it_is(pieces: list[str]) -> None:
    once = sanitised("".join(pieces), {"logo": "logo"})
    assert sanitised(once, {"logo": "logo"}) == once
