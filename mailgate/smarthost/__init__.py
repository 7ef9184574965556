"""Knows how a mail is handed to a mail server by SMTP or LMTP.

`order` tries several servers, `courier` keeps the connections to one, `session` opens them, `dialog` hands
one mail over, and `wire` is the line itself.
"""

from mailgate.smarthost.courier import Manners, Smarthost
from mailgate.smarthost.order import Smarthosts
from mailgate.smarthost.session import Timeouts

__all__ = ["Manners", "Smarthost", "Smarthosts", "Timeouts"]
