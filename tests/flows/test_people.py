"""flows/intake: several people talk on a ticket, and nobody gets what is not theirs, on both databases."""

from collections.abc import Iterable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from mailgate.core.account import Account, UnknownSenders
from mailgate.core.address import Token, TokenRole, principal, signed_address
from mailgate.core.change import Outcome
from mailgate.core.instant import read
from mailgate.core.message import Mailbox
from mailgate.core.ticket import Status, TicketId
from mailgate.store.held import release
from mailgate.store.records import unpacked
from mailgate.store.schema import metadata
from mailgate.store.tables import decisions, held, journal, outbox
from mailgate.store.unit import Database
from tests.core.desks import ACME, BOB, DOMAIN, EVE, KEYS, KIM, OPS, SAM
from tests.flows.offices import disproved
from tests.flows.test_staffwork import ALIAS, CAROL, Room, address

DAVE = Mailbox("dave@acme.example", "Dave")
GINA = Mailbox("gina@globex.example", "Gina")
ERIN = Mailbox("erin@partner.example", "Erin")
GLOBEX = replace(
    ACME,
    key="globex",
    name="Globex",
    policy="vendor",
    plan="full",
    aliases=("globex",),
    on_call_aliases=("globex-oncall",),
    domains=frozenset({"globex.example"}),
    staff=(KIM,),
)
OF_GLOBEX = f"globex@{DOMAIN}"


