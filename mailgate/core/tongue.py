"""Knows what mailgate itself says to customers, phrase by phrase, and how a tongue tells it; here is English.

Another tongue has a book of these phrases and the calendar words of its language (`mail/tongue.py`).
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from mailgate.core import localtime


class Phrase(StrEnum):
    """What is said in English; what stands in braces is filled in."""

    BY = "by {when}"
    EXPECTED = "expected from {start}, {by}"
    EACH = "each within {amount}"
    SOON = "as soon as we can"
    BEST_EFFORT = "best effort, without a fixed time"
    ALWAYS = "around the clock"
    MET_BY = "met by {what}"
    LOWERING = "de-escalation to {priority}"
    AT = "{day}, {time}"
    AT_PLACE = "{day}, {time} {zone}"
    CITY = "{city} time"
    MINUTES = "{count} minutes"
    HOURS = "{count} hours"
    DAYS = "{count} days"
    BUSINESS_MINUTES = "{count} business minutes"
    BUSINESS_HOURS = "{count} business hours"
    BUSINESS_DAYS = "{count} business days"
    SHORT_HOURS = "{count} h"
    SHORT_MINUTES = "{count} min"
    MOMENT = "less than a minute"
    NO_PRIORITY = "no priority was named, so it is {priority}"
    UNKNOWN_PRIORITY = "{tags} is no priority here, so it is {priority}"
    NOT_INCLUDED = "The plan {plan} does not include this."
    MISSING_LINE = 'Please reply with one more line: "{name}: ..."'
    FIRST_RESPONSE = "First response"
    TAKEN = "Taken by a person on call"
    LATER_RESPONSES = "Answers to later mails"
    RESOLUTION = "Resolution"
    SCOPE = "Scope of support"
    NO_SUBJECT = "(no subject)"


class Tongue(Protocol):
    """One language, ready to tell.

    Args:
        tag: its BCP 47 tag, `de` or `pt-BR`; `direction` is `ltr` or `rtl`.
    """

    tag: str
    direction: str

    def told(self, instant: datetime, zone: str, now: datetime | None = None) -> str:
        """An instant with its day and what people there call their time."""

    def told_bare(self, instant: datetime, zone: str, now: datetime | None = None) -> str:
        """The same without the zone, beside another time that says it."""

    def told_brief(self, instant: datetime, zone: str) -> str:
        """A shorter form, for lists."""

    def told_day(self, day: date) -> str:
        """A date."""

    def stretch(self, amount: timedelta) -> str:
        """A length of time."""

    def until(self, due: datetime, now: datetime) -> str:
        """How long it is to an instant, or how long ago it was."""

    def amount(self, words: str) -> str:
        """An amount of time, as core.amount writes it."""

    def size(self, octets: int) -> str:
        """How large a file is."""

    def say(self, phrase: Phrase, **values: object) -> str:
        """A phrase of ours, filled in."""

    def knows(self, sentence: str) -> bool:
        """Whether a sentence that stands in English is told in this language."""

    def said(self, sentence: str) -> str:
        """A sentence that stands in English already, or in the words of a policy; as it is where unknown."""


class English:
    """The language that mailgate is written in."""

    tag = "en"
    direction = "ltr"
    told = staticmethod(localtime.told)
    told_bare = staticmethod(localtime.told_bare)
    told_brief = staticmethod(localtime.told_brief)
    told_day = staticmethod(localtime.told_day)
    stretch = staticmethod(localtime.stretch)

    def until(self, due: datetime, now: datetime) -> str:
        """`in 3 h 20 min`, or `2 h ago`."""
        length = localtime.stretch(due - now)
        return f"in {length}" if due >= now else f"{length} ago"

    def amount(self, words: str) -> str:
        """`4 business hours`."""
        return words

    def size(self, octets: int) -> str:
        """`12 kB`, as a person says how large a file is."""
        for unit, factor in (("MB", 1_000_000), ("kB", 1000)):
            if octets >= factor:
                return f"{octets / factor:.3g} {unit}"
        return f"{octets} bytes"

    def say(self, phrase: Phrase, **values: object) -> str:
        """The phrase, filled in."""
        return phrase.format(**values)

    def knows(self, sentence: str) -> bool:  # noqa: ARG002 - it knows them all
        """Whether it is told: always."""
        return True

    def said(self, sentence: str) -> str:
        """The sentence as it is."""
        return sentence


ENGLISH: Tongue = English()
