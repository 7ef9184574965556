"""Knows the small web listener for machines that watch this one: `pages` says what, `guard` to whom.

It only reads, listens on loopback unless told otherwise, and tells numbers: no address, no ticket.
"""

from mailgate.web.guard import Guard
from mailgate.web.metrics import Metrics
from mailgate.web.pages import Check, pages
from mailgate.web.server import Web

__all__ = ["Check", "Guard", "Metrics", "Web", "pages"]
