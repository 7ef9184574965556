"""A whole conversation, as those who had it would tell it: two customers, two of the staff, and machines.

Everybody has a mail program of their own. What each of them got is compared whole at the end, with what every
mail answers; nothing of the staff's is in what went to the customers.
"""

import asyncio
import re
from collections import defaultdict
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from mailgate.core.internal import BEGIN, END
from tests.acceptance.installation import ACCOUNT, Installation, written
from tests.acceptance.stage import ALIAS, Stage, playing, text

BOB, CAROL, ERIN = "bob@acme.example", "carol@acme.example", "erin@partner.example"
SAM, KIM = "sam@example.com", "kim@example.com"
SECOND_OF_STAFF = f'[[staff]]\nname = "Kim Park"\nemail = "{KIM}"\n'
ACME = f'{ACCOUNT}staff = ["{SAM}"]\n'
NOTES = ("You know gateways best.", "Carol decides while he is away.")


@dataclass
class Story:
    """What happens, and what everybody got so far.

    Args:
        boxes: by address, the mails that came there, oldest first.
        names: what each Message-ID is called: `bob got 2`, `sam wrote 1`.
        written, got: how many mails each of them wrote and was sent.
    """

    stage: Stage
    boxes: dict[str, list[EmailMessage]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, str] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    got: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def writes(self, at: str, who: str, subject: str, words: str, cc: str = "") -> list[str]:
        """Somebody begins a new mail to the alias; who gets mail because of it."""
        return await self._sends(at, who, _mail(who, ALIAS, subject, words, cc))

    async def answers(
        self, at: str, who: str, words: str, *, to_all: bool = False, older: int = 0
    ) -> list[str]:
        """Somebody presses Reply below the last mail that they got, or one older than that."""
        answered = self.boxes[who][-1 - older]
        quoted = "".join(f"> {line}\n" for line in text(answered).splitlines())
        said = f"{words}\n\nOn Friday, {answered['From']} wrote:\n{quoted}"
        mail = _mail(
            who, answered["Reply-To"], _re(answered["Subject"]), said, answered["Cc"] if to_all else ""
        )
        mail["In-Reply-To"] = answered["Message-ID"]
        mail["References"] = f"{answered['References'] or ''} {answered['Message-ID']}".strip()
        return await self._sends(at, who, mail)

    async def tells_the_customer(self, at: str, who: str, words: str) -> list[str]:
        """Somebody of the staff writes to the address that the last note names, instead of answering it."""
        note = self.boxes[who][-1]
        found = re.search(r"acme\+[a-z2-7]{32}@\S+", text(note))
        assert found
        mail = _mail(who, found[0], _re(note["Subject"]), words)
        mail["In-Reply-To"] = note["Message-ID"]
        return await self._sends(at, who, mail)

    async def is_away(self, at: str, who: str) -> list[str]:
        """The mail program of somebody answers the last mail that they got."""
        answered = self.boxes[who][-1]
        mail = _mail(who, _reverse_path(answered), "Automatic reply: away", "I am back on Monday.")
        mail["Auto-Submitted"] = "auto-replied"
        mail["In-Reply-To"] = answered["Message-ID"]
        return await self._sends(at, "", mail)

    async def bounces(self, at: str, who: str) -> list[str]:
        """The last mail to somebody comes back from their mail server, whose disk is full."""
        lost = self.boxes[who].pop()
        return self._arrive(await self._at(at).sends(_report(who, lost), _reverse_path(lost), ""))

    async def _sends(self, at: str, sender: str, mail: EmailMessage) -> list[str]:
        who = mail["From"]
        self.written[who] += 1
        mail["Message-ID"] = f"<{self.written[who]}-{who}>"
        self.names[mail["Message-ID"]] = f"{_short(who)} wrote {self.written[who]}"
        raw = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
        return self._arrive(await self._at(at).sends(raw, mail["To"], sender))

    def _at(self, at: str) -> Stage:
        self.stage.now = f"2026-11-20T{at}:00Z"
        return self.stage

    def _arrive(self, mails: list[EmailMessage]) -> list[str]:
        for mail in mails:
            self.boxes[mail["To"]].append(mail)
            self.got[mail["To"]] += 1
            self.names[mail["Message-ID"]] = f"{_short(mail['To'])} got {self.got[mail['To']]}"
        return [_short(mail["To"]) for mail in mails]

    def box(self, who: str) -> list[str]:
        """What somebody has got: from whom, which mail it answers, and its first words."""
        return [
            f"{mail['From'].addresses[0].display_name}, to {self.names.get(mail['In-Reply-To'], '-')}:"
            f" {_begins(mail)}"
            for mail in self.boxes[who]
        ]