class Town(Room):
    """Two customer companies, and people who copy each other."""

    def __init__(self, database: Database, how: UnknownSenders = UnknownSenders.HOLD) -> None:
        super().__init__(database)
        desk = self.office.head.desk
        accounts = (*desk.accounts.values(), GLOBEX)
        self.sets_up(*(replace(one, unknown_senders=how) for one in accounts))

    def sets_up(self, *accounts: Account) -> None:
        head = self.office.head
        desk = replace(head.desk, accounts={one.key: one for one in accounts})
        self.office = replace(self.office, head=replace(head, desk=desk))

    async def writes(
        self,
        who: Mailbox,
        text: str,
        to: Iterable[str] = (ALIAS,),
        *,
        cc: Iterable[str] = (),
        subject: str = "[P2] It broke",
        more: str = "",
    ) -> list[Outcome]:
        """Somebody writes; what each account found the mail to be."""
        self.written += 1
        copied = ", ".join(cc)
        raw = (
            f"From: {who.name} <{who.address}>\r\nTo: {', '.join(to)}\r\n"
            + (f"Cc: {copied}\r\n" if copied else "")
            + f"Subject: {subject}\r\nMessage-ID: <{self.written}@{who.domain}>\r\n{more}\r\n{text}\r\n"
        )
        await self.takes(raw.encode(), *to, sender=who.address)
        return await self.decides()

    async def people(self, key: int = 1) -> list[str]:
        return [one.mailbox.address for one in (await self.ticket(key)).people]

    async def sent(self) -> list[EmailMessage]:
        """The mails that were queued since the last look."""
        query = select(outbox.c.id, outbox.c.recipients, outbox.c.packed).order_by(outbox.c.id)
        rows = await self.rows(query)
        new = [row for row in rows if row[0] not in self.seen]
        self.seen.update(key for key, *_ in rows)
        mails = [message_from_bytes(unpacked(raw), policy=policy.default) for _, _, raw in new]  # type: ignore[arg-type] # bytes
        for mail, (_, recipients, _) in zip(mails, new, strict=True):
            assert [mail["To"]] == recipients  # the envelope is that one person, whoever is shown beside
        return mails

    async def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table."""
        return {
            table.name: await self.rows(select(table).order_by(*table.primary_key.columns))
            for table in metadata.sorted_tables
        }

    async def flags(self) -> list[str]:
        """What staff were told of the last mail, line by line."""
        notices = [mail for mail in await self.sent() if mail["To"] == SAM.address]
        (part,) = [one.get_body(("plain",)) for one in notices]
        assert isinstance(part, EmailMessage)
        paragraphs = part.get_content().replace("\r\n", "\n").split("\n\n")
        return [" ".join(one.split()) for one in paragraphs if one.startswith("!")]


def shown(mails: Iterable[EmailMessage]) -> list[tuple[str, str]]:
    """To whom they are, and whom they show beside."""
    return [
        (mail["To"], mail["Cc"] or "")
        for mail in mails
        if mail["To"].endswith(("acme.example", "partner.example"))
    ]


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


async def test_a_colleague_in_cc_is_on_the_ticket_and_gets_answers_of_their_own(town: Town) -> None:
    """behaviour.md 3.6"""
    assert await town.writes(BOB, "It burns.", cc=[CAROL.address, ERIN.address]) == [Outcome.NEW_TICKET]
    assert await town.people() == [CAROL.address]
    first = await town.sent()
    assert shown(first) == [(BOB.address, "")]  # the acknowledgement is the requester's alone

    await town.writes(SAM, "Use water.", [address(SAM, 1)])
    bobs, carols = await town.sent()
    assert shown([bobs, carols]) == [(BOB.address, CAROL.address), (CAROL.address, BOB.address)]
    assert [bobs["Reply-To"], carols["Reply-To"]] == [address(BOB, 1), address(CAROL, 1)]
    assert (bobs["In-Reply-To"], carols["In-Reply-To"]) == (first[0]["Message-ID"], "<1@acme.example>")
    assert await disproved(town.database) == []


async def test_staff_are_told_of_who_is_copied_and_will_get_nothing(town: Town) -> None:
    """behaviour.md 3.6"""
    await town.writes(BOB, "It burns.", cc=[ERIN.address, SAM.address])
    assert await town.flags() == [
        "! A copy went to erin@partner.example, who is not on the ticket and will not get your answers."
    ]
    await town.writes(
        BOB, "And?", [address(BOB, 1)], cc=[CAROL.address, DAVE.address, ERIN.address, EVE.address]
    )
    joined = "get what you answer, too: bob@acme.example wrote to them as well."
    left_out = "who are not on the ticket and will not get your answers."
    assert await town.flags() == [
        f"! Carol@acme.example and dave@acme.example {joined}",
        f"! A copy went to erin@partner.example and eve@evil.example, {left_out}",
    ]


async def test_our_own_addresses_staff_and_the_same_person_never_join(town: Town) -> None:
    """behaviour.md 3.6: a loop through our own aliases would answer itself"""
    cc = [
        ALIAS,
        f"acme-oncall@{DOMAIN}",
        OF_GLOBEX,
        address(BOB, 9),
        SAM.address,
        KIM.address,
        BOB.address.upper(),
        OPS.address,
    ]
    await town.writes(BOB, "It burns.", cc=cc)
    assert await town.people() == []
    await town.writes(BOB, "And?", [address(BOB, 1)], cc=["Carol@ACME.example", CAROL.address])
    await town.writes(CAROL, "Yes?", [address(CAROL, 1)], cc=[BOB.address, CAROL.address])
    assert await town.people() == ["Carol@ACME.example"]
    assert (await town.happened()).count("people_changed") == 1


async def test_one_mail_to_two_aliases_of_an_account_is_one_ticket_and_one_mail_to_each(town: Town) -> None:
    """behaviour.md 1.7, 3.6"""
    both = [ALIAS, f"acme-oncall@{DOMAIN}"]
    assert await town.writes(BOB, "It burns.", both, cc=[CAROL.address]) == [Outcome.NEW_TICKET]
    told = [(mail["To"], "PAGE" in mail["Subject"]) for mail in await town.sent()]
    assert sorted(told) == sorted(set(told))
    await town.writes(SAM, "Use water.", [address(SAM, 1)])
    assert [mail["To"] for mail in await town.sent()] == [BOB.address, CAROL.address]


async def test_of_two_accounts_neither_sees_the_others_address_or_people(database: Database) -> None:
    """behaviour.md 1.7, 3.6"""
    town = Town(database, UnknownSenders.ACCEPT)
    outcomes = await town.writes(BOB, "It burns.", [ALIAS, OF_GLOBEX], cc=[CAROL.address, GINA.address])
    assert outcomes == [Outcome.NEW_TICKET, Outcome.NEW_TICKET]
    assert (await town.people(1), await town.people(2)) == ([CAROL.address], [])
    for mail in await town.sent():
        other = OF_GLOBEX if mail["From"].startswith(ALIAS) or ALIAS in mail["From"] else ALIAS
        header = "\n".join(f"{name}: {value}" for name, value in mail.items())
        assert other.partition("@")[0] + "@" not in header
        assert GINA.address not in header

    await town.writes(SAM, "Use water.", [address(SAM, 1)])
    assert shown(await town.sent()) == [(BOB.address, CAROL.address), (CAROL.address, BOB.address)]
    token = Token(TokenRole.STAFF, TicketId(2), principal(KIM.address))
    await town.writes(KIM, "Use sand.", [signed_address("globex", token, DOMAIN, KEYS)])
    assert shown(await town.sent()) == [(BOB.address, "")]


async def test_a_colleague_replies_to_all_and_nothing_comes_twice(town: Town) -> None:
    """behaviour.md 3.6, 3.5"""
    await town.writes(BOB, "It burns.", cc=[CAROL.address])
    await town.writes(SAM, "Use water.", [address(SAM, 1)])
    carols = (await town.sent())[-1]
    outcome = await town.writes(
        CAROL,
        "It is oil.",
        [carols["Reply-To"]],
        cc=[carols["Cc"]],
        more=f"In-Reply-To: {carols['Message-ID']}\r\n",
        subject="Re: It broke",
    )
    assert outcome == [Outcome.REPLY]
    assert await town.people() == [CAROL.address]
    assert [mail["To"] for mail in await town.sent()] == [SAM.address, KIM.address]  # Bob has Carol's own
    await town.writes(SAM, "Use sand.", [address(SAM, 1)])
    bobs, carols = await town.sent()
    assert bobs["In-Reply-To"] == carols["In-Reply-To"] == f"<{town.written - 1}@acme.example>"


async def test_a_stranger_brings_nobody_in_however_they_are_let_in(database: Database) -> None:
    """behaviour.md 3.6, 2.7: what stands in Cc is the writer's word"""
    town = Town(database, UnknownSenders.ACCEPT)
    assert await town.writes(EVE, "Look!", cc=[CAROL.address, BOB.address]) == [Outcome.NEW_TICKET]
    assert await town.people() == []
    await town.writes(SAM, "At what?", [address(SAM, 1)])
    assert [mail["To"] for mail in await town.sent()][-1] == EVE.address

    await town.writes(BOB, "It burns.")
    assert await town.writes(EVE, "Hi.", [address(BOB, 2)], cc=[DAVE.address]) == [Outcome.REPLY]
    assert await town.people(2) == []


