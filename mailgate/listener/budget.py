"""Knows what a client may do amiss in one session before it has to go (`behaviour.md` 1.4)."""

from dataclasses import dataclass

from mailgate.core import reply as replies
from mailgate.core.reply import Reply
from mailgate.listener.limits import Limits


@dataclass(slots=True)
class Budget:
    """What was spent so far.

    Args:
        errors: replies of the 4xx and 5xx class.
        idle_commands: that lead to no mail by themselves.
        logins: attempts to authenticate.
        strangers: recipients that nobody here is, as long as no other was named.
    """

    errors: int = 0
    idle_commands: int = 0
    logins: int = 0
    strangers: int = 0
    _has_met: bool = False

    def renew(self) -> None:
        """A mail was accepted: its sender may go on for as long again."""
        self.errors = self.idle_commands = 0

    def meet(self, *, known: bool) -> None:
        """A recipient was named. Who knows one of us is not guessing."""
        self._has_met = self._has_met or known
        self.strangers = 0 if self._has_met else self.strangers + 1

    def overdrawn(self, limits: Limits) -> tuple[str, Reply] | None:
        """Why the session ends, in a sentence for the log, and its last reply; None while it may go on."""
        if self.errors > limits.hard_errors:
            return "A session had too many errors.", replies.TOO_MANY_ERRORS
        if self.idle_commands > limits.idle_commands:
            return "A session had too many commands.", replies.TOO_MANY_COMMANDS
        if self.logins > limits.logins:
            return "A session had too many logins.", replies.TOO_MANY_LOGINS
        if self.strangers > limits.strangers:
            return "A session guessed at recipients.", replies.TOO_MANY_STRANGERS
        return None
