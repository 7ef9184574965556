"""Knows how an answer looks on the wire: a reply, the lines of EHLO, a reply to each recipient."""

from dataclasses import dataclass

from mailgate.core.reply import Reply


@dataclass(frozen=True, slots=True)
class Offers:
    """The answer to EHLO: the host's name, then what it offers."""

    lines: tuple[str, ...]

    def __str__(self) -> str:
        first = [f"250-{line}" for line in self.lines[:-1]]
        return "\r\n".join([*first, f"250 {self.lines[-1]}"])


@dataclass(frozen=True, slots=True)
class Each:
    """The same reply to each of so many recipients (RFC 2033 section 4.2): a mail is taken whole or not."""

    reply: Reply
    recipients: int

    def __str__(self) -> str:
        return "\r\n".join([str(self.reply)] * self.recipients)


Answer = Reply | Offers | Each


def reply_of(answer: Answer) -> Reply | None:
    """What is counted of it; offers are no verdict."""
    match answer:
        case Reply():
            return answer
        case Each(reply, _):
            return reply
        case Offers():
            return None