async def test_whom_staff_take_off_gets_nothing_more_and_their_address_counts_no_more(town: Town) -> None:
    """behaviour.md 4.4, 3.2"""
    await town.writes(BOB, "It burns.")
    await town.writes(SAM, "/cc erin@partner.example\nErin knows such fires.", [address(SAM, 1)])
    answers = (await town.sent())[-2:]
    assert shown(answers) == [(BOB.address, ERIN.address), (ERIN.address, BOB.address)]
    erins = answers[1]["Reply-To"]
    assert await town.writes(ERIN, "Use foam.", [erins]) == [Outcome.REPLY]
    await town.writes(SAM, "/uncc ERIN@partner.example", [address(SAM, 1)])
    await town.sent()
    assert await town.writes(ERIN, "Did it work?", [erins]) == [Outcome.HELD]
    await town.writes(SAM, "It is out.", [address(SAM, 1)])
    assert shown(await town.sent()) == [(BOB.address, "")]
    assert await disproved(town.database) == []


async def test_a_colleague_whom_staff_took_off_stays_off_it_until_staff_say_otherwise(town: Town) -> None:
    """behaviour.md 3.6, 4.4: their mail is on the ticket, and staff are told that they get no answers"""
    await town.writes(BOB, "It burns.", cc=[CAROL.address])
    await town.writes(SAM, "Use foam.", [address(SAM, 1)])
    carols = (await town.sent())[-1]
    await town.writes(SAM, "/uncc carol@acme.example", [address(SAM, 1)])
    thread = f"In-Reply-To: {carols['Message-ID']}\r\n"
    assert await town.writes(CAROL, "Did it work?", [carols["Reply-To"]], more=thread) == [Outcome.REPLY]
    notice = (await town.sent())[-1].get_body(("plain",))
    assert notice is not None
    assert "was taken off this ticket and will not get your answers" in " ".join(notice.get_content().split())
    await town.writes(BOB, "We both wonder.", [address(BOB, 1)], cc=[CAROL.address])
    await town.sent()
    await town.writes(SAM, "It is out.", [address(SAM, 1)])
    assert shown(await town.sent()) == [(BOB.address, "")]
    await town.writes(SAM, "/cc carol@acme.example\nIt is out, Carol.", [address(SAM, 1)])
    assert shown(await town.sent()) == [(BOB.address, CAROL.address), (CAROL.address, BOB.address)]
    assert await disproved(town.database) == []


