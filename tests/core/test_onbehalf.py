"""core/onbehalf: staff open a ticket in a customer's name by a mail to the alias."""

from dataclasses import replace

import pytest

from mailgate.core.account import Account, UnknownSenders
from mailgate.core.address import TokenRole
from mailgate.core.change import Consequence, Fresh, Hold, HoldKind, Outcome
from mailgate.core.command import Fault
from mailgate.core.consequence import consequence
from mailgate.core.event import TicketOpened
from mailgate.core.facts import Facts
from mailgate.core.hearing import Finding, Hearing
from mailgate.core.intake import found
from mailgate.core.message import Attachment, Mailbox
from mailgate.core.notice import Acknowledgement, CommandAnswer, StaffNotice
from mailgate.core.outgoing import Care, MailKind
from mailgate.core.ticket import TicketId
from tests.core.desks import ACME, BOB, DOMAIN, EVE, HEAD, KIM, NOON, SAM, accepting, hearing, mail, signed
from tests.core.test_intake import KNOWN, MACHINE, TICKET

FRESH = Fresh(TicketId(8), 43)
ASKED = "/for bob@acme.example\n\nHe rang.\n\n---------- Forwarded message ---------\nFrom: Bob\n\nIt burns."
BOBS = Mailbox("bob@acme.example")


def forwarded(text: str = ASKED, subject: str = "Fwd: [P2] Printer on fire", **fields: object) -> Hearing:
    """What Sam sends to the alias."""
    account = fields.pop("account", ACME)
    assert isinstance(account, Account)
    message = mail(SAM, subject, text=text, reply_text=text, **fields)
    return hearing(message, account=account)


def follows(heard: Hearing) -> tuple[Finding, Consequence]:
    finding = found(heard)
    return finding, consequence(finding, heard, HEAD, FRESH)


def kinds(what: Consequence) -> list[tuple[MailKind, str]]:
    return [(draft.kind, draft.to[0].address) for draft in what.drafts]


def test_a_ticket_is_opened_in_the_customers_name() -> None:
    """behaviour.md 4.5: the priority from the tag in the forwarded subject, the title without `Fwd:`"""
    finding, what = follows(forwarded())
    assert (finding.outcome, finding.rule, finding.reason) == (
        Outcome.NEW_TICKET,
        "4.5",
        "Sam Rivera opens it in the name of bob@acme.example",
    )
    assert what.ticket is not None
    assert (what.ticket.requester, what.ticket.title, what.ticket.priority, what.ticket.people) == (
        BOBS,
        "Printer on fire",
        "P2",
        (),
    )
    assert kinds(what) == [
        (MailKind.ACKNOWLEDGEMENT, "bob@acme.example"),
        (MailKind.STAFF_NOTICE, SAM.address),
        (MailKind.STAFF_NOTICE, KIM.address),
    ]


def test_the_customer_gets_the_acknowledgement_and_a_thread_that_begins_with_it() -> None:
    """behaviour.md 4.5, 3.5: the mail of staff was never theirs to refer to"""
    _, what = follows(forwarded())
    acknowledgement = what.drafts[0]
    assert isinstance(acknowledgement.context, Acknowledgement)
    assert (acknowledgement.in_reply_to, acknowledgement.references) == ("", ())
    assert acknowledgement.context.title == "Printer on fire"


