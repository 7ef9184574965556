"""Every mail as its reader sees it: in a browser, on a telephone and on a desk, light and dark.

With MAILGATE_PICTURES=FOLDER in the environment every one is written there as a PNG file, to be looked at.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mailgate.core.notice import RelayedReply, StaffNotice
from mailgate.core.outgoing import TO_CUSTOMERS, Context, MailKind
from mailgate.mail.markup import sanitised
from mailgate.mail.proof import LONGEST_HTML
from mailgate.mail.render import Look
from mailgate.mail.samples import NOW, SAMPLES, hostile
from mailgate.mail.shelf import Reader
from tests.browser import PROGRAM, Browser, browser

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium on this machine")

LOOK = Look("Example Support", "support.example.com", Path(__file__).parents[2] / "templates")
TELEPHONE, DESK = 360, 800
LEAST_CONTRAST = 4.5  # WCAG 2.1, success criterion 1.4.3, of small text
PICTURES = os.environ.get("MAILGATE_PICTURES")

DRESSED = """<p style="color:#444">Please</p><p><span style="background-color:#ffff00">restart</span> it</p>
<p><font color="#000080">now</font>.</p>"""
"""In colours of its own, which a dark page behind it would swallow."""

# What is wrong on the page: [what, words]. A text counts as seen where it has a place within the window.
MEASURE = """
((window_width) => {
  const wrong = [];
  const parts = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parts(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const contrast = element => {
    const pair = [light(parts(getComputedStyle(element).color)), light(behind(element))];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  };
  if (document.documentElement.scrollWidth > window_width)
    wrong.push(['scrolls sideways', `${document.documentElement.scrollWidth} of ${window_width} pixels`]);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const words = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    const text = node.data.replace(/\\u00a0/g, ' ').trim();
    if (!text || element.closest('.preview')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter(box => box.width && box.height);
    words.push(text);
    const style = getComputedStyle(element);
    if (!boxes.length || style.visibility !== 'visible') wrong.push(['is not seen', text]);
    if (boxes.some(box => box.left < 0 || box.right > window_width + 0.5)) wrong.push(['is cut off', text]);
    if (contrast(element) < LEAST_CONTRAST)
      wrong.push([`has a contrast of ${contrast(element).toFixed(2)}`, text]);
    if (parseFloat(style.fontSize) < 13) wrong.push(['is too small', text]);
  }
  const preview = getComputedStyle(document.querySelector('.preview'));
  if (preview.display !== 'none') wrong.push(['shows its preview', '']);
  const levels = [...document.querySelectorAll('h1, h2, h3')].map(one => Number(one.tagName[1]));
  const first = levels.filter(level => level === 1).length;
  if (levels.length && (levels[0] !== 1 || first > 1))
    wrong.push(['has headings of levels', levels.join(' ')]);
  if (document.querySelector('table:not([role=presentation])')) wrong.push(['has a table of its own', '']);
  if (!document.documentElement.lang) wrong.push(['names no language', '']);
  return { wrong, words: words.join(' ').length };
})(WINDOW_WIDTH)
""".replace("LEAST_CONTRAST", str(LEAST_CONTRAST))


def cases() -> Iterator[tuple[str, Context, Reader]]:
    """Each sample of each kind in English, those to customers in every language, and the worst words."""
    for kind, samples in SAMPLES.items():
        for number, sample in enumerate(samples):
            yield f"en-{kind}-{number}", sample, Reader()
            if kind in TO_CUSTOMERS:
                for tag in sorted(LOOK.shelf.languages()):
                    yield f"{tag}-{kind}-{number}", sample, Reader(language=tag)
        yield f"en-{kind}-hostile", hostile(samples[0]), Reader()
    wide = (
        "https://example.com/" + "w" * 300 + "\n" + "-" * 200 + "\n" + " " * 80 + "indented\n" + "漢字" * 100
    )
    page = sanitised(DRESSED)
    for kind in (MailKind.STAFF_NOTICE, MailKind.RELAYED_REPLY):
        said = SAMPLES[kind][0]
        assert isinstance(said, StaffNotice | RelayedReply)
        yield f"en-{kind}-wide", replace(said, text=wide), Reader()
        yield f"en-{kind}-dressed", replace(said, text="Please\nrestart it\nnow.", markup=page), Reader()


def measured(window: Browser, width: int) -> Any:
    """What is wrong on the page, and how many words are seen."""
    return window.ask(
        MEASURE.replace("WINDOW_WIDTH", str(width))
    )  # a telephone widens a page that does not fit


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.mark.parametrize(("name", "said", "reader"), [pytest.param(*one, id=one[0]) for one in cases()])
def test_a_mail_can_be_read_anywhere(window: Browser, name: str, said: Context, reader: Reader) -> None:
    """behaviour.md 5.1"""
    html = LOOK.words(said, NOW, reader).html
    told = set()
    for width in (TELEPHONE, DESK):
        for dark in (False, True):
            window.show(html, width, dark=dark)
            found = measured(window, width)
            if PICTURES:
                window.picture(Path(PICTURES) / f"{name}-{width}-{'dark' if dark else 'light'}.png")
            assert found["wrong"] == [], (width, dark)
            told.add(found["words"])
    assert len(told) == 1  # nothing is left out on a telephone
    assert window.requests == []  # whatever a mail names, a reader's program fetches nothing for it
    assert len(html.encode()) < LONGEST_HTML or name.endswith("hostile")


@pytest.mark.parametrize("kind", list(MailKind))
def test_without_a_style_sheet_and_turned_dark_by_the_program_a_mail_can_be_read(
    window: Browser, kind: MailKind
) -> None:
    """Many programs leave out what is in the head, and turn the colours round by themselves."""
    html = LOOK.words(SAMPLES[kind][0], NOW).html
    head, _, body = html.partition("<style>")
    bare = head.replace("light dark", "light") + body.partition("</style>")[2]
    turned = bare.replace("<body", '<body data-turned style="filter: invert(1) hue-rotate(180deg)"', 1)
    for width in (TELEPHONE, DESK):
        window.show(bare, width, dark=True)
        assert measured(window, width)["wrong"] == []
    if PICTURES:
        window.show(turned, TELEPHONE, dark=False)
        window.picture(Path(PICTURES) / f"turned-{kind}-{TELEPHONE}.png")


def test_what_a_mail_would_fetch_is_counted_and_refused(window: Browser) -> None:
    """That the counter counts: without this, none of the others would prove anything."""
    window.show('<img src="https://tracker.example/pixel.png"><p class="preview"></p>', DESK, dark=False)
    window.ask("new Promise(done => setTimeout(done, 200))")
    assert window.requests == ["https://tracker.example/pixel.png"]
    window.requests.clear()
