"""Knows what people write to the desk in one round, and what must come of each mail.

Every mail carries a key of its own in `X-Key`. What begins a ticket has it in its subject as well, so that it
stands in the title, and in every mail about the ticket.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random  # noqa: TID251 - drawn from a seed, so that a round can be told again

ALIAS = "acme@support.example.com"
STAFF = "sam@example.com"
_WORDS = (
    *("antenna", "battery", "board", "cable", "cloud", "console", "device", "firmware", "fleet", "gateway"),
    *("handshake", "kernel", "ledger", "meter", "modem", "network", "packet", "panel", "pipeline", "probe"),
    *("radio", "relay", "rollout", "sensor", "signal", "socket", "token", "update", "valve", "watchdog"),
)


class Matter(StrEnum):
    """What a mail is to the desk."""

    QUESTION = "question"  # a person's; it opens a ticket
    ALARM = "alarm"  # a machine's; so does it
    SECOND = "second"  # the Message-ID of the question, but other words
    ANSWER = "answer"  # the customer goes on
    AUTORESPONSE = "autoresponse"  # the customer is away
    WORDS = "words"  # staff write to the customer
    NOTE = "note"  # staff write to themselves
    ORDER = "order"  # staff command, without words
    END = "end"  # staff answer and resolve


OUTCOMES: Mapping[Matter, frozenset[str]] = {
    # A question and the second mail under its Message-ID may be decided by two nodes, in either order.
    Matter.QUESTION: frozenset({"new_ticket", "reply"}),
    Matter.ALARM: frozenset({"new_ticket"}),
    Matter.SECOND: frozenset({"new_ticket", "reply"}),
    Matter.ANSWER: frozenset({"reply"}),
    Matter.AUTORESPONSE: frozenset({"note"}),
    Matter.WORDS: frozenset({"staff_reply"}),
    Matter.NOTE: frozenset({"note", "staff_reply"}),
    Matter.ORDER: frozenset({"note", "staff_reply"}),
    Matter.END: frozenset({"staff_reply"}),
}
"""What each is found to be, the first time; after that it is a duplicate."""

CAUSES: Mapping[Matter, Counter[str]] = {
    Matter.QUESTION: Counter({"acknowledgement": 1, "staff_notice": 1}),
    Matter.ALARM: Counter({"staff_notice": 1}),
    Matter.SECOND: Counter({"staff_notice": 1}),
    Matter.ANSWER: Counter({"staff_notice": 1}),
    Matter.AUTORESPONSE: Counter(),
    Matter.WORDS: Counter({"relayed_reply": 1}),
    Matter.NOTE: Counter(),
    Matter.ORDER: Counter(),
    Matter.END: Counter({"relayed_reply": 1, "resolution_note": 1}),
}
"""Which mails each puts into the outbox."""


class Way(StrEnum):
    """How a mail is handed over the first time; after that its client insists until it hears 250."""

    PLAIN = "plain"
    TWICE = "twice"  # on two connections at once
    HANGS_UP = "hangs_up"  # FIN after the final dot
    RESETS = "resets"  # RST after the final dot
    DEAF = "deaf"  # up to three times, the answer is lost on the way
    FORGETS = "forgets"  # FIN after the final dot, and never heard of again


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail and its envelope.

    Args:
        matter: what it is to the desk.
        story: the key of the mail that opens the ticket.
        pause: seconds between the final dot and what its way does then.
        repeats: how often its way is gone.
    """

    key: str
    matter: Matter
    story: str
    reverse_path: str
    recipient: str
    content: bytes
    way: Way = Way.PLAIN
    pause: float = 0.0
    repeats: int = 1


@dataclass(frozen=True, slots=True)
class Story:
    """What happens around one ticket.

    Args:
        first: what comes from outside: an alarm, or a question and what its writer adds unasked.
        staff: how staff react to it; None where they do not.
        last: how the customer reacts to that.
    """

    first: tuple[Letter, ...]
    staff: Matter | None = None
    last: Matter | None = None


class Writer:
    """Writes the mails of a round.

    Args:
        round_: the name of the round, in all its keys.
        chance: what everything is drawn from.
    """

    def __init__(self, round_: str, chance: Random) -> None:
        self._round = round_
        self._chance = chance
        self._written = 0

    def story(self) -> Story:
        """What happens around one ticket, from its beginning."""
        chance = self._chance
        key = self._key()
        person = f"person.{key}@acme.example"
        if chance.random() < 0.15:
            return Story((self._opening(key, person, Matter.ALARM, "Auto-Submitted: auto-generated"),))
        letters = [self._opening(key, person, Matter.QUESTION)]
        if chance.random() < 0.15:
            letters.append(self._opening(key, person, Matter.SECOND))
        if chance.random() < 0.3:
            letters.append(self.reply(Matter.ANSWER, key, person, ALIAS, f"{key}@acme.example"))
        staff = chance.choice((Matter.WORDS, Matter.WORDS, Matter.NOTE, Matter.ORDER, Matter.END, None))
        last = chance.choice((Matter.ANSWER, Matter.AUTORESPONSE, None))
        return Story(tuple(letters), staff, last if staff in {Matter.WORDS, Matter.END} else None)

    def reply(self, matter: Matter, story: str, sender: str, recipient: str, to: str) -> Letter:
        """A reply of somebody to the mail of that Message-ID."""
        key = self._key()
        marks = ["Auto-Submitted: auto-replied"] if matter is Matter.AUTORESPONSE else []
        head = [f"Message-ID: <{key}@{sender.partition('@')[2]}>", f"In-Reply-To: <{to}>", *marks]
        content = _mail(key, sender, recipient, f"Re: {story}", head, self._text(matter))
        reverse_path = "" if marks else sender
        return Letter(key, matter, story, reverse_path, recipient, content, *self._way())

    def _opening(self, story: str, sender: str, matter: Matter, *marks: str) -> Letter:
        key = self._key() if matter is Matter.SECOND else story
        head = [f"Message-ID: <{story}@acme.example>", *marks]
        content = _mail(key, sender, ALIAS, f"[P3] {story}", head, self._text(matter))
        return Letter(key, matter, story, sender, ALIAS, content, *self._way())

    def _text(self, matter: Matter) -> Sequence[str]:
        words = " ".join(self._chance.choices(_WORDS, k=30)) + "."
        match matter:
            case Matter.NOTE:
                return "/note", "", words
            case Matter.ORDER:
                return (self._chance.choice(("/ack", "/priority P2")),)
            case Matter.END:
                return "/resolve", "", words
            case _:
                return (words,)

    def _way(self) -> tuple[Way, float, int]:
        # Half of them as mail servers do; the rest as the network does to them.
        ways = [Way.PLAIN] * 5 + [way for way in Way if way is not Way.PLAIN]
        way = self._chance.choice(ways)
        repeats = self._chance.randint(1, 3) if way is Way.DEAF else 1
        pause = self._chance.choice((0.0, self._chance.uniform(0, 0.01)))
        return way, pause, repeats

    def _key(self) -> str:
        self._written += 1
        return f"key-{self._round}-{self._written}"


def _mail(
    key: str, sender: str, recipient: str, subject: str, head: Sequence[str], text: Sequence[str]
) -> bytes:
    lines = (
        f"X-Key: {key}",
        f"From: {sender.partition('@')[0]} <{sender}>",
        f"To: {recipient}",
        f"Subject: {subject}",
        "Date: Fri, 20 Nov 2026 12:00:00 +0000",
        *head,
        "",
        *text,
        "",
    )
    return "\r\n".join(lines).encode()
