"""Knows hostile mails without end: each is made of a seed and a number, and is the same every time.

Of eight numbers one puts two tokens of malice into one header field, until every pair has stood in every
field; the others mix them by chance, build bodies and structures out of pieces, damage mails that are whole,
and now and then say one thing very often.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random  # noqa: TID251 - chance comes in as a seed, and is the same every time

from tests.mail.hostile import HEAD, MAILS

TOKENS = (
    b'"', b"<", b">", b"(", b")", b"[", b"]", b"@", b",", b":", b";", b"\\", b".", b"=", b"*", b"'", b"%",
    b"+", b"-", b" ", b"\t", b"\r\n ", b"\x00", b"\x80\xff", b"=?utf-8?q?", b"?=", b"=0D=0A", b"=?x?b?c?=",
    b"utf-8''", b"0", b"99999999999999999999", b"a@b.example",
)  # fmt: skip
FIELDS = (
    b"From", b"To", b"Cc", b"Sender", b"Reply-To", b"Subject", b"Date", b"Message-ID", b"In-Reply-To",
    b"References", b"MIME-Version", b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding",
    b"Content-ID", b"Auto-Submitted", b"Received",
)  # fmt: skip
PAIRS = len(FIELDS) * len(TOKENS) ** 2

_EVERY = 8  # mails, of which one is the next pair
_STRIDE = 4099  # a prime, so that few pairs are of many fields; all of them are met in the end
_LARGEST = 60_000  # octets; larger ones are read in a child of the service, with limits

_TYPES = (
    b"text/plain", b"text/html", b"text/enriched", b"text/calendar", b"multipart/mixed",
    b"multipart/alternative", b"multipart/related", b"multipart/report", b"multipart/signed",
    b"multipart/encrypted", b"message/rfc822", b"message/delivery-status", b"message/external-body",
    b"message/partial", b"application/ms-tnef", b"application/pkcs7-mime", b"application/octet-stream",
    b"image/png", b"nonsense", b"", b";", b"text/",
)  # fmt: skip
_CHARSETS = (
    b"utf-8", b"us-ascii", b"iso-8859-1", b"windows-1252", b"utf-16", b"utf-7", b"iso-2022-jp",
    b"hz-gb-2312", b"gb18030", b"big5", b"euc-kr", b"koi8-r", b"x-unknown", b"\x00", b"base64", b"idna",
    b"undefined", b"",
)  # fmt: skip
_CODINGS = (
    b"7bit", b"8bit", b"binary", b"base64", b"quoted-printable", b"x-uuencode", b"BASE64 ", b"nonsense",
    b"",
)  # fmt: skip
_PIECES = (
    b"words ", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"> ", b">> ", b"-- \r\n", b"--b\r\n", b"--b--\r\n",
    b"--c\r\n", b"On 20.11.2026 09:00 a@b.example wrote:\r\n",
    b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n", b"-----Original Message-----\r\n",
    b"/note\r\n", b"/for a@b.example\r\n", b"/", b"Device OS: 6\r\n", b"[ for staff only ]",
    b"begin 644 x\r\n#0V%T\r\n`\r\nend\r\n", b"-----BEGIN PGP SIGNED MESSAGE-----\r\n",
    b"-----END PGP SIGNATURE-----\r\n", b"=\r\n", b"=C3=BC", b"=ZZ", b"QUJD\r\n", b"\x1b$B", b"\x1b(B",
    b"~{", b"~}", b"\xc3\xbc", b"\xc3", b"\xff\xfe", b"\x00", b"\xe2\x80\xae", b"<a href='", b"<div>",
    b"</div>", b"<!--", b"-->", b"<blockquote>", b"</blockquote>", b"<table><tr><td>", b"<style>",
    b"<script>", b"<![CDATA[", b"<br>", b"&amp;", b"&#x110000;", b"&", b"<img src=cid:a>",
    b"<p style='display:none'>", b"<p hidden>", b"BEGIN:VCALENDAR\r\n",
    b"BEGIN:VEVENT\r\nDTSTART:20261120T090000Z\r\n", b"END:VCALENDAR\r\n", b"\x78\x9f\x3e\x22\x01\x00",
    b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n", b"{{ 7 * 7 }}",
    b"{\\rtf1 \\'e4",
)  # fmt: skip
_GREETINGS = b"From: Bob <bob@acme.example>\r\nTo: acme@support.example.com\r\n"


def mail(seed: str, number: int) -> bytes:
    """The mail of that number."""
    if number % _EVERY == 0:
        return pair(number // _EVERY)
    chance = Random(f"{seed}/{number}")  # noqa: S311 - no secret
    kinds: tuple[Callable[[Random], bytes], ...] = (
        _fields,
        _fields,
        _fields,
        _body,
        _body,
        _structure,
        _damaged,
    )
    made = _repeated(chance) if chance.random() < 1 / 100 else chance.choice(kinds)(chance)
    return made[:_LARGEST]


def pair(number: int) -> bytes:
    """Two tokens in one field; all of them are met once in so many numbers as there are."""
    rest, second = divmod(number * _STRIDE % PAIRS, len(TOKENS))
    field, first = divmod(rest, len(TOKENS))
    name, value = FIELDS[field], TOKENS[first] + TOKENS[second]
    head = b"" if name == b"From" else b"From: bob@acme.example\r\n"
    return b"%s%s: %s\r\nX: y\r\n\r\nbody\r\n" % (head, name, value)


def _fields(chance: Random) -> bytes:
    """Fields of three to nine tokens."""
    head = b"" if chance.random() < 1 / 3 else _GREETINGS
    for _ in range(chance.randint(1, 5)):
        head += b"%s: %s\r\n" % (chance.choice(FIELDS), _mixed(chance))
    return head + b"\r\n" + b"".join(chance.choices(_PIECES, k=chance.randint(0, 4)))


def _mixed(chance: Random) -> bytes:
    return b"".join(chance.choices(TOKENS, k=chance.randint(3, 9)))


def _body(chance: Random) -> bytes:
    return HEAD + b"Subject: [P2] x\r\n" + _leaf(chance, chance.randint(3, 60))


def _leaf(chance: Random, pieces: int) -> bytes:
    """A part that has no parts, unless a piece of it says so."""
    kind = chance.choice(_TYPES[:2] if chance.random() < 1 / 2 else _TYPES)
    head = b"Content-Type: %s; charset=%s; boundary=b" % (kind, chance.choice(_CHARSETS))
    if chance.random() < 1 / 3:
        head += b"; name=" + _mixed(chance)
    if chance.random() < 1 / 2:
        head += b"\r\nContent-Transfer-Encoding: " + chance.choice(_CODINGS)
    if chance.random() < 1 / 4:
        head += b"\r\nContent-Disposition: attachment; filename*0*=" + _mixed(chance)
    return head + b"\r\n\r\n" + b"".join(chance.choices(_PIECES, k=pieces))


def _structure(chance: Random) -> bytes:
    """Parts in parts, with boundaries that may be lost, doubled or another's."""
    return HEAD + b"Subject: x\r\n" + _part(chance, chance.randint(1, 5))


