"""Mails that were written to hurt a reader of mail, each with what must become of it.

READ: a message with a usable sender. NOBODY: nobody is identified, or it is unreadable. MACHINE: a message
that must not be answered. REFUSED: beyond the limits; the door refuses it, the reader calls it unreadable.
The largest is below 200 kB.
"""

from enum import Enum, auto
from typing import NamedTuple


class Outcome(Enum):
    READ = auto()
    NOBODY = auto()
    MACHINE = auto()
    REFUSED = auto()


class Hostile(NamedTuple):
    name: str
    raw: bytes
    outcome: Outcome


HEAD = (
    b"From: cust@acme.test\r\nTo: acme@vendor.test\r\nMessage-ID: <m1@acme.test>\r\n"
    b"Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n"
)
READ, NOBODY, MACHINE, REFUSED = Outcome.READ, Outcome.NOBODY, Outcome.MACHINE, Outcome.REFUSED


def sent_by(field: bytes) -> bytes:
    return (
        b"From: "
        + field
        + (b"\r\nTo: acme@vendor.test\r\nSubject: [P2] x\r\nMessage-ID: <m1@acme.test>\r\n\r\nbody\r\n")
    )


def about(subject: bytes) -> bytes:
    return HEAD + b"Subject: " + subject + b"\r\n\r\nbody\r\n"


def of_type(rest: bytes, text: bytes = b"body\r\n") -> bytes:
    return HEAD + rest + b"\r\n\r\n" + text


def short(rest: bytes, text: bytes = b"b\r\n") -> bytes:
    return b"From: cust@acme.test\r\n" + rest + b"\r\n\r\n" + text


def folded(value: bytes, width: int = 900) -> bytes:
    return b"\r\n ".join(value[at : at + width] for at in range(0, len(value), width))


def nested(depth: int) -> bytes:
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(depth)
    )
    closed = b"".join(b"\r\n--b%d--\r\n" % level for level in reversed(range(depth)))
    return HEAD + opened + b"Content-Type: text/plain\r\n\r\nhi\r\n" + closed