async def test_staff_who_follow_a_ticket_from_outside_its_team_get_what_happens(town: Town) -> None:
    """behaviour.md 4.1, 4.4"""
    acme, globex = town.office.head.desk.accounts.values()
    town.sets_up(replace(acme, staff=(SAM,)), globex)
    await town.writes(BOB, "It burns.")
    assert KIM.address not in [mail["To"] for mail in await town.sent()]
    await town.writes(SAM, "/assign kim\n/note\nYours, please.", [address(SAM, 1)])
    (given,) = await town.sent()
    assert given["To"] == KIM.address
    assert address(KIM, 1) in given.as_string().replace("=\n", "")
    await town.writes(KIM, "On my way.", [address(KIM, 1)])
    assert [mail["To"] for mail in await town.sent()] == [BOB.address]
    await town.writes(BOB, "And?", [address(BOB, 1)])
    assert [mail["To"] for mail in await town.sent()] == [SAM.address, KIM.address]
    assert await town.writes(KIM, "Use water.", [address(KIM, 1)]) == [Outcome.STAFF_REPLY]
    assert [mail["To"] for mail in await town.sent()] == [BOB.address]
    assert (await town.ticket()).assignee == KIM.address


@pytest.mark.parametrize("staffs", [1, 2])
async def test_the_people_of_merged_tickets_are_one_conversation(town: Town, staffs: int) -> None:
    """behaviour.md 3.4, 3.5, 3.6: whichever ticket it is to whose address staff answer"""
    await town.writes(BOB, "It burns.", cc=[CAROL.address])
    await town.writes(DAVE, "Smoke!", cc=[CAROL.address])
    await town.sent()
    assert await town.writes(SAM, "/merge ACME-1", [address(SAM, 2)]) == [Outcome.NOTE]
    assert await town.people(1) == [CAROL.address, DAVE.address]
    assert await town.sent() == []

    await town.writes(SAM, "Use water.", [address(SAM, staffs)])
    answers = await town.sent()
    assert shown(answers) == [
        (BOB.address, f"{CAROL.address}, {DAVE.address}"),
        (CAROL.address, f"{BOB.address}, {DAVE.address}"),
        (DAVE.address, f"{BOB.address}, {CAROL.address}"),
    ]
    assert "<2@acme.example>" in answers[2]["References"]  # what Dave wrote, on the ticket that was his
    assert await town.writes(DAVE, "It is out.", [answers[2]["Reply-To"]]) == [Outcome.REPLY]
    assert (await town.happened(1))[-1] == "customer_replied"
    assert await disproved(town.database) == []


