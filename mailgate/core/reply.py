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


QUEUED = Reply(250, "2.0.0", "accepted")
TEMPORARY_FAULT = Reply(451, "4.3.0", "temporary failure on our side, please try again later")
NO_ROOM = Reply(452, "4.3.1", "not enough room now, please try again later")
NO_SUCH_USER = Reply(550, "5.1.1", "no such user here")
RELAY_DENIED = Reply(550, "5.7.1", "we do not relay for that domain")
SENDER_REFUSED = Reply(550, "5.7.1", "this address takes mail from its own company only")
