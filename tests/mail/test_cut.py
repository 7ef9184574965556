"""A page cut down to the words that were decided on: exactly these, or none of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.internal import BEGIN, END
from mailgate.mail import html
from mailgate.mail.cut import Cut, cut, essence, whole
from mailgate.mail.line import text_of
from mailgate.mail.markup import sanitised
from tests.work import grows_with_its_length

IMAGES = {name: name for name in ("shot", "logo", "old")}


def page(markup: str) -> str:
    return sanitised(markup, IMAGES)


@pytest.mark.parametrize(
    ("markup", "words", "left"),
    [
        ("<div>/ack</div><div>Please <b>restart</b> it.</div>", "Please *restart* it.",
         "<div>Please <b>restart</b> it.</div>"),
        ("<div>Done.</div><div>On Monday Bob wrote:</div><blockquote>Is it?</blockquote>", "Done.",
         "<div>Done.</div>"),
        ("<p>Done.</p><p>-- <br>Sam Rivera<br>sam@vendor.example</p>", "Done.", "<p>Done.</p>"),
        ("<div>one<br>two<br>internal<br>three</div>", "one\ntwo\nthree", "<div>one<br>two<br>three</div>"),
        ("<blockquote>Is it on?</blockquote><div>Yes.</div><blockquote>And now?</blockquote><div>Too.</div>",
         "> Is it on?\nYes.\n> And now?\nToo.",
         "<blockquote>Is it on?</blockquote><div>Yes.</div><blockquote>And now?</blockquote><div>Too.</div>"),
        ("<div>Steps:<ol><li>stop</li><li>start</li></ol></div>", "Steps:\n\n   1. stop\n   2. start",
         "<div>Steps:<ol><li>stop</li><li>start</li></ol></div>"),
        ("<div>A long line that a program has wrapped</div>", "A long line that\na program has wrapped",
         "<div>A long line that a program has wrapped</div>"),
        ('<div>Read <a href="https://x.example/a">this</a>.</div>', "Read this <https://x.example/a>.",
         '<div>Read <a href="https://x.example/a">this</a>.</div>'),
        ("<pre>/ack\na = 1\nb = 2\n</pre>", "a = 1\nb = 2", "<pre>a = 1\nb = 2\n</pre>"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table><p>Sam</p>", "a\tb\nc\td",
         "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></tbody></table>"),
        ("<div>Thanks \N{THUMBS UP SIGN}</div><div>Sam</div>", "Thanks \N{THUMBS UP SIGN}",
         "<div>Thanks \N{THUMBS UP SIGN}</div>"),
        ("<div>Done.<br>:-)</div><div>Sam<br>:-(</div>", "Done.\n:-)", "<div>Done.<br>:-)</div>"),
        ("<div>一、二。</div><div>三</div>", "一、二。", "<div>一、二。</div>"),
    ],
)  # fmt: skip
def test_what_is_left_says_the_words(markup: str, words: str, left: str) -> None:
    """behaviour.md 4.2"""
    assert cut(page(markup), words) == Cut(left)


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<div>/note He called.</div>", "He called."),
        ("<div>Please wait.</div>", "Please wait. And restart it."),
        ("<div>Please</div><div>restart it.</div>", "restart it. Please"),
        ("<div>It costs 5.</div>", "It costs 50."),
        ("<div>Write &lt;mailto:sam@vendor.example&gt;</div>", "Write"),
        ("<div>Look [image: sam@vendor.example]</div>", "Look"),
        ("", "Please wait."),
        ("<div>Please wait.</div>", ""),
    ],
)
def test_a_page_that_would_not_say_exactly_the_words_is_none(markup: str, words: str) -> None:
    assert cut(page(markup), words).markup == ""


@pytest.mark.parametrize(
    ("markup", "words", "left", "elsewhere"),
    [
        ('<p>See:</p><img src="cid:shot"><p>Bob wrote:</p><blockquote><img src="cid:old"></blockquote>',
         "See:", '<p>See:</p><img src="cid:shot">', {"old"}),
        ('<div>Done.</div><div>-- </div><div>Sam</div><img src="cid:logo">', "Done.",
         "<div>Done.</div>", {"logo"}),
        ('<blockquote><img src="cid:old"></blockquote><p>Done.</p>', "Done.", "<p>Done.</p>", {"old"}),
        ('<blockquote>Look: <br><img src="cid:old"><br>Well?</blockquote><div>Yes.</div>',
         "> Look:\n> Well?\nYes.",
         '<blockquote>Look: <br><img src="cid:old"><br>Well?</blockquote><div>Yes.</div>', set()),
        ('<img src="cid:shot"><div>This.</div>', "This.", '<img src="cid:shot"><div>This.</div>', set()),
        ('<img src="cid:old"><div>Internal.</div><div>This.</div>', "This.", "<div>This.</div>", {"old"}),
        ('<img src="cid:shot"><div>Bob wrote:</div>', "[image: shot.png]", '<img src="cid:shot">', set()),
        ('<img src="cid:old"><div>Bob wrote:</div>', "This.", "", {"old"}),
    ],
)  # fmt: skip
def test_a_picture_stays_with_the_words_that_it_stands_among(
    markup: str, words: str, left: str, elsewhere: set[str]
) -> None:
    assert cut(page(markup), words) == Cut(left, frozenset(elsewhere))


@pytest.mark.parametrize(
    ("link", "words", "kept"),
    [
        ("mailto:sam@vendor.example", "Write me.", False),
        ("https://crm.vendor.example/?user=sam%40vendor.example", "Write me.", False),
        ("mailto:info@x.example", "Write me. info@x.example", True),
        ("mailto:info@x.example?cc=sam@vendor.example", "Write me. info@x.example", False),
        ("https://x.example/", "Write me.", True),
    ],
)
def test_no_link_holds_an_address_that_the_words_do_not_name(link: str, words: str, *, kept: bool) -> None:
    """behaviour.md 4.2"""
    rest = words.removeprefix("Write me.")
    left = cut(page(f'<p><a href="{link}">Write me.</a>{rest}</p>'), words).markup
    assert left == (
        f'<p><a href="{link}">Write me.</a>{rest}</p>' if kept else f"<p><a>Write me.</a>{rest}</p>"
    )


def test_a_notice_that_a_reply_quotes_is_gone_from_it() -> None:
    """behaviour.md 4.2"""
    quoted = f"<div>{BEGIN}</div><div>ACME-42, due 11:00</div><div>{END}</div><div>Bob wrote: help</div>"
    assert (
        cut(page(f"<div>On it.</div><blockquote>{quoted}</blockquote>"), "On it.").markup
        == "<div>On it.</div>"
    )


@pytest.mark.parametrize(
    ("markup", "words", "shown"),
    [
        ("<p>It is <b>down</b>.</p><blockquote>Older.</blockquote>", "It is down.\n\n> Older.", True),
        ("<p>It is <b>down</b>.</p>", "It is down.\nPlease call.", False),
        ("<p>It is down.</p><p>More that the text leaves out.</p>", "It is down.", True),
        (f"<p>It is down.</p><p>{BEGIN}</p>", "It is down.", False),
        ("<p>It is down. [ for <b>staff</b> only ]</p>", "It is down.", False),
    ],
)
def test_staff_see_the_customers_page_whole_or_the_text(markup: str, words: str, *, shown: bool) -> None:
    """behaviour.md 4.1"""
    assert whole(page(markup), words) == (page(markup) if shown else "")


PARAGRAPHS = st.lists(
    st.tuples(st.sampled_from(["secret", "Hello Bob", "it is on", "1. stop", "x", "ü", ""]), st.booleans()),
    max_size=12,
)


@given(
    paragraphs=PARAGRAPHS,
    tags=st.lists(st.sampled_from(["<div>", "</div>", "<b>", "<p>", "<li>", "<table><tr><td>"]), max_size=12),
)
def test_whatever_is_left_says_the_words_and_nothing_else(
    paragraphs: list[tuple[str, bool]], tags: list[str]
) -> None:
    pieces = [text for text, _ in paragraphs]
    markup = page("<br>".join("".join(pair) for pair in zip(tags + [""] * 12, pieces, strict=False)))
    words = "\n".join(text for text, decided in paragraphs if decided)
    left = cut(markup, words).markup
    assert essence(text_of(html.lines(left))) in {essence(words), ""}
    assert ("secret" in left) <= ("secret" in words)


@pytest.mark.parametrize("bomb", ["<div>x", "<br>", "x<br>", '<img src="cid:shot">', "<b>x</b>", "<pre>\n"])
def test_no_cut_costs_more_than_the_length_of_the_page(bomb: str) -> None:
    assert grows_with_its_length(lambda times: cut(page(bomb * times), "x" * times), 1_000)
