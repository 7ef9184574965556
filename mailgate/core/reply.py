"""Knows the SMTP replies mailgate gives: basic code, enhanced code (RFC 3463) and a constant text.

A reply whose two codes disagree in class cannot be built.
No reply carries text from a client or an exception.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One SMTP reply (RFC 5321 section 4.2).

    Args:
        code: 220 to 599.
        status: the enhanced status code of RFC 3463, such as `5.1.1`; empty where a reply has none.
        text: ASCII on one line.
    """

    code: int
    status: str
    text: str

    def __post_init__(self) -> None:
        """Refuses a reply that contradicts itself."""
        if self.status and self.status[0] != str(self.code)[0]:
            raise ValueError(f"reply {self.code} cannot carry the enhanced code {self.status}")
        if not (self.text.isascii() and self.text.isprintable()):
            raise ValueError("the text of a reply is printable ASCII on one line")

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.code), self.status, self.text)))

    @property
    def accepted(self) -> bool:
        """Whether the reply is of the 2xx class."""
        return 200 <= self.code < 300  # noqa: PLR2004 - RFC 5321 section 4.2.1

    @property
    def refuses(self) -> bool:
        """Whether the reply is of the 4xx or 5xx class."""
        return self.code >= 400  # noqa: PLR2004 - RFC 5321 section 4.2.1

    @property
    def ends(self) -> bool:
        """Whether the connection is closed after it (RFC 5321 section 4.2.2)."""
        return self.code in {221, 421}


def queued(queue_id: int) -> Reply:
    """The reply to a mail that is in a committed row; the number finds it in the logs and the spool."""
    return Reply(250, "2.0.0", f"accepted as {queue_id}")


QUEUED = Reply(250, "2.0.0", "accepted")
TEMPORARY_FAULT = Reply(451, "4.3.0", "temporary failure on our side, please try again later")
NO_ROOM = Reply(452, "4.3.1", "not enough room now, please try again later")
NO_SUCH_USER = Reply(550, "5.1.1", "no such user here")
RELAY_DENIED = Reply(550, "5.7.1", "we do not relay for that domain")
SENDER_REFUSED = Reply(550, "5.7.1", "this address takes mail from its own company only")

# What a command is answered.
OK = Reply(250, "2.0.0", "ok")
SENDER_OK = Reply(250, "2.1.0", "sender ok")
RECIPIENT_OK = Reply(250, "2.1.5", "recipient ok")
HELP = Reply(214, "2.0.0", "see RFC 5321")
BYE = Reply(221, "2.0.0", "bye")
CANNOT_VERIFY = Reply(
    252, "2.5.0", "cannot verify, but will take mail for it and try"
)  # RFC 5321 section 7.3
SEND_CONTENT = Reply(354, "", "end data with <CR><LF>.<CR><LF>")
UNKNOWN_COMMAND = Reply(500, "5.5.2", "command not recognized")
LINE_TOO_LONG = Reply(500, "5.5.2", "line too long")
BARE_NEWLINE_IN_COMMAND = Reply(500, "5.5.2", "a command ends in CR LF")
BAD_ARGUMENT = Reply(501, "5.5.4", "syntax error in the argument")
BAD_REVERSE_PATH = Reply(501, "5.1.7", "malformed sender address")
BAD_FORWARD_PATH = Reply(501, "5.1.3", "malformed recipient address")
NOT_OFFERED = Reply(502, "5.5.1", "command not offered")
GREET_FIRST = Reply(503, "5.5.1", "send EHLO or HELO first")
GREET_BY_LHLO_FIRST = Reply(503, "5.5.1", "send LHLO first")
MAIL_FIRST = Reply(503, "5.5.1", "need MAIL first")
RECIPIENT_FIRST = Reply(503, "5.5.1", "need an accepted RCPT first")
NESTED_MAIL = Reply(503, "5.5.1", "a mail is already begun")
ALREADY_SECURE = Reply(503, "5.5.1", "TLS is already in use")
TLS_REQUIRED = Reply(530, "5.7.0", "must issue STARTTLS first")
NEEDS_SMTPUTF8 = Reply(553, "5.6.7", "such an address needs SMTPUTF8")
UNKNOWN_PARAMETER = Reply(555, "5.5.4", "parameter not recognized")
TALKED_FIRST = Reply(554, "5.5.0", "protocol synchronization: wait for the greeting")

# What a limit is answered (`behaviour.md` 1.4).
FAULT_IN_MAIL = Reply(421, "4.3.0", "temporary failure on our side, please try again later")
TOO_BUSY = Reply(421, "4.3.2", "too busy, please try again later")
SHUTTING_DOWN = Reply(421, "4.3.2", "shutting down, please try again later")
TIMED_OUT = Reply(421, "4.4.2", "timeout")
TOO_SLOW = Reply(421, "4.4.2", "the mail comes too slowly")
TOO_MANY_CONNECTIONS = Reply(421, "4.7.0", "too many connections from you")
TOO_MANY_ERRORS = Reply(421, "4.7.0", "too many errors")
TOO_MANY_COMMANDS = Reply(421, "4.7.0", "too many commands without a mail")
TOO_MANY_LOGINS = Reply(421, "4.7.0", "too many attempts to authenticate")
TOO_MANY_STRANGERS = Reply(421, "4.7.0", "too many unknown recipients")
ENDLESS_LINE = Reply(421, "4.7.0", "command line without end")
TOO_MUCH_MAIL = Reply(450, "4.7.1", "too much mail from you, please slow down")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3", "too many recipients, please send the others in another mail")
TOO_BIG = Reply(552, "5.3.4", "message too big")
HEADER_TOO_BIG = Reply(552, "5.3.4", "message header too big")
TEXT_LINE_TOO_LONG = Reply(500, "5.5.2", "text line too long")
BARE_NEWLINE = Reply(550, "5.5.2", "bare CR or LF in the mail (RFC 5321 section 2.3.8)")
ROUTING_LOOP = Reply(554, "5.4.6", "routing loop: too many Received fields")