def test_staff_are_told_who_opened_it_and_see_the_mail_without_the_command() -> None:
    """behaviour.md 4.5"""
    log = Attachment("log.txt", "text/plain", 10, "0" * 64)
    _, what = follows(forwarded(attachments=(log,)))
    notice = what.drafts[1].context
    assert isinstance(notice, StaffNotice)
    assert notice.flags == ("Sam Rivera opened it for bob@acme.example",)
    assert notice.text.startswith("He rang.")
    assert "/for" not in notice.text
    assert notice.attachments == (log,)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "Look at this.",
            (
                Fault(
                    "/for",
                    "is missing: your mail to Acme Corp does not say whose ticket it is to open",
                    "write it as the first line, as in /for bob@acme.example, and send the mail again",
                ),
            ),
        ),
        (
            "/for eve@evil.example",
            (Fault("/for eve@evil.example", "names nobody of Acme Corp", "its people are at acme.example"),),
        ),
        (
            "/for acme@support.example.com",
            (
                Fault(
                    "/for acme@support.example.com",
                    "names nobody of Acme Corp",
                    "its people are at acme.example",
                ),
            ),
        ),
        (
            "/for bob@acme.example, carol@acme.example",
            (
                Fault(
                    "/for bob@acme.example, carol@acme.example",
                    "names no one address",
                    "write it as in /for bob@acme.example",
                ),
            ),
        ),
        (
            "/for Bob",
            (Fault("/for Bob", "names no one address", "write it as in /for bob@acme.example"),),
        ),
        ("/for", (Fault("/for", "lacks a word", "write it as in /for bob@acme.example"),)),
        (  # all that is wrong at once
            "/for bob@acme.example\n/ack\n/resolve",
            (
                Fault("/ack", "cannot be: there is no ticket yet", "write it in a reply to its notice"),
                Fault("/resolve", "cannot be: there is no ticket yet", "write it in a reply to its notice"),
            ),
        ),
    ],
)
def test_what_opens_no_ticket_is_kept_and_answered_to_its_writer_alone(
    text: str, faults: tuple[Fault, ...]
) -> None:
    """behaviour.md 4.5, 4.4"""
    finding, what = follows(forwarded(text))
    assert (finding.outcome, finding.rule, finding.matter) == (Outcome.HELD, "4.5", None)
    assert (what.ticket, what.events) == (None, ())
    assert what.hold == Hold(HoldKind.HELD, SAM.address, "Fwd: [P2] Printer on fire")
    (draft,) = what.drafts
    assert isinstance(draft.context, CommandAnswer)
    assert draft.context.faults == faults
    assert (draft.to, draft.reply_to, draft.in_reply_to, draft.care, draft.language) == (
        (SAM,),
        "",
        "m1@acme.example",
        Care.AT_LEAST_ONCE,
        "",
    )


def test_an_account_without_domains_says_that_it_has_none() -> None:
    (fault,) = told_faults(forwarded(account=replace(ACME, domains=frozenset())))
    assert fault.right == "it has neither domains nor contacts"


def test_no_ticket_is_opened_for_an_address_of_our_own() -> None:
    """behaviour.md 4.5, 5.5: its acknowledgement would come back to us"""
    inner = replace(ACME, domains=frozenset({DOMAIN}))
    (fault,) = told_faults(forwarded(f"/for acme@{DOMAIN}", account=inner))
    assert fault.wrong == "names nobody of Acme Corp"


def told_faults(heard: Hearing) -> tuple[Fault, ...]:
    (draft,) = follows(heard)[1].drafts
    assert isinstance(draft.context, CommandAnswer)
    return draft.context.faults


def test_a_customer_whose_plan_has_no_tickets_gets_none_and_staff_are_told() -> None:
    """behaviour.md 2.8, 4.5: the courteous no would be the customer's, who has not written"""
    finding, what = follows(forwarded(account=replace(ACME, plan="none")))
    assert (finding.outcome, kinds(what)) == (Outcome.HELD, [(MailKind.COMMAND_ANSWER, SAM.address)])
    assert told_faults(forwarded(account=replace(ACME, plan="none"))) == (
        Fault(
            "/for bob@acme.example",
            "opens no ticket: This plan has no tickets.",
            "answer them yourself, or ask the operators to change what the account has",
        ),
    )


def test_what_would_be_opened_can_be_checked() -> None:
    """behaviour.md 4.4, 4.5"""
    finding, what = follows(forwarded(f"/check\n{ASKED}"))
    assert (finding.outcome, finding.rule, what.ticket, what.events, what.hold) == (
        Outcome.NOTE,
        "4.5",
        None,
        (),
        None,
    )
    (draft,) = what.drafts
    assert isinstance(draft.context, CommandAnswer)
    assert draft.context.would == (
        "a ticket of Acme Corp would be opened in the name of bob@acme.example: Printer on fire",
        "its priority would be P2",
        "its response would be promised (4 business hours)",
        "bob@acme.example would get the acknowledgement",
    )