def _part(chance: Random, depth: int) -> bytes:
    if depth == 0 or chance.random() < 1 / 5:
        return _leaf(chance, chance.randint(0, 12))
    if chance.random() < 1 / 6:
        return b"Content-Type: message/rfc822\r\n\r\n" + _GREETINGS + _part(chance, depth - 1)
    kinds = [one for one in _TYPES if one.startswith(b"multipart/")]
    mark = chance.choice((b"b", b"c", b"b%d" % depth, b"", b"b b", b"'b'"))
    content = b'Content-Type: %s; boundary="%s"\r\n\r\n' % (chance.choice(kinds), mark)
    for _ in range(chance.randint(0, 4)):
        content += b"--%s%s%s" % (
            mark,
            chance.choice((b"\r\n", b"\n", b" \r\n", b"")),
            _part(chance, depth - 1),
        )
        content += chance.choice((b"\r\n", b"\n", b""))
    return content + chance.choice((b"", b"--%s--\r\n" % mark, b"--%s\r\n" % mark))


def _damaged(chance: Random) -> bytes:
    """A whole mail of the corpus, cut, doubled, spliced and struck by tokens."""
    content = bytearray(chance.choice(_corpus()))
    for _ in range(chance.randint(1, 12)):
        start = chance.randint(0, len(content))
        end = min(len(content), start + chance.choice((0, 1, 4, 60, 600)))
        match chance.randrange(5):
            case 0:
                content[start:end] = chance.choice(TOKENS)
            case 1:
                content[start:end] = chance.choice(_PIECES)
            case 2:
                del content[start:end]
            case 3:
                content[start:start] = content[start:end] * 2
            case _:
                content[start:end] = chance.randbytes(end - start)
    return bytes(content)


def _repeated(chance: Random) -> bytes:
    """One or two things said very often, in a field or in the body."""
    said = b"".join(chance.choices(TOKENS + _PIECES, k=chance.randint(1, 2)))
    often = said * min(chance.choice((100, 1000, 20_000)), _LARGEST // len(said))
    if chance.random() < 1 / 2:
        return _GREETINGS + chance.choice(FIELDS) + b": " + often + b"\r\n\r\nbody\r\n"
    return HEAD + b"Content-Type: %s; boundary=b\r\n\r\n%s" % (chance.choice(_TYPES), often)


@cache
def _corpus() -> tuple[bytes, ...]:
    """Mails that are hostile by design, and reports of many programs."""
    reports = sorted((Path(__file__).parent / "reports").glob("*.eml"))
    return (*(one.raw for one in MAILS if len(one.raw) < _LARGEST), *(one.read_bytes() for one in reports))
