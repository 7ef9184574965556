"""Knows who sent a mail.

`authenticator` finds it out, `spf` is one of its proofs, and `organisation` says whose a domain is.
"""

from mailgate.authentication.authenticator import Authenticator
from mailgate.authentication.organisation import organisations

__all__ = ["Authenticator", "organisations"]
