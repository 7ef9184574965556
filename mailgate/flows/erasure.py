"""Knows how one person's data is erased: found, looked for in every mail, taken out in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from mailgate.core.audit import Audit
from mailgate.core.erasure import Person
from mailgate.core.message import Unreadable
from mailgate.mail.parse import parse
from mailgate.store import audits
from mailgate.store.belongings import Belongings, belongings, letters, mails, places
from mailgate.store.erasure import rows_naming, take_out
from mailgate.store.unit import Database


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to be erased, and where.

    Args:
        account: in that one alone; empty for all of them.
        also_open: with tickets that have not ended, and mail that is not sent yet.
    """

    address: str
    account: str = ""
    also_open: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of a person.

    Args:
        theirs: whole rows, with the copies of letters in which they are named.
        person: who they are in texts.
        rows: how many rows name them beside that.
        stays: where mails of others are that name them.
    """

    theirs: Belongings
    person: Person
    rows: int
    stays: tuple[Mapping[str, object], ...]

    @property
    def is_nothing(self) -> bool:
        """Whether nobody here knows them."""
        theirs = self.theirs
        return not (
            self.rows or theirs.tickets or theirs.mails or theirs.letters or theirs.held or self.stays
        )


class NotNowError(Exception):
    """Why nobody is erased now, and what would help."""


async def found(database: Database, wish: Wish, stands_in: str, told: Callable[[str], object]) -> Found:
    """What there is of the person. Every mail is read for it: `told` says so, for it takes long.

    Raises:
        NotNowError: something of theirs goes on still.
    """
    async with database.read() as unit:
        theirs = await belongings(unit, wish.address, wish.account)
    _check(theirs, wish)
    told("Reading their mails ...")
    names = set(theirs.names)
    async for id_, content in mails(database):
        if id_ in theirs.mails:
            names |= _names(content, wish.address)
    person = Person(wish.address, stands_in, frozenset(names), theirs.titles)
    told("Looking for them in all other mails ...")
    copies, going, others = set[int](), set[int](), set[int]()
    async for id_, is_copy, content in letters(database, wish.account):
        if id_ not in theirs.letters and _names_them(content, person):
            (copies if is_copy else going).add(id_)
    async for id_, content in mails(database):
        if id_ not in theirs.mails and _names_them(content, person):
            others.add(id_)
    async with database.read() as unit:
        stays = await places(unit, others, going, wish.account)
        rows = await rows_naming(unit, person, wish.account)
    return Found(replace(theirs, letters=theirs.letters | copies), person, rows, tuple(stays))


async def erase(database: Database, wish: Wish, seen: Found, audit: Audit, now: datetime) -> None:
    """Takes the person out of every row, in one transaction.

    Raises:
        NotNowError: something of theirs came meanwhile; nothing was changed.
    """
    async with database.write() as unit:
        theirs = await belongings(unit, wish.address, wish.account)
        _check(theirs, wish)
        whole = replace(theirs, letters=theirs.letters | seen.theirs.letters)
        await take_out(unit, seen.person, whole, wish.account, now)
        await audits.note(unit, audit)


def _check(theirs: Belongings, wish: Wish) -> None:
    if theirs.undecided:
        raise NotNowError("a mail of theirs is being decided: try again in a moment")
    if wish.also_open:
        return
    if theirs.going_on:
        names, several = ", ".join(theirs.going_on), len(theirs.going_on) > 1
        remedy = f"{'have' if several else 'has'} not ended: resolve {'them' if several else 'it'} first"
        raise NotNowError(f"{names} {remedy}, or say --also-open")
    if theirs.going:
        raise NotNowError("mail to them is not sent yet: `mailgate outbox` lists it; or say --also-open")


def _names(content: bytes, address: str) -> set[str]:
    """By what names a mail calls the address."""
    reading = parse(content)
    if isinstance(reading, Unreadable):
        return set()
    boxes = chain(reading.senders, reading.to, reading.cc, reading.reply_to)
    return {one.name for one in boxes if one.name and one.is_at(address)}


def _names_them(content: bytes, person: Person) -> bool:
    """As it is, and as it is read: base64 and encoded words hide a name from who only looks."""
    if person.is_named_in(content.decode("utf-8", "replace")):
        return True
    reading = parse(content)
    if isinstance(reading, Unreadable):
        return False
    boxes = chain(reading.senders, reading.to, reading.cc, reading.reply_to)
    read = (reading.subject, reading.text, reading.markup, *(f"{one.name} {one.address}" for one in boxes))
    return person.is_named_in("\n".join(read))
