"""Signed mail over the whole road out: composed, relayed by SMTP, verified by a stranger who asks the DNS."""

from collections.abc import AsyncIterator
from dataclasses import replace

import dns.asyncresolver
import dns.nameserver
import pytest

from mailgate.core.message import Mailbox
from mailgate.core.outgoing import Draft, Enclosure, MailKind, Outgoing
from mailgate.core.relay import Ending
from mailgate.core.route import SmarthostRoute
from mailgate.mail.compose import compose
from mailgate.mail.samples import SAMPLES
from mailgate.smarthost import Smarthost
from tests.mail.test_every_mail import LOOK, draft, dressed, in_turn, worded
from tests.nameserver import Nameserver, answering
from tests.records import Desk, desk
from tests.sink import Copy, Sink, serving

DESK = desk()


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with serving(Sink(extensions=("SIZE 100000000", "8BITMIME", "SMTPUTF8"))) as sink:
        yield sink


@pytest.fixture
async def smarthost(sink: Sink) -> AsyncIterator[Smarthost]:
    smarthost = Smarthost(SmarthostRoute("127.0.0.1", sink.port), "support.example.com")
    yield smarthost
    await smarthost.close()


@pytest.fixture
async def nameserver() -> AsyncIterator[Nameserver]:
    zone = {(name, "TXT"): [record] for name, record in DESK.records.items()}
    async with answering(zone) as server:
        yield server


def letters() -> list[Draft]:
    """Every kind of mail, with words that are hard to carry."""
    seeds = (
        "plain words",
        "ü and 日本語",
        ".\n..\n.dots.\nFrom here on",
        "n" * 3000,
        "ends with blanks   \n\n\n",
        "\t",
    )
    found = []
    samples = [sample for kind in MailKind for sample in SAMPLES[kind]]
    for at, sample in enumerate(samples):
        words = in_turn([seeds[at % len(seeds)]])
        context = dressed(worded(sample, words), words)
        found.append(draft(context, words, person=at % 2 == 0))
    large = Enclosure("log.bin", "application/octet-stream", bytes(range(256)) * 8000)
    anew = replace(found[0], to=(Mailbox("пользователь@пример.example", "П"),))
    return [*found, replace(found[0], enclosures=(large,)), anew]


async def sent(smarthost: Smarthost, mail: Outgoing) -> None:
    async def hold() -> bool:
        return True

    attempt = await smarthost.carry(mail, hold)
    assert attempt.ending is Ending.SENT


async def verdicts(copy: Copy, server: Nameserver) -> list[bool]:
    asking = dns.asyncresolver.Resolver(configure=False)
    asking.nameservers = [dns.nameserver.Do53Nameserver(server.place.host, server.place.port)]
    answers = {name: await asking.resolve(name, "TXT") for name in DESK.records}
    found = Desk((), {name: b"".join(said[0].strings).decode() for name, said in answers.items()})
    return found.verdicts(copy.content)


async def test_every_kind_of_letter_verifies_where_it_arrives(
    sink: Sink, smarthost: Smarthost, nameserver: Nameserver
) -> None:
    """behaviour.md 5.6"""
    mails = [compose(one, LOOK, DESK.signers) for one in letters()]
    assert {mail.kind for mail in mails} == set(MailKind)
    for mail in mails:
        await sent(smarthost, mail)
    assert [copy.content for copy in sink.copies] == [mail.content for mail in mails]
    assert [await verdicts(copy, nameserver) for copy in sink.copies] == [[True, True]] * len(mails)
