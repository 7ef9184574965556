"""Knows what the markup of mail programs says about a reply: what introduces, what quotes, what signs.

Nobody else's names are like these, and what carries none is the writer's: an indented paragraph, a rule.
"""

import re

from mailgate.mail.line import Mark

_CITES = re.compile(
    r"""\btype\s*=\s*["']?cite|\bcite\s*=\s*["']mid:|\bmoz-cite|\bborder(?:-left|-inline-start)\s*:"""
    r"|blockquote_zmail|isReplyContent",
    re.IGNORECASE,
)
_INTRODUCES = re.compile(
    r"gmail_attr|gmail_quote(?!_)|gmail_extra|moz-cite-prefix|yahoo-quoted-begin|tutanota_quote"
    r"|zmail_extra_hr|protonmail_quote|reply-intro|airmail_on|missive_quote|messageReplySection"
)
_QUOTES = re.compile(
    r"divRplyFwdMsg|appendonsend|yahoo_quoted|OLK_SRC_BODY_SECTION|ms-outlook-mobile-reference-message"
    r"|mail-editor-reference-message-container|wm_original|mail_quote_header"
)
_SIGNS = re.compile(
    r"""gmail_signature(?!_prefix)|\bid\s*=\s*["']?(?:x_)*Signature\b|moz-signature|protonmail_signature_block"""
    r"|ms-outlook-mobile-signature|AppleMailSignature|bloop_sign|front-signature|zmail_signature"
    r"|evo-signature-wrapper|ymail_android_signature|rc_signature|missive_signature"
)
SIGNED = b"ignature"
"""What the bytes of a page have in them that marks a signature, nearly always."""


def cites(tag: str) -> bool:
    """Whether a blockquote is a program's, not one with which its writer indents."""
    return bool(_CITES.search(tag))


def said(tag: str) -> Mark:
    """What the tag of an element says of it."""
    if "class" not in tag and "id=" not in tag and "name=" not in tag:
        return Mark.NONE
    if _SIGNS.search(tag):
        return Mark.SIGNATURE
    if _QUOTES.search(tag):
        return Mark.QUOTATION
    if _INTRODUCES.search(tag) and tag[:10].lower() != "blockquote":
        return Mark.INTRODUCTION
    return Mark.NONE
