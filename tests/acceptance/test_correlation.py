"""A reply finds its ticket, whatever mail programs and systems on the way have done to it, and no other."""

import asyncio
from email import policy
from email.message import EmailMessage

import pytest

from mailgate.core.message import Message
from mailgate.core.ticket import Status
from mailgate.mail.parse import parse
from tests.acceptance.installation import ACCOUNT
from tests.acceptance.stage import ALIAS, BOB, CAROL, SAM, Stage, letter, text, to

EVE = "Eve <eve@evil.example>"
FIRST = "m1@acme.example"
GLOBEX = ACCOUNT.replace("[acme]", "[globex]").replace("acme", "globex").replace("Acme", "Globex")


async def opened(stage: Stage, message_id: str = FIRST) -> list[EmailMessage]:
    """Bob's first mail; what is sent because of it."""
    return await stage.sends(letter(BOB, "Printer on fire", "It burns.", f"Message-ID: <{message_id}>"))


def reply(who: str, subject: str, *fields: str, number: int = 2) -> bytes:
    """A reply in which nothing of ours is quoted."""
    return letter(who, subject, f"Still burning, {number}.", f"Message-ID: <m{number}@acme.example>", *fields)


async def test_a_reply_joins_its_ticket_whatever_was_lost_on_the_way(stage: Stage) -> None:
    """behaviour.md 3.3, each evidence alone"""
    acknowledgement = to(await opened(stage), "bob@acme.example")
    ours, signed = acknowledgement["Message-ID"], str(acknowledgement["Reply-To"])
    local, _, domain = signed.partition("@")
    survivals = [
        # The number in the subject is left out where it is not what is shown.
        (signed, "Re: fire"),
        (signed.upper(), "Re: fire"),  # a front server changed its case
        (f"{local.replace('+', '-')}@{domain}", "Re: fire"),  # written with another separator
        (ALIAS, "Re: fire", f"In-Reply-To: {ours}"),  # Reply-To ignored
        (ALIAS, "Re: fire", f"In-Reply-To: {ours.upper()}"),
        (ALIAS, "Re: fire", f"References: <{FIRST}>\r\n <rewritten@mta.example>"),  # our Message-ID rewritten
        (
            ALIAS,
            "Re: fire",
            f"References: <gone@x.example> <m1@acme.\r\n example> {ours[:20]}",
        ),  # folded, cut off
        (ALIAS, "Re: fire", f"In-Reply-To: {ours} (Example Support's message of Friday)"),
        (ALIAS, "Re: [ACME-1] fire"),  # ids lost, sub-address cut off
        (ALIAS, 'AW: "[acme-1] fire'),
    ]
    for number, (where, subject, *fields) in enumerate(survivals, 2):
        await stage.sends(reply(BOB, subject, *fields, number=number), where)
    assert stage.outcomes() == ["new_ticket 2.9", *["reply 3.3"] * len(survivals)]

    await stage.sends(reply(BOB, "Re: Printer on fire", number=99))
    assert stage.outcomes()[-1] == "new_ticket 2.9"  # its words alone


@pytest.mark.parametrize(
    ("subject", "outcome"),
    [
        # 9: our tag among others, of which none is grabbed
        ("[acme-list #5] [ACME-1] [comment] [remote-rt-system #79] test", "reply 3.3"),
        ("[https://acme.example #5] [ACME-1]", "reply 3.3"),
        # 13: what is no number of ours opens a ticket, its subject as it stands
        ("[frobulated] testing", "new_ticket 2.9"),
        ("testing [frobulated]", "new_ticket 2.9"),
        ("[a] [b] stuff", "new_ticket 2.9"),
        ("[ACME-1234] testing", "new_ticket 2.9"),
        # 14: a number is found however it was surrounded
        ("[mailinglist] [  ACME-1  ] x", "reply 3.3"),
        ("VeryStrangeRe: [acme-1]", "reply 3.3"),
        ('Re: "[ACME-1] Testing... "', "reply 3.3"),
        ("New title [ACME-1]", "reply 3.3"),
    ],
)
async def test_numbers_in_subjects(stage: Stage, subject: str, outcome: str) -> None:
    """Scenarios 9, 13 and 14 of the classic peers; behaviour.md 3.1, 3.3"""
    await opened(stage)
    await stage.sends(reply(BOB, subject))
    assert stage.outcomes()[1:] == [outcome]
    if outcome.startswith("new"):
        assert (await stage.ticket(2)).title == subject


