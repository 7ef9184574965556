"""Knows how a mail is handed to a smarthost by SMTP: `courier` keeps the connections, `dialog` drives one."""

from mailgate.smarthost.courier import Smarthost, Timeouts

__all__ = ["Smarthost", "Timeouts"]
