"""Reading of mails: microseconds for ordinary ones, and the slowest of many that are built to be slow.

    python -m bench parse [--rounds 9]

Beside each stands the standard library's parser with its cheapest policy, which only splits the mail.
The slow ones repeat pieces of mail at the size up to which the reader reads without a process of its own.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Callable
from email import policy
from email.parser import BytesParser

from mailgate.mail.parse import parse
from mailgate.reader import Bounds

HEADER = (
    b"".join(
        b"Received: from mx%d.example (mx%d.example [192.0.2.%d])\r\n\tby in.example with ESMTPS id a%d\r\n"
        b"\tfor <acme@support.example.com>; Fri, 20 Nov 2026 10:00:0%d +0000\r\n" % (hop, hop, hop, hop, hop)
        for hop in range(4)
    )
    + b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.example; s=s1; h=from:to;\r\n b="
    + b"dzVyOfAKCdLXdJOc9G2q8LoXSlEniSbav" * 4
    + b"\r\nFrom: Bob Builder <bob@acme.example>\r\nTo: Acme Support <acme@support.example.com>\r\n"
    b"Subject: [P2] The printer on the second floor does not print\r\n"
    b"Date: Fri, 20 Nov 2026 11:30:00 +0100\r\n"
    b"Message-ID: <CAF+m1.abcdef0123456789@mail.acme.example>\r\nMIME-Version: 1.0\r\n"
)
PARAGRAPH = (
    b"the printer on the second floor does not print any more since this morning;\r\n"
    b"it says that it has no paper, but there is paper in both of its trays.\r\nCan you have a look?\r\n\r\n"
)
QUOTED = b"On Fri, 20 Nov 2026 at 09:00, Sam <sam@example.com> wrote:\r\n" + b"".join(
    b"> " + line for line in (PARAGRAPH * 6).splitlines(keepends=True)
)
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
PAGE = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
OPENED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
PDF = (
    b"\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + b"QUJD" * 600
    + b"\r\n--b--\r\n"
)
BOTH = (
    OPENED.replace(b"mixed", b"alternative")
    + TEXT
    + PARAGRAPH * 4
    + b"\r\n--b\r\n"
    + PAGE
    + PARAGRAPH.replace(b"\r\n", b"<br>\r\n") * 4
    + b"\r\n--b--\r\n"
)
MAILS = {
    "plain, 4 kB": HEADER + TEXT + PARAGRAPH * 15,
    "a reply, 4 kB": HEADER + TEXT + PARAGRAPH * 6 + QUOTED,
    "text and page": HEADER + BOTH,
    "a page alone": HEADER + PAGE + PARAGRAPH.replace(b"\r\n", b"</p>\r\n<p>") * 15,
    "with a file": HEADER + OPENED + TEXT + PARAGRAPH * 4 + PDF,
}
PIECES = (
    b"On ", b"wrote:", b"> ", b"a@b.example ", b"\n", b"2026-11-20 10:00 ", b"From: ", b"Subject: ", b"*",
    b"-----Original Message-----\n", b"-- \n", b"unknown user", b"following", b'"', b"(", b"x" * 300, b"| ",
    b"begin 644 x\n", b"end\n", b"--b\r\n", b"\xff", b"<div>", b"<", b"<!--", b"<style>", b"&amp;", b"<hr>",
    b"<blockquote type=cite>", b"=?utf-8?q?=FC?=", b",", b";", b"<a@b>",
)  # fmt: skip
HEADS = {"text": TEXT, "page": PAGE, "parts": OPENED, "To": b"To: ", "Subject": b"Subject: "}
ORDINARY = 400e-6  # seconds; the most that any of the ordinary mails may take


def seconds(read: Callable[[bytes], object], raw: bytes, rounds: int) -> float:
    """The least processor time of one reading."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(50):
            read(raw)
        times.append((time.process_time() - began) / 50)
    return min(times)


def slow(room: int) -> list[tuple[float, str]]:
    """The processor time of each of the mails that are built to be slow, slowest first."""
    found = []
    for one, other in itertools.product(PIECES, repeat=2):
        piece = one + other
        for name, head in HEADS.items():
            raw = b"From: a@b.example\r\n" + head + piece * ((room - 80) // len(piece))
            began = time.process_time()
            parse(raw)
            found.append((time.process_time() - began, f"{name} of {piece[:40]!r}"))
    return sorted(found, reverse=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    standard = BytesParser(policy=policy.compat32)
    worst = 0.0
    for name, raw in MAILS.items():
        ours, theirs = seconds(parse, raw, rounds), seconds(standard.parsebytes, raw, rounds)
        worst = max(worst, ours)
        print(f"{name:15} {len(raw):6} bytes {ours * 1e6:8.0f} microseconds")
        print(f"{'':15} the standard library splits it in {theirs * 1e6:.0f}")
    for spent, name in slow(Bounds().inline)[:5]:
        print(f"slow: {spent * 1e3:6.1f} milliseconds, {name}")
    return 0 if worst <= ORDINARY else 3


if __name__ == "__main__":
    sys.exit(main())
