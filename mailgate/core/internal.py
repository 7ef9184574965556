"""Knows what in a staff member's words is for staff alone, and takes it out before a customer reads them.

A reply often quotes the notice that it answers: its head with clocks, the signed address, the staff address.
None of that may reach the customer (`behaviour.md` 4.2), and no word of the answer may be lost with it.
"""

import re
import unicodedata

from mailgate.core.address import TOKEN, names_staff
from mailgate.core.message import Mailbox

BEGIN = "[ for staff only ]"
END = "[ end of what is for staff only ]"
"""Lines around the head of a mail to staff, in its text and in its HTML (templates/_partials/words)."""

_MARK = re.compile(r"\[\s*(end\s+of\s+what\s+is\s+)?for\s+staff\s+only\s*\]", re.IGNORECASE)
_MARK_IN_FILE = re.compile(rb"\[\s*for\s+staff\s+only\s*\]", re.IGNORECASE)
_LOOKED_AT = 1 << 20  # octets of a file: a mail shows its addresses in its header
_QUOTED = re.compile(r"\s*\w{0,4}[>|]")  # some programs quote with the initials of who wrote
_QUOTED_LINE = re.compile(r"\s*>")
_AROUND_NAME = " \t\u00a0-\u2013\u2014*_~,./|"
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})  # categories: control and format characters, and space
# Whatever its separator, and if the line was broken there or after its @; it may be part of a link, or of a
# link to that link.
_SIGNED = r"(?:(?<![a-z2-7])|%(?:25)*(?:2[bde]|3d|5f))" + TOKEN + r"(?:@|%(?:25)*40)"
_ANY_SIGNED = re.compile(_SIGNED, re.IGNORECASE)


def for_customer(text: str, staff_address: str) -> str:
    """The words without quoted heads of notices, and without lines that name an internal address.

    Empty where nothing is left that anybody can see: a zero-width space answers nobody.

    Args:
        text: what the member of staff wrote.
        staff_address: their own address; a signed one (`acme+token@domain`) is internal, whosever it is.
    """
    internal = re.compile(f"{re.escape(staff_address)}|{_SIGNED}", re.IGNORECASE)
    kept: list[str] = []
    hidden = quoted = False
    for line in text.splitlines():
        own = not _QUOTED.match(line)
        seen = _seen(line)
        mark = _MARK.search(seen)
        if mark:
            hidden, quoted = mark[1] is None, not own
        # Below a quoted mark, a line that is not quoted is the answer itself.
        elif not (hidden and not (quoted and own)) and not internal.search(seen):
            kept.append(line)
    words = "\n".join(kept).strip()
    return words if any(unicodedata.category(one) not in _UNSEEN for one in words) else ""


def names_inside(content: bytes) -> bool:
    """Whether a file is a mail to staff or a copy of one: it has a signed address of theirs, or our marks.

    Outlook writes its own files in UTF-16, of which the NULs are left out here.
    """
    plain = content[: 2 * _LOOKED_AT].replace(b"\0", b"")[:_LOOKED_AT]
    return names_staff(plain) or bool(_MARK_IN_FILE.search(plain))


def says_something(words: str, writer: Mailbox) -> bool:
    """Whether the words say anything: a quotation alone does not, nor does its writer's name under it."""
    names = {writer.name.casefold(), *writer.name.casefold().split()[:1]}
    own = (line.strip(_AROUND_NAME).casefold() for line in words.splitlines() if not _QUOTED_LINE.match(line))
    return any(line and line not in names for line in own)


def names_signed(text: str) -> bool:
    """Whether a signed address stands in it, whosever it is."""
    return bool(_ANY_SIGNED.search(_seen(text)))


def unmarked(words: str) -> str:
    """The words of a customer, in which nothing is taken for a mark of ours."""
    return _MARK.sub(lambda mark: f"({mark[0][1:-1]})", words)


def _seen(line: str) -> str:
    """The line as a reader sees it, who would copy an address without what hides in it."""
    return line if line.isascii() else "".join(one for one in line if unicodedata.category(one) != "Cf")
