"""Knows what in a staff member's words is for staff alone, and takes it out before a customer reads them.

A reply often quotes the notice that it answers: its head with clocks, the signed address, the staff address.
None of that may reach the customer (`behaviour.md` 4.2).
"""

import re

BEGIN = "[ for staff only ]"
END = "[ end of what is for staff only ]"
"""Lines around the head of a mail to staff, in its text and in its HTML (templates/_partials/words)."""

_QUOTED = re.compile(r"^[ \t>|]*")


def for_customer(text: str, staff_address: str, domain: str) -> str:
    """The words without quoted heads of notices, and without lines that quote an internal address.

    Args:
        text: what the member of staff wrote.
        staff_address: their own address.
        domain: the desk's domain; a signed address in it (`acme+token@domain`) is internal.
    """
    internal = re.compile(rf"{re.escape(staff_address)}|\+[a-z2-7]{{32}}@{re.escape(domain)}", re.IGNORECASE)
    kept: list[str] = []
    hidden = False
    for line in text.splitlines():
        bare = _QUOTED.sub("", line).strip()
        if bare == BEGIN:
            hidden = True
        if not hidden and not internal.search(line):
            kept.append(line)
        if bare == END:
            hidden = False
    return "\n".join(kept).strip()