async def test_a_forwarded_notice_gives_its_reader_no_rights(town: Town) -> None:
    """behaviour.md 4.3: Sam forwards his notice to Bob, and Bob presses Reply"""
    await town.writes(BOB, "It burns.")
    notice = next(mail for mail in await town.sent() if mail["To"] == SAM.address)
    before = await town.ticket()

    for text in ("/resolve\nClosed it myself.", "/cc eve@evil.example", "Thank you, Sam."):
        assert await town.writes(BOB, text, [notice["Reply-To"]], cc=[SAM.address]) == [Outcome.HELD]
    told = await town.sent()
    assert [mail["To"] for mail in told] == [OPS.address]  # once a day for a sender
    assert replace(await town.ticket(), thread=()) == replace(before, thread=())
    rules = await town.rows(select(decisions.c.rule, decisions.c.reason).order_by(decisions.c.id))
    assert rules[1:] == [("4.3", "a staff address was used by somebody it was not made for")] * 3
    assert await town.happened() == ["ticket_opened"]


PASSED_ON = (
    b"From: Sam Rivera <sam@example.com>\r\nTo: acme@support.example.com\r\nCc: carol@acme.example\r\n"
    b"Subject: Fwd: [P1] It burns\r\nMessage-ID: <f@example.com>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
    b"/for bob@acme.example\r\n\r\n---------- Forwarded message ---------\r\nFrom: Bob <bob@acme.example>\r\n"
    b"Subject: [P1] It burns\r\n\r\nAll of it.\r\n"
    b"--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=log.csv\r\n\r\na,b\r\n"
    b"--b--\r\n"
)


async def test_a_ticket_that_staff_open_for_a_customer_is_the_customers(town: Town) -> None:
    """behaviour.md 4.5: the files go along, the thread is the customer's, and nobody joins by being copied"""
    town.now = read("2026-11-23T08:00:00Z")
    await town.takes(PASSED_ON, ALIAS, sender=SAM.address)
    assert await town.decides() == [Outcome.NEW_TICKET]
    ticket = await town.ticket()
    assert (ticket.requester.address, ticket.title, ticket.priority, ticket.people) == (
        BOB.address,
        "It burns",
        "P1",
        (),
    )
    assert (await town.clocks())[0] == "response 1 P1 running due 2026-11-23T08:15:00Z"
    mails = {mail["To"]: mail for mail in await town.sent() if "PAGE" not in mail["Subject"]}
    assert list(mails) == [BOB.address, SAM.address, KIM.address]
    acknowledgement, notice = mails[BOB.address], mails[KIM.address]
    assert (acknowledgement["In-Reply-To"], acknowledgement["Reply-To"]) == (None, address(BOB, 1))
    assert [part.get_filename() for part in notice.iter_attachments()] == ["log.csv"]
    assert "/for" not in notice.as_string()

    assert await town.writes(BOB, "And now?", [acknowledgement["Reply-To"]]) == [Outcome.REPLY]
    await town.sent()
    await town.writes(SAM, "Use water.", [address(SAM, 1)])
    (answer,) = await town.sent()
    assert (answer["To"], answer["Cc"], answer["In-Reply-To"]) == (BOB.address, None, "<1@acme.example>")


async def test_a_note_and_its_files_stay_inside_whoever_quotes_it(town: Town) -> None:
    """behaviour.md 4.2, 4.4"""
    await town.writes(BOB, "It burns.", cc=[CAROL.address])
    await town.sent()
    note = (
        "--b\r\nContent-Type: text/plain\r\n\r\n/note\r\nHe shouted at me.\r\n"
        "--b\r\nContent-Type: text/plain\r\n"
        "Content-Disposition: attachment; filename=call.txt\r\n\r\nAAARGH\r\n--b--"
    )
    parts = "Content-Type: multipart/mixed; boundary=b\r\n"
    assert await town.writes(SAM, note, [address(SAM, 1)], more=parts) == [Outcome.NOTE]
    (kims,) = await town.sent()
    assert kims["To"] == KIM.address
    part = kims.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    whole = part.get_content().replace("\r\n", "\n")
    for quoted in (whole, "".join(f"> {line}\n" for line in whole.splitlines())):
        await town.writes(KIM, f"Use water.\r\n\r\n{quoted}", [address(KIM, 1)])
        answers = await town.sent()
        assert [mail["To"] for mail in answers] == [BOB.address, CAROL.address]
        for mail in answers:
            assert "shouted" not in mail.as_string()
            assert not list(mail.iter_attachments())


