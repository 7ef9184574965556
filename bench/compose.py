"""Microseconds for an acknowledgement and for a staff notice, next to the standard library writing the same.

    python -m bench compose [--mails 2000] [--rounds 5]

The rounds alternate; the medians are shown. The standard library only writes: rendering is on our side alone.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from itertools import cycle
from pathlib import Path

from mailgate.core.message import Mailbox
from mailgate.core.outgoing import AutoSubmitted, Draft, MailKind
from mailgate.mail import dkimkey
from mailgate.mail.compose import compose
from mailgate.mail.render import Look, Words
from mailgate.mail.samples import NOW, SAMPLES
from mailgate.mail.signing import Algorithm

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
LOOK = Look("Example Support", "support.example.com", TEMPLATES)
SIGNERS = [dkimkey.signer(dkimkey.fresh(one), LOOK.domain, one) for one in Algorithm]
DRAFT = Draft(
    cause="acknowledgement:1",
    sender=Mailbox("acme@support.example.com", "Example Support"),
    to=(Mailbox("bob@acme.example"),),
    message_id="acknowledgement.1@support.example.com",
    date=NOW,
    context=SAMPLES[MailKind.ACKNOWLEDGEMENT][0],
    reply_to="acme+aebagbafaydqqcikbmga2dqpcaireeyu@support.example.com",
    in_reply_to="1@acme.example",
    references=("1@acme.example",),
    auto=AutoSubmitted.REPLIED,
)
KINDS = (MailKind.ACKNOWLEDGEMENT, MailKind.STAFF_NOTICE)


def standard_library(words: Words) -> None:
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["From"] = "Example Support <acme@support.example.com>"
    mail["To"] = "bob@acme.example"
    mail["Reply-To"] = DRAFT.reply_to
    mail["Subject"] = words.subject
    mail["Date"] = NOW
    mail["Message-ID"] = f"<{DRAFT.message_id}>"
    mail["In-Reply-To"] = mail["References"] = "<1@acme.example>"
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(words.text)
    mail.add_alternative(words.html, subtype="html")
    mail.as_bytes()


def microseconds(work: Callable[[], object], mails: int) -> float:
    start = time.process_time()
    for _ in range(mails):
        work()
    return (time.process_time() - start) / mails * 1e6


def told(kind: MailKind, mails: int, rounds: int) -> None:
    draft = replace(DRAFT, context=SAMPLES[kind][0])
    words = LOOK.words(draft.context, NOW)
    # In turn, for what is told twice running is put into words once.
    drafts = cycle((draft, replace(draft, context=replace(draft.context))))
    works: tuple[Callable[[], object], ...] = (
        lambda: LOOK.words(next(drafts).context, NOW),
        lambda: compose(next(drafts), LOOK),
        lambda: compose(next(drafts), LOOK, SIGNERS[:1]),
        lambda: compose(next(drafts), LOOK, SIGNERS),
        lambda: standard_library(words),
    )
    for work in works:
        work()
    columns = zip(*([microseconds(work, mails) for work in works] for _ in range(rounds)), strict=True)
    rendered, whole, once, twice, library = (statistics.median(column) for column in columns)
    print(kind.replace("_", " "))
    print(f"  its words, text and HTML                 {rendered:7.0f} us")
    print(f"  the same and its bytes                   {whole:7.0f} us")
    print(f"  the same, signed with RSA of 2048 bits   {once:7.0f} us")
    print(f"  the same, with Ed25519 beside it         {twice:7.0f} us")
    print(f"  the bytes alone, by the standard library {library:7.0f} us")
    print(f"  our bytes next to the library's          {(whole - rendered) / library:7.2f}")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--mails", type=int, default=2000)
    arguments.add_argument("--rounds", type=int, default=5)
    asked = arguments.parse_args()
    for kind in KINDS:
        told(kind, asked.mails, asked.rounds)


if __name__ == "__main__":
    main()
