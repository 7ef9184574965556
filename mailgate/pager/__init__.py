"""Pages out, to the notification services that the operator named: signed JSON webhooks, and Apprise."""

from mailgate.pager.courier import Pager
from mailgate.pager.messenger import why_unusable

__all__ = ["Pager", "why_unusable"]