def _mail(who: str, to: str, subject: str, words: str, cc: str = "") -> EmailMessage:
    mail = written(who, to, subject, words)
    if cc:
        mail["Cc"] = cc
    return mail


def _report(who: str, lost: EmailMessage) -> bytes:
    """A delivery report as RFC 3464 has it, with the header of the mail that was lost."""
    header = "".join(f"{name}: {value}\r\n" for name, value in lost.items())
    return (
        f"From: MAILER-DAEMON@mx.acme.example\r\nTo: {_reverse_path(lost)}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n"
        "--r\r\nContent-Type: text/plain\r\n\r\nThe disk is full.\r\n"
        "--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.acme.example\r\n\r\n"
        f"Final-Recipient: rfc822; {who}\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        "Diagnostic-Code: smtp; 552 5.2.2 Mailbox full\r\n\r\n"
        f"--r\r\nContent-Type: text/rfc822-headers\r\n\r\n{header}\r\n--r--\r\n"
    ).encode()


def _reverse_path(mail: EmailMessage) -> str:
    """Where a report about it goes."""
    path: str = mail["Return-Path"]
    return path.strip("<>")


def _re(subject: str) -> str:
    return subject if subject.startswith("Re: ") else f"Re: {subject}"


def _short(address: str) -> str:
    return address.partition("@")[0].lower()


def _begins(mail: EmailMessage) -> str:
    """Its first words; of a mail to staff those below its head, or in it where nothing is below."""
    inside, _, below = text(mail).replace("\r\n", "\n").rpartition(END)
    said = below.strip() if not below.strip().startswith("-- ") else inside.partition(BEGIN)[2].strip()
    return re.split("[,\n]", said)[0]


async def opens(story: Story) -> None:
    """Bob writes, with Carol and an outsider in Cc; Sam takes it and asks; it comes back; he asks again."""
    cc = f"{CAROL}, {ERIN}"
    assert await story.writes("17:00", BOB, "[P2] The gateways are gone", "All of them.", cc) == [
        "bob",
        "sam",
    ]
    assert ERIN in text(story.boxes[SAM][0])
    assert await story.answers("17:10", SAM, "/assign me\n/ack") == []
    assert await story.answers("17:20", SAM, "Which firmware do they run?") == ["bob", "carol"]
    assert await story.stage.clocks(1) == [
        "response met 2026-11-20T21:00:00Z",
        "resolution running 2026-11-24T01:00:00Z",
    ]
    assert await story.bounces("17:21", CAROL) == ["sam"]
    assert await story.bounces("17:22", BOB) == ["sam"]
    assert (await story.stage.clocks(1))[0] == "response running 2026-11-20T21:00:00Z"  # nobody has read it
    assert await story.answers("17:40", SAM, "/wait\nOnce more: which firmware?", older=2) == ["bob", "carol"]
    assert await story.is_away("17:41", BOB) == []


async def goes_on(story: Story) -> None:
    """Carol answers to all, after half an hour; Kim is given it, notes go round, Kim answers; it helps."""
    assert await story.answers("18:10", CAROL, "6.1.", to_all=True) == ["sam"]
    assert (await story.stage.clocks(1))[1] == "resolution running 2026-11-24T17:30:00Z"
    assert await story.answers("18:20", SAM, f"/assign kim\n/note\n{NOTES[0]}") == ["kim"]
    assert await story.answers("18:25", KIM, NOTES[1]) == ["sam"]
    assert await story.tells_the_customer("18:30", KIM, "Please update to 6.2.") == ["bob", "carol"]
    assert await story.answers("19:00", CAROL, "That helped.") == ["sam", "kim"]
    assert await story.answers("19:10", KIM, "/resolve\nGood to hear.") == ["bob", "carol", "bob", "carol"]


async def ends(story: Story) -> None:
    """Carol opens another one, Bob reopens the first; they are merged, and settled together."""
    assert await story.writes("20:00", CAROL, "[P3] Gateways are slow", "All of them.", BOB) == [
        "carol",
        "sam",
    ]
    assert await story.answers("20:10", BOB, "They are gone again.") == ["sam", "kim"]
    assert await story.answers("20:20", SAM, "/merge ACME-1", older=1) == []
    assert await story.answers("20:30", KIM, "/resolve\n6.3 cures both.") == ["bob", "carol", "bob", "carol"]