async def test_a_reply_to_a_note_is_a_note_and_its_commands_hold(town: Town) -> None:
    """behaviour.md 3.2, 4.4: the role of its address says so, whatever its first line is"""
    await town.writes(BOB, "It burns.")
    await town.writes(SAM, "/note He shouted at me.", [address(SAM, 1)])
    note = (await town.sent())[-1]
    assert note["To"] == KIM.address

    assert await town.writes(KIM, "At me, too.", [note["Reply-To"]]) == [Outcome.NOTE]
    (sams,) = await town.sent()
    assert (sams["To"], sams["X-Mailgate-Loop"] is not None) == (SAM.address, True)
    both = [sams["Reply-To"], address(SAM, 1)]
    assert await town.writes(SAM, "/ack\nLet me talk to him.", both) == [Outcome.NOTE]
    assert [mail["To"] for mail in await town.sent()] == [KIM.address]
    held = await town.writes(BOB, "What do you say of me?", [note["Reply-To"]])
    assert held == [Outcome.HELD]
    assert await disproved(town.database) == []


async def test_a_mail_on_spam_is_held_and_restores_the_ticket_once_it_is_released(town: Town) -> None:
    """behaviour.md 4.4"""
    town.now = read("2026-11-23T08:00:00Z")
    await town.writes(BOB, "Win a prize.")
    await town.sent()
    town.now = read("2026-11-23T08:10:00Z")
    assert await town.writes(SAM, "/spam", [address(SAM, 1)]) == [Outcome.NOTE]
    assert await town.sent() == []
    assert (await town.ticket()).is_spam
    town.now = read("2026-11-23T09:00:00Z")
    assert await town.writes(BOB, "It was meant.", [address(BOB, 1)]) == [Outcome.HELD]
    assert [mail["To"] for mail in await town.sent()] == [OPS.address]

    town.now = read("2026-11-23T10:00:00Z")
    ((key,),) = await town.rows(select(held.c.id))
    async with town.database.write() as unit:
        assert await release(unit, int(str(key)))
    assert await town.decides() == [Outcome.REPLY]
    assert (await town.ticket()).status is Status.NEW
    assert (await town.happened())[-2:] == ["ticket_restored", "customer_replied"]
    assert (await town.clocks())[2:] == [
        "response 2 P2 running due 2026-11-23T12:00:00Z",
        "resolution 2 P2 running due 2026-11-24T16:00:00Z",
    ]
    assert [mail["To"] for mail in await town.sent()] == [SAM.address, KIM.address]


async def test_a_check_changes_nothing_but_that_it_was_asked(town: Town) -> None:
    """behaviour.md 4.4: row for row"""
    await town.writes(BOB, "It burns.", cc=[CAROL.address])
    await town.writes(BOB, "[P1] Smoke", cc=[CAROL.address])
    before = await town.everything()
    text = "/check\n/priority P1\n/assign kim\n/cc erin@partner.example\n/wait\nWhich version?"
    assert await town.writes(SAM, text, [address(SAM, 1)]) == [Outcome.NOTE]
    assert await town.writes(SAM, "/check\n/merge ACME-2", [address(SAM, 1)]) == [Outcome.NOTE]
    after = await town.everything()
    new = {name: rows[len(before[name]) :] for name, rows in after.items()}
    assert {name: rows[: len(before[name])] for name, rows in after.items()} == before
    assert {name: len(rows) for name, rows in new.items() if rows} == {
        "raw_mails": 2,
        "spool": 2,
        "messages": 4,
        "decisions": 2,
        "journal": 2,
        "outbox": 2,
    }
    kinds = await town.rows(select(journal.c.kind).order_by(journal.c.id.desc()).limit(2))
    assert kinds == [("mail_noted",)] * 2
    assert {mail["To"] for mail in (await town.sent())[-2:]} == {SAM.address}