async def test_a_reply_to_a_reply_joins_and_an_id_of_two_tickets_names_the_older(stage: Stage) -> None:
    """Scenario 15 of the classic peers; behaviour.md 3.3"""
    await opened(stage)
    await stage.sends(reply(BOB, "Re: fire", f"In-Reply-To: <{FIRST}>", number=2))
    await stage.sends(reply(CAROL, "Re: fire", "In-Reply-To: <m2@acme.example>", number=3))
    await stage.sends(letter(CAROL, "Another matter", "Mine.", "Message-ID: <m2@acme.example>"))
    await stage.sends(reply(BOB, "Re: fire", "In-Reply-To: <m2@acme.example>", number=4))
    assert stage.outcomes() == ["new_ticket 2.9", *["reply 3.3"] * 2, "new_ticket 2.9", "reply 3.3"]
    assert (await stage.happened(1)).count("customer_replied") == 3


async def test_what_is_guessed_joins_nothing(stage: Stage) -> None:
    """Scenarios 7 and 17 of the classic peers; behaviour.md 3.3: only somebody on the ticket, by number"""
    ours = to(await opened(stage), "bob@acme.example")["Message-ID"]
    for number, who in enumerate((EVE, "Bob <x-bob@evil.example>", "bob@acme.example.evil.example"), 2):
        guess = reply(
            who, "Re: [ACME-1] fire", f"In-Reply-To: {ours}", f"References: <{FIRST}>", number=number
        )
        await stage.sends(guess, sender=who)
    await stage.sends(reply("Erin <erin@acme.example>", "Re: [ACME-1] fire", number=8))
    await stage.sends(reply("BOB@ACME.EXAMPLE", "Re: [ACME-1] fire", number=9))
    assert stage.outcomes() == ["new_ticket 2.9", *["held 2.7"] * 3, "new_ticket 2.9", "reply 3.3"]


async def test_nothing_of_another_account_joins(stage: Stage) -> None:
    """behaviour.md 3.3: on this account"""
    globex = stage.installation.config.parent / "accounts" / "globex.toml"
    await asyncio.to_thread(globex.write_text, GLOBEX)
    stage.house.reload()
    acknowledgement = to(await opened(stage), "bob@acme.example")
    fields = (f"In-Reply-To: {acknowledgement['Message-ID']}", f"References: <{FIRST}>")
    gus = reply("Gus <gus@globex.example>", "Re: [ACME-1] [GLOBEX-1] fire", *fields)
    await stage.sends(gus, "globex@support.example.com")
    stolen = str(acknowledgement["Reply-To"]).replace("acme", "globex", 1)
    await stage.sends(reply("Gus <gus@globex.example>", "Re: fire", number=3), stolen)
    rows = stage.installation.rows("SELECT account, outcome FROM decisions ORDER BY id")
    assert rows == [("acme", "new_ticket"), ("globex", "new_ticket"), ("globex", "new_ticket")]


async def test_an_address_outlives_a_rotation_and_a_retirement_loses_no_mail(stage: Stage) -> None:
    """behaviour.md 3.2"""
    first = await opened(stage)
    customers, staffs = (str(to(first, who)["Reply-To"]) for who in ("bob@acme.example", "sam@example.com"))
    await commanded(stage, "rotate")
    told = await stage.sends(reply(BOB, "Re: fire", number=2), customers)
    notice = to(told, "sam@example.com")
    assert notice["Reply-To"] != staffs
    assert notice["References"] == notice["In-Reply-To"] == to(first, "sam@example.com")["Message-ID"]

    await commanded(stage, "retire", "1")
    await stage.sends(reply(BOB, "Re: fire", f"In-Reply-To: <{FIRST}>", number=3), customers)
    await stage.sends(reply(BOB, "Re: [ACME-1] fire", number=4), customers)
    await stage.sends(reply(BOB, "Re: fire", number=5), customers)
    await stage.sends(reply(EVE, "Re: fire", number=6), customers, EVE)
    assert stage.outcomes()[1:] == [*["reply 3.3"] * 3, "new_ticket 2.9", "held 2.7"]
    assert await stage.hands_over(reply(SAM, "Re: fire", number=7), staffs, SAM) == 550
    answer = reply(SAM, "Re: fire", number=8)
    assert await stage.hands_over(answer, str(notice["Reply-To"]), SAM) == 250