STAFF_OF_ACME = replace(ACME, contacts=frozenset({SAM.address}))


@pytest.mark.parametrize("account", [STAFF_OF_ACME, accepting(UnknownSenders.ACCEPT)])
def test_staff_who_may_write_for_themselves_open_tickets_of_their_own_without_the_command(
    account: Account,
) -> None:
    """behaviour.md 2.7, 4.5"""
    finding, what = follows(forwarded("My own printer burns.", account=account))
    assert (finding.outcome, finding.rule) == (Outcome.NEW_TICKET, "2.9")
    assert what.ticket is not None
    assert what.ticket.requester == SAM
    _, what = follows(forwarded(account=account))
    assert what.ticket is not None
    assert what.ticket.requester == BOBS


def test_who_is_staff_and_the_customer_of_a_ticket_replies_on_it_as_its_customer() -> None:
    """behaviour.md 3.3"""
    facts = Facts(tickets={TICKET.id: replace(TICKET, requester=SAM)})
    heard = hearing(mail(SAM, reply_text="Still burns."), facts, signed(TokenRole.CUSTOMER, SAM))
    assert found(heard).outcome is Outcome.REPLY


def test_a_machine_in_the_name_of_staff_is_answered_nothing() -> None:
    """behaviour.md 5.5: their out-of-office notice comes to the alias, too"""
    finding, what = follows(forwarded("I am away.", verdict=MACHINE))
    assert finding.outcome is Outcome.HELD
    assert MailKind.COMMAND_ANSWER not in [draft.kind for draft in what.drafts]


def test_a_customer_cannot_open_a_ticket_for_somebody_else() -> None:
    """behaviour.md 4.5"""
    for sender, expected in ((BOB, Outcome.NEW_TICKET), (EVE, Outcome.HELD)):
        heard = hearing(mail(sender, text=ASKED, reply_text=ASKED))
        finding = found(heard)
        assert (finding.outcome, finding.requester) == (expected, None)


def test_a_forged_from_of_staff_gains_what_forging_the_customer_would_have_and_no_more() -> None:
    """behaviour.md 4.3, 4.5: the same ticket, the same mails to the same people"""
    text = "Close all my tickets."
    forged = follows(forwarded(f"/for bob@acme.example\n{text}", message_id="e@evil.example"))[1]
    as_bob = consequence(
        found(heard := hearing(mail(BOBS, "Fwd: [P2] Printer on fire", text=text, reply_text=text))),
        heard,
        HEAD,
        FRESH,
    )
    assert forged.ticket is not None
    assert as_bob.ticket is not None
    assert replace(forged.ticket, thread=()) == replace(as_bob.ticket, thread=())
    assert kinds(forged) == kinds(as_bob)
    assert [type(event) for event in forged.events] == [type(event) for event in as_bob.events]


def test_the_customer_of_staff_who_write_from_the_desks_own_domain_is_answered_all_the_same() -> None:
    """behaviour.md 4.5, 5.5"""
    ours = Mailbox(f"sam@{DOMAIN}", "Sam Rivera")
    heard = forwarded()
    message = replace(heard.arrival.message, senders=(ours,))
    heard = replace(
        heard,
        arrival=replace(heard.arrival, message=message),
        desk=replace(heard.desk, staff=(ours,)),
    )
    assert kinds(follows(heard)[1])[0] == (MailKind.ACKNOWLEDGEMENT, "bob@acme.example")


def test_a_mail_to_known_tickets_names_none_by_for() -> None:
    """behaviour.md 4.5"""
    heard = hearing(mail(SAM, reply_text=ASKED), KNOWN, signed(TokenRole.STAFF, SAM))
    finding = found(heard)
    assert finding.work is not None
    assert finding.work.faults == (
        Fault(
            "/for bob@acme.example",
            "opens a ticket, and this is an address of ACME-42",
            "write it to the alias of the account, such as when you forward a mail there",
        ),
    )


def test_it_is_opened_at_the_moment_at_which_staffs_mail_was_accepted() -> None:
    """policies.md, Business time 6"""
    _, what = follows(forwarded())
    assert [event.at for event in what.events] == [NOON]
    assert isinstance(what.events[0], TicketOpened)