async def test_a_conversation_from_its_first_mail_to_its_last(tmp_path: Path) -> None:
    """behaviour.md 2.3, 2.4, 3.4, 3.5, 3.6, 4.1, 4.2, 4.4; policies.md, Business time 7, 8"""
    async with playing(Installation(tmp_path, account=ACME, more=SECOND_OF_STAFF)) as stage:
        story = Story(stage)
        await opens(story)
        await goes_on(story)
        await ends(story)

        assert await stage.happened(1) == ONE
        assert await stage.happened(2) == ["ticket_opened", "people_changed", "ticket_merged"]
        assert await stage.clocks(1) == [
            "response met 2026-11-20T21:00:00Z",
            "resolution met 2026-11-24T17:30:00Z",
            "resolution met 2026-11-24T18:30:00Z",  # an hour of rest, too, while it was resolved
            "response met 2026-11-24T20:00:00Z",  # of the second ticket, until 20:30
        ]
        answer = await asyncio.to_thread(stage.installation.run, "sla", "verify")
        assert (answer.returncode, answer.stderr) == (0, "")
        assert {who: story.box(who) for who in story.boxes if story.box(who)} == BOXES
        assert leaks(story) == []


def leaks(story: Story) -> list[str]:
    """What of the staff's stands in any mail to a customer."""
    signed = {mail["Reply-To"] for who in (SAM, KIM) for mail in story.boxes[who]}
    internal = {SAM, KIM, BEGIN, END, *NOTES, *(address.partition("@")[0] for address in signed)}
    sent = [part for who in (BOB, CAROL) for mail in story.boxes[who] for part in (mail, *mail.walk())]
    written = [f"{part.items()}{'' if part.is_multipart() else part.get_content()}" for part in sent]
    return [word for word in internal for one in written if word.casefold() in one.casefold()]


ONE = [
    *("ticket_opened", "people_changed", "ticket_assigned", "ticket_taken", "staff_replied"),
    *("delivery_failed", "delivery_failed", "response_withdrawn"),
    *("staff_replied", "ticket_set_waiting", "mail_noted", "customer_replied"),
    *("ticket_assigned", "mail_noted", "staff_replied", "customer_replied", "staff_replied"),
    *("ticket_resolved", "ticket_reopened", "customer_replied"),
    *("ticket_absorbed", "staff_replied", "ticket_resolved"),
]
BOXES = {
    BOB: [
        "Example Support, to bob wrote 1: Hello",
        "Sam Rivera (Example Support), to bob got 1: Once more: which firmware?",
        "Kim Park (Example Support), to carol wrote 1: Please update to 6.2.",
        "Kim Park (Example Support), to bob got 4: Good to hear.",
        "Example Support, to bob got 4: Hello",
        "Kim Park (Example Support), to bob wrote 3: 6.3 cures both.",
        "Example Support, to bob wrote 3: Hello",
    ],
    CAROL: [
        "Sam Rivera (Example Support), to bob wrote 1: Once more: which firmware?",
        "Kim Park (Example Support), to carol wrote 1: Please update to 6.2.",
        "Kim Park (Example Support), to carol wrote 2: Good to hear.",
        "Example Support, to carol wrote 2: Hello",
        "Example Support, to carol wrote 3: Hello",
        "Kim Park (Example Support), to carol got 4: 6.3 cures both.",
        "Example Support, to carol got 4: Hello",
    ],
    SAM: [
        "Example Support, to -: bob@acme.example opened this ticket on Friday 20 November",
        "Example Support, to sam wrote 2: An answer to the customer did not reach carol@acme.example.",
        "Example Support, to sam got 2: An answer to the customer did not reach bob@acme.example.",
        "Example Support, to sam wrote 3: carol@acme.example wrote on Friday 20 November",
        "Example Support, to sam wrote 4: Internal note by Kim Park <kim@example.com>",
        "Example Support, to sam got 5: carol@acme.example wrote on Friday 20 November",
        "Example Support, to -: carol@acme.example opened this ticket on Friday 20 November",
        "Example Support, to sam got 6: bob@acme.example wrote on Friday 20 November",
    ],
    KIM: [
        "Example Support, to -: Sam Rivera has given you this ticket: it is yours now.",
        "Example Support, to kim wrote 2: carol@acme.example wrote on Friday 20 November",
        "Example Support, to kim wrote 3: bob@acme.example wrote on Friday 20 November",
    ],
}