async def test_a_merged_a_reopened_and_a_late_ticket_are_found_by_every_evidence(stage: Stage) -> None:
    """behaviour.md 3.4"""
    first = await opened(stage)
    second = await stage.sends(letter(BOB, "Also the scanner", "It smokes.", "Message-ID: <s1@acme.example>"))
    await stage.answers("2026-11-20T17:10:00Z", to(second, "sam@example.com"), "/merge ACME-1")
    signed = str(to(second, "bob@acme.example")["Reply-To"])
    for number, (where, *rest) in enumerate(
        ((signed, "Re: x"), (ALIAS, "Re: x", "In-Reply-To: <s1@acme.example>"), (ALIAS, "Re: [ACME-2] x")), 2
    ):
        await stage.sends(reply(BOB, *rest, number=number), where)
    assert (await stage.happened(1)).count("customer_replied") == 3

    await stage.answers("2026-11-20T17:20:00Z", to(first, "sam@example.com"), "/resolve\nIt is out.")
    stage.now = "2026-11-21T17:00:00Z"
    await stage.sends(reply(BOB, "Re: [ACME-2] x", number=5))
    assert await stage.status(1) is Status.OPEN
    await stage.answers("2026-11-21T17:20:00Z", to(first, "sam@example.com"), "/resolve\nIt is out now.")
    stage.now = "2027-03-01T17:00:00Z"
    told = await stage.sends(reply(BOB, "Re: [ACME-2] x", number=6))
    assert stage.outcomes()[-1] == "new_ticket 3.4"
    assert "ACME-3 continues ACME-1" in text(to(told, "sam@example.com"))


async def test_both_sides_keep_one_thread_of_long_ids(stage: Stage) -> None:
    """behaviour.md 3.5: what a program wrote of any length is named again, byte for byte"""
    names = [f"{'x' * 220}.{number}.{'y' * 60}@exchange.acme.example" for number in range(16)]
    mails = await opened(stage, names[0])
    notice, seen = to(mails, "sam@example.com"), [names[0], bare(to(mails, "bob@acme.example")["Message-ID"])]
    sams = [bare(notice["Message-ID"])]
    for number, name in enumerate(names[1:], 1):
        signed = str(to(mails, "bob@acme.example")["Reply-To"])
        told = await stage.sends(
            letter(BOB, "Re: fire", f"Burning, {number}.", f"Message-ID: <{name}>"), signed
        )
        notice = to(told, "sam@example.com")
        assert threads(notice) == (sams[-1], shortened(sams))
        sams.append(bare(notice["Message-ID"]))
        written = f"s{number}@example.com"
        # Of words of their own: staff's mails that are alike are held (behaviour.md 5.3).
        words = " ".join(chr(ord("a") + number) * size for size in range(3, 9))
        answer = letter(SAM, "Re: fire", words, f"Message-ID: <{written}>")
        mails = await stage.sends(answer, str(notice["Reply-To"]), SAM)
        seen.append(name)
        assert threads(to(mails, "bob@acme.example")) == (seen[-1], shortened(seen))
        seen.append(bare(to(mails, "bob@acme.example")["Message-ID"]))
        sams.append(written)


def bare(name: str) -> str:
    return str(name).strip("<> \r\n\t")


def shortened(ids: list[str]) -> list[str]:
    return ids if len(ids) <= 12 else [ids[0], *ids[-11:]]


def threads(mail: EmailMessage) -> tuple[str, list[str]]:
    """In-Reply-To and References, as two parsers read them alike in lines that every server passes on."""
    raw = mail.as_bytes(policy=policy.SMTP.clone(refold_source="none"))
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    read = parse(raw)
    assert isinstance(read, Message)
    stranger = [bare(one) for one in str(mail["References"]).split()]
    assert list(read.references) == stranger
    return read.in_reply_to[0], stranger


async def commanded(stage: Stage, *words: str) -> None:
    """The operator changes the keys of the running service."""
    answer = await asyncio.to_thread(stage.installation.run, "keys", *words)
    assert answer.returncode == 0, answer.stderr
    stage.house.reload()
