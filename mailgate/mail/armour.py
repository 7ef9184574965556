"""Knows text that is signed where it stands: PGP's armour around it and the dashes that it puts before lines.

What is signed is read as the writer wrote it (RFC 9580 section 7). Nothing is verified here; the mail is
kept as it came, so whoever has the key can. What is encrypted is left as it is.
"""

import re

_BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
_HEAD = re.compile(rf"^{_BEGIN}[ \t]*\n(?:[A-Za-z]+:[^\n]*\n)*[ \t]*\n", re.MULTILINE)
_SIGNATURE = re.compile(r"^-----BEGIN PGP SIGNATURE-----[ \t]*$", re.MULTILINE)
_END = re.compile(r"^-----END PGP SIGNATURE-----[ \t]*(?:\n|\Z)", re.MULTILINE)
_DASHED = re.compile(r"^- ", re.MULTILINE)


def read(text: str) -> str:
    """The text without the armour of what is signed in it; armour that is not whole stays."""
    if _BEGIN not in text:
        return text
    kept: list[str] = []
    at = 0
    while head := _HEAD.search(text, at):
        signature = _SIGNATURE.search(text, head.end())
        end = _END.search(text, signature.end()) if signature else None
        if not (signature and end):
            break
        kept += (text[at : head.start()], _DASHED.sub("", text[head.end() : signature.start()]))
        at = end.end()
    return "".join((*kept, text[at:]))