BROKEN_FIELDS = (
    Hostile("a parameter that is none", of_type(b"Content-Type: text/plain;.*"), READ),
    Hostile("an encoded parameter that breaks off", of_type(b"Content-Type: text/plain; name*=\"'"), READ),
    Hostile("a From of one quotation mark", sent_by(b'"'), NOBODY),
    Hostile("a From of one angle bracket", sent_by(b"<"), NOBODY),
    Hostile("a From of marks", sent_by(b"+@[=="), NOBODY),
    Hostile("a From of an encoded line feed", sent_by(b"=?utf-8?q?=0a?="), NOBODY),
    Hostile(
        "a name with a header line in it", sent_by(b"=?utf-8?q?a=0D=0ABcc=3A_v=40x?= <cust@acme.test>"), READ
    ),
    Hostile("a group that breaks off", short(b"To: g:;<\r\nSubject: x"), READ),
    Hostile("a list of nobody", short(b"To: 0, :\r\nSubject: x"), READ),
    Hostile("a folded From without an address", sent_by(b"\r\n .>"), NOBODY),
    Hostile("a From with a NUL", sent_by(b"*=\x00@[ "), NOBODY),
    Hostile("a Message-ID of one bracket", short(b"Subject: x\r\nMessage-ID: <"), READ),
    Hostile("a zone beyond all clocks", short(b"Date: Mon, 1 Jan 2024 00:00:00 99999999999999999999"), READ),
    Hostile("a date of 8-bit bytes", short(b"Subject: x\r\nDate: \x80\xff"), READ),
    Hostile("an encoded word of no bytes", about(b"=?x?b?c?="), READ),
    Hostile("an encoded word that is not UTF-8", about(b"=?utf-8?q?=99=99?="), READ),
    Hostile("a disposition of marks", of_type(b"Content-Disposition: ;-*"), READ),
    Hostile(
        "a file name with a NUL",
        of_type(b"Content-Disposition: attachment; filename*=\x00utf-8''%\r\n +@-(\""),
        READ,
    ),
    Hostile(
        "an unknown charset",
        of_type(b'Content-Type: text/plain; charset="x-unknown"', b"body \xff\r\n"),
        READ,
    ),
    Hostile("a charset of a NUL", of_type(b'Content-Type: text/plain; charset="\x00"'), READ),
    Hostile("a charset that is no charset", of_type(b'Content-Type: text/plain; charset="base64"'), READ),
    Hostile(
        "a charset of host names",
        of_type(b'Content-Type: text/plain; charset="idna"', b"body \xff\r\n"),
        READ,
    ),
    Hostile("a charset that always fails", of_type(b'Content-Type: text/plain; charset="undefined"'), READ),
)
BOMBS = (
    Hostile("400 parts in each other", nested(400), NOBODY),
    Hostile("2000 parts in each other", nested(2000), NOBODY),
    Hostile(
        "5000 messages in each other", HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 5000 + b"x", NOBODY
    ),
    Hostile("a From of 1000 parentheses", sent_by(b"(" * 1000), NOBODY),
    Hostile("1000 groups", short(b"To: " + folded(b"a:" * 1000) + b"\r\nSubject: x"), READ),
    Hostile("3000 encoded words", about(b"\r\n ".join([b"=?utf-8?q?aaaa?="] * 3000)), READ),
    Hostile("20000 semicolons", short(b"Subject: x\r\nContent-Disposition: attachment" + b";" * 20000), READ),
    Hostile("10000 dots in To", short(b"To: " + folded(b"." * 10000) + b"\r\nSubject: x"), READ),
    Hostile("10000 quotation marks", of_type(b'Content-Type: text/plain;name="' + b'";' * 10000), READ),
    Hostile("20000 tags that break off", of_type(b"Content-Type: text/html", folded(b"<a " * 20000)), READ),
    Hostile(
        "20000 parts",
        of_type(b"Content-Type: multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n" * 20000 + b"--b--\r\n"),
        NOBODY,
    ),
    Hostile("20000 fields", b"X: y\r\n" * 20000 + HEAD + b"Subject: x\r\n\r\nb\r\n", REFUSED),
)
INJECTIONS = (
    Hostile("a subject with a header", about(b"=?utf-8?q?hi=0D=0ABcc:_v=40x.test=0D=0A=0D=0Abody?="), READ),
    Hostile(
        "a subject encoded twice",
        about(b"=?utf-8?q?=3D=3Futf-8=3Fq=3Fhi=3D0D=3D0ABcc:_v=3D40x.test=3F=3D?="),
        READ,
    ),
    Hostile(
        "a name that is an address", sent_by(b'"victim@x.test, ' + b"n" * 70 + b'" <cust@acme.test>'), READ
    ),
    Hostile(
        "an encoded name that is one", sent_by(b"=?utf-8?q?victim=40x=2Etest=2C?= <cust@acme.test>"), READ
    ),
    Hostile("an encoded word in an address", sent_by(b"=?utf-8?q?staff?=@vendor.test"), NOBODY),
    Hostile(
        "line ends of every kind in a subject",
        short(b"Subject: a\x0bb\x1cc\xc2\x85d\xe2\x80\xa8e\x00f"),
        READ,
    ),
)
IDENTITIES = (
    Hostile(
        "two From fields",
        b"From: staff@vendor.test\r\n" + short(b"Subject: x"),
        NOBODY,
    ),
    Hostile("two addresses in From", sent_by(b"staff@vendor.test, cust@acme.test"), NOBODY),
    Hostile("a name that is staff's address", sent_by(b'"staff@vendor.test" <evil@x.test>'), READ),
    Hostile(
        "two bracketed addresses", sent_by(b'"staff@vendor.test" <evil@x.test> <staff@vendor.test>'), NOBODY
    ),
    Hostile("a NUL in an address", sent_by(b"staff@vendor.test\x00@x.test"), NOBODY),
    Hostile("no From", b"Subject: x\r\n\r\nno From at all\r\n", NOBODY),
)
MACHINES = (
    Hostile("an automatic answer", b"Auto-Submitted: auto-replied\r\n" + about(b"Out of office"), MACHINE),
    Hostile("a mailing list", b"Precedence: bulk\r\nList-Id: <l.x.test>\r\n" + about(b"x"), MACHINE),
    Hostile(
        "a delivery report",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
        b"From: MAILER-DAEMON@x.test\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; x\r\n\r\n"
        b"Final-Recipient: rfc822; cust@acme.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n",
        MACHINE,
    ),
    Hostile("our own loop mark", b"X-Mailgate-Loop: vendor.test\r\n" + about(b"x"), MACHINE),
    Hostile(
        "101 hosts", b"Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n" * 101 + about(b"x"), REFUSED
    ),
)
CONTENTS = (
    Hostile("the same Message-ID with other words", HEAD + b"Subject: other\r\n\r\nDIFFERENT BODY\r\n", READ),
    Hostile("an ordinary mail", about(b"one"), READ),
    Hostile(
        "a guessed reference",
        b"From: evil@x.test\r\nIn-Reply-To: <ticket.1.a@vendor.test>\r\nSubject: Re: [#1]\r\n\r\nclose\r\n",
        READ,
    ),
    Hostile(
        "a subject of template text", about(b'{{ cycler.__init__.__globals__.os.popen("id").read() }}'), READ
    ),
    Hostile(
        "a script",
        HEAD
        + b"Subject: <img src=x onerror=alert(1)>\r\nContent-Type: text/html\r\n\r\n<script>1</script>\r\n",
        READ,
    ),
    Hostile(
        "a file name with a path",
        of_type(
            b'Content-Disposition: attachment; filename="../../etc/passwd"\r\nContent-Type: application/x'
        ),
        READ,
    ),
    Hostile(
        "a file name turned round",
        of_type('Content-Disposition: attachment; filename="inv\u202egpj.exe"'.encode()),
        READ,
    ),
    Hostile("NUL in subject and text", short(b"Subject: a\x00b", b"body\x00\x00\r\n"), READ),
    Hostile("8-bit bytes in subject and text", short(b"Subject: \xff\xfe", b"\xff\xfe\r\n"), READ),
    Hostile("many tags", about("[P1] [P4] \uff3b\uff30\uff11\uff3d [p1]".encode()), READ),
    Hostile("nothing", b"", NOBODY),
    Hostile("no header", b"\r\nbody only, no headers\r\n", NOBODY),
    Hostile("a first line that is folded", b" leading\r\n" + short(b"Subject: x"), NOBODY),
    Hostile(
        "a line of an mbox file",
        b"From cust@acme.test Mon Jan  1 00:00:00 2024\r\n" + short(b"Subject: x"),
        READ,
    ),
    Hostile("an empty boundary", of_type(b'Content-Type: multipart/mixed; boundary=""', b"----\r\n"), READ),
    Hostile("no boundary", of_type(b"Content-Type: multipart/mixed", b"no boundary\r\n"), READ),
    Hostile("base64 of marks", of_type(b"Content-Transfer-Encoding: base64", b"!!!=\r\n"), READ),
    Hostile(
        "a body that lies elsewhere",
        of_type(b'Content-Type: message/external-body; access-type=local-file; name="/etc/passwd"', b"\r\n"),
        READ,
    ),
)
MAILS = (*BROKEN_FIELDS, *BOMBS, *INJECTIONS, *IDENTITIES, *MACHINES, *CONTENTS)
