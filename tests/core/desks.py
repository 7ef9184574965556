"""A small desk for tests: one account, one policy, one member of staff, and mails that arrive at it."""

from dataclasses import replace
from datetime import datetime

from mailgate.core.account import Account, AliasRole, Desk, UnknownSenders
from mailgate.core.address import Keys, ToAccount, Token, TokenRole, principal
from mailgate.core.amount import amount
from mailgate.core.calendar import Calendar, Opening
from mailgate.core.clock import TargetKind
from mailgate.core.facts import Facts
from mailgate.core.hearing import Arrival, Hearing
from mailgate.core.instant import read
from mailgate.core.letterhead import Letterhead
from mailgate.core.message import Envelope, Mailbox, Message
from mailgate.core.plan import Plan
from mailgate.core.policy import Policy, Priority, Region
from mailgate.core.target import Target
from mailgate.core.ticket import TicketId

KEYS = Keys(1, {1: b"k" * 32})
DOMAIN = "support.example.com"
SAM = Mailbox("sam@example.com", "Sam Rivera")
KIM = Mailbox("kim@example.com", "Kim Park")
OPS = Mailbox("ops@example.com")
BOB = Mailbox("bob@acme.example", "Bob")
EVE = Mailbox("eve@evil.example", "Eve")
NOON = read("2026-11-20T12:00:00Z")  # a Friday

HOURS = Calendar("office", "Europe/London", ((Opening(540, 1020),),) * 5 + ((),) * 2)


def target(kind: TargetKind, words: str) -> Target:
    return Target(kind, amount(words))


POLICY = Policy(
    name="plain",
    title="Plain support",
    calendars={"office": HOURS},
    regions={"here": Region("here", "Here", "office")},
    default_region="here",
    priorities=(Priority("P1", "urgent", pages=True), Priority("P2", "high"), Priority("P3", "normal")),
    default_priority="P3",
    plans={
        "gold": Plan(
            "gold",
            "Gold",
            {
                "support": {
                    "P1": (target(TargetKind.RESPONSE, "1 hour"), target(TargetKind.RESOLUTION, "2 days")),
                    "P2": (target(TargetKind.RESPONSE, "4 business hours"),),
                    "P3": (target(TargetKind.RESPONSE, "2 business days"),),
                }
            },
        ),
        "none": Plan("none", "None", {}, not_included="This plan has no tickets."),
    },
    links={"Status": "https://status.example.com"},
)

ACME = Account(
    key="acme",
    name="Acme Corp",
    policy="plain",
    plan="gold",
    aliases=("acme",),
    on_call_aliases=("acme-oncall",),
    domains=frozenset({"acme.example"}),
    staff=(SAM, KIM),
)


def desk(account: Account = ACME) -> Desk:
    return Desk(
        "Example Support", DOMAIN, {"acme": account}, {"plain": POLICY}, staff=(SAM, KIM), operators=(OPS,)
    )


HEAD = Letterhead(desk(), KEYS)
ALIAS = ToAccount("acme", "acme", AliasRole.SUPPORT)


def signed(role: TokenRole, who: Mailbox, ticket: int = 7) -> ToAccount:
    return replace(ALIAS, token=Token(role, TicketId(ticket), principal(who.address)))


def mail(sender: Mailbox = BOB, subject: str = "[P2] Printer on fire", **fields: object) -> Message:
    return replace(
        Message(
            subject,
            (sender,),
            "identity-1",
            message_id="m1@acme.example",
            text="It burns.",
            reply_text="It burns.",
        ),
        **fields,  # type: ignore[arg-type] # a test names fields of Message
    )


def hearing(
    message: Message,
    facts: Facts | None = None,
    to: ToAccount = ALIAS,
    account: Account = ACME,
    received: datetime = NOON,
) -> Hearing:
    reverse_path = message.sender.address if message.sender else ""
    envelope = Envelope(reverse_path, (f"acme@{DOMAIN}",))
    arrival = Arrival(3, received, envelope, message, account, (to,))
    return Hearing(arrival, facts or Facts(), desk(account), POLICY, {POLICY.digest: POLICY})


def accepting(how: UnknownSenders) -> Account:
    return replace(ACME, unknown_senders=how)
