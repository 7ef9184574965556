"""Texts that are built to be slow: whether any reading of them takes more than its length.

    python -m bench bombs [--rounds 5]

Each bomb is read at a size and at four times that. Beside it stands how many times as long that took: 4 is
its length, 16 its square. More than 8 is less than is asked for.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator

from mailgate.core.command import orders
from mailgate.core.fields import fields
from mailgate.core.fingerprint import fingerprint
from mailgate.core.listening import BareNewlines
from mailgate.listener.data import checked
from mailgate.listener.limits import Limits
from mailgate.listener.path import mail_from
from mailgate.mail.cut import cut
from mailgate.mail.line import lines_of
from mailgate.mail.markup import sanitised
from mailgate.mail.parse import parse
from mailgate.mail.quotation import own_words

SIZE = 60_000  # characters, of the smaller of the two
MOST = 8.0
TOO_SOON = 0.002  # seconds; what takes less tells nothing

MAIL = b"From: a@b.example\r\nSubject: s\r\n\r\n"
PAGE = b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n"
REPORT = b"From: MAILER-DAEMON@mx.example\r\nSubject: failure notice\r\n\r\ncould not be delivered\r\n"
PAGES = (
    "<a ", "<div>", '<a x="', "<a x='\"", "<!--", "<!---->", "<script>", "<![CDATA[", "<table>",
    "<table><tr><td>", "<p><b><i><u>x", "<font color=red>", "<b><i>x<td></td>", "<div><!-- </div> -->",
    '<div><a title="</div>">', '<p style="color:red;', "color:red;", "<li>", "&amp", "<", "<table>x<tr>",
    "</span>", "<div>x", "<br>", "x<br>",
    '<img src="cid:shot">', "<b>x</b>", "<pre>\n", "<p hidden>", "<blockquote>", "<style>", "<a href=",
)  # fmt: skip
TEXTS = (
    "On ", "wrote:\n", "> ", "> \n", "a@b ", "On 20.11.2026 09:00 a@b wrote\n", "From: a\n", "-- \n", "\n",
    " \n", "/ack\n", "/", "a: b\n", "-", "a ", "x", "to ", "<a@", "<a@b>", "could not be delivered\n", "##-",
    ">>> 9:00 >>>\n", "begin 644 x\n", "-----BEGIN PGP SIGNED MESSAGE-----\n\n", "550 5.1.1 ", "following ",
)  # fmt: skip
ARGUMENTS = ('"', '\\"', "@a,", "a.", "<", '"\\', "a@", ":", " a")
CONTENTS = ("\r", "\n", "\r\n", "a:\r\n", " \r\n", ".\r\n", "\r\r\n", "a ", "a:", "received:\r\n")

READINGS: dict[str, tuple[tuple[str, ...], Callable[[str], object]]] = {
    "a page that goes on": (PAGES, sanitised),
    "a page cut to its words": (PAGES, lambda text: cut(sanitised(text, {"shot": "shot"}), "x" * len(text))),
    "a mail that is a page": (PAGES, lambda text: parse(PAGE + text.encode())),
    "a mail": (TEXTS, lambda text: parse(MAIL + text.encode())),
    "a report": (TEXTS, lambda text: parse(REPORT + text.encode())),
    "own words": (TEXTS, lambda text: own_words(lines_of(text), forwards=False)),
    "commands": (TEXTS, orders),
    "fields": (TEXTS, fields),
    "a fingerprint": (TEXTS, fingerprint),
    # What is shorter fits into the processor's cache, and is faster by that alone.
    "an argument of MAIL": (ARGUMENTS, lambda text: mail_from(b"FROM:<" + text.encode() * 4)),
    "content": (CONTENTS, lambda text: checked(text.encode(), Limits(), BareNewlines.NORMALISE)),
}
"""Every reading, with the pieces that its bombs repeat."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    worst = 0.0
    for reading in READINGS:
        factor, spent, piece = max(measured(reading, rounds))
        worst = max(worst, factor)
        print(f"{reading:24} {factor:5.1f} times as long, {spent * 1e3:6.1f} milliseconds, for {piece!r}")
    return 0 if worst <= MOST else 3


def measured(reading: str, rounds: int) -> Iterator[tuple[float, float, str]]:
    """For each bomb how many times as long four times its length takes, and how long in seconds."""
    pieces, read = READINGS[reading]
    for piece in pieces:
        once, fourfold = (seconds(read, piece * (SIZE * times // len(piece)), rounds) for times in (1, 4))
        yield (fourfold / once if fourfold > TOO_SOON else 0.0, fourfold, piece)


def seconds(read: Callable[[str], object], text: str, rounds: int) -> float:
    """The least processor time of one reading."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        read(text)
        times.append(time.process_time() - began)
    return max(min(times), 1e-6)


if __name__ == "__main__":
    sys.exit(main())
