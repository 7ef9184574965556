"""Knows the commands of staff: lines at the top of their mail that begin with a slash (`behaviour.md` 4.4).

This is the grammar alone; whether a command holds on a ticket stands in core.staffwork. Whatever begins with
a slash at the top is meant as a command: a path there is told to be none, neither sent nor swallowed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from itertools import combinations

from mailgate.core.ticket import named

MOST = 20
"""So many command lines are read; nobody needs more of them, and a mail may have any number."""

_SLASHES = "/\N{FULLWIDTH SOLIDUS}\N{FRACTION SLASH}\N{DIVISION SLASH}\N{BIG SOLIDUS}"
_UNSEEN = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+")
_INDENTED = re.compile(r"[ \u00a0]{4}")
_LONGEST_SHOWN = 60  # characters of a line that is told to be wrong
_LONGEST_NAME = 20


class Verb(StrEnum):
    """What staff may ask for; each is written after a slash, in any case."""

    ACK = "ack"
    WAIT = "wait"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    PRIORITY = "priority"
    DEESCALATE = "deescalate"
    ASSIGN = "assign"
    CC = "cc"
    UNCC = "uncc"
    NOTE = "note"
    MERGE = "merge"
    SPAM = "spam"
    FOR = "for"
    CHECK = "check"


EXAMPLES: Mapping[Verb, str] = {
    Verb.PRIORITY: "/priority P2",
    Verb.ASSIGN: "/assign me",
    Verb.CC: "/cc carol@acme.example",
    Verb.UNCC: "/uncc carol@acme.example",
    Verb.MERGE: "/merge ACME-41",
    Verb.FOR: "/for bob@acme.example",
}
"""Of the commands that need a word after them, how they are written."""

USAGE = tuple(EXAMPLES.get(verb, f"/{verb}") for verb in Verb)
"""How each command is written."""

_REPEATED = frozenset({Verb.CC, Verb.UNCC})
_BESIDE_SPAM = frozenset({Verb.SPAM, Verb.NOTE, Verb.CHECK})

_CONTRADICT = frozenset(
    {
        frozenset({Verb.WAIT, Verb.RESOLVE}),
        frozenset({Verb.REOPEN, Verb.RESOLVE}),
        frozenset({Verb.PRIORITY, Verb.DEESCALATE}),
        *(
            frozenset({Verb.MERGE, verb})
            for verb in (Verb.WAIT, Verb.RESOLVE, Verb.REOPEN, Verb.PRIORITY, Verb.DEESCALATE)
        ),
        *(frozenset({Verb.SPAM, verb}) for verb in Verb if verb not in _BESIDE_SPAM),
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line, in words after which it makes a sentence, and what would be right."""

    line: str
    wrong: str
    right: str

    def __str__(self) -> str:
        """In one line: `/prio P2 is no command`."""
        return f"{self.line} {self.wrong}"


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `argument` is what stands after the verb: a priority, a ticket."""

    verb: Verb
    argument: str = ""

    def __str__(self) -> str:
        """As it is written: `/priority P2`."""
        return f"/{self.verb} {self.argument}".rstrip()

    def fault(self, wrong: str, right: str) -> Fault:
        """That it does not hold: what is wrong, and what would be right."""
        return Fault(_shown(str(self)), wrong, right)


@dataclass(frozen=True, slots=True)
class Orders:
    """A staff mail taken apart: its commands in their order, and the words below them."""

    commands: tuple[Command, ...] = ()
    words: str = ""
    faults: tuple[Fault, ...] = ()

    def has(self, verb: Verb) -> bool:
        """Whether the command is among them."""
        return any(command.verb is verb for command in self.commands)


def orders(text: str) -> Orders:
    """The commands at the top of a mail, and its words: what stands below the last of them."""
    lines = text.splitlines()
    read: list[Command | Fault] = []
    below = 0
    words: list[str] = []
    for number, line in enumerate(lines):
        plain = _plain(line)
        if plain and not _is_meant(line, plain):
            break
        if not plain:
            continue
        below = number + 1
        if len(read) == MOST:
            return Orders(faults=(_too_many(),))
        command = _read(plain)
        if isinstance(command, Command) and command.verb is Verb.NOTE and command.argument:
            words.append(command.argument)  # `/note He called.`: the note begins there
            command = Command(Verb.NOTE)
        read.append(command)
    if not read:
        return Orders(words=text)
    commands = tuple(one for one in read if isinstance(one, Command))
    faults = tuple(one for one in read if isinstance(one, Fault))
    return Orders(commands, "\n".join((*words, *lines[below:])), (*faults, *_contradictions(commands)))


def strays(words: str) -> tuple[Fault, ...]:
    """Commands that stand below the words, where they would be sent to the customer."""
    found: list[Fault] = []
    for line in words.splitlines():
        plain = _plain(line)
        if plain and _is_meant(line, plain) and isinstance(command := _read(plain), Command):
            right = "put it above your words; if the customer is to read it, put a word before it"
            found.append(Fault(str(command), "stands below your words", right))
    return tuple(found[:MOST])


def _plain(line: str) -> str:
    return _UNSEEN.sub(" ", line).strip()


def _is_meant(line: str, plain: str) -> bool:
    """Whether a line is meant as a command; far to the right stands what HTML quotes without saying so."""
    return plain[0] in _SLASHES and not _INDENTED.match(line.expandtabs(4))


def _read(line: str) -> Command | Fault:
    """The command of one line."""
    shown = _shown(line)
    name, _, argument = line[1:].strip().partition(" ")
    verb = next((one for one in Verb if one == name.lower()), None)
    if line[0] != "/":
        return Fault(shown, "begins with a sign that only looks like a slash", "write a plain slash")
    if verb is None:
        return Fault(shown, "is no command", _unknown(name))
    if verb in EXAMPLES and not argument:
        return Fault(shown, "lacks a word", f"write it as in {EXAMPLES[verb]}")
    if verb is Verb.MERGE and named(argument) is None:
        return Fault(shown, "names no ticket", f"write it as in {EXAMPLES[verb]}")
    if argument and verb not in EXAMPLES and verb is not Verb.NOTE:
        return Fault(
            shown, f"has words after it, and /{verb} takes none", f"put them on a line below /{verb}"
        )
    return Command(verb, argument)


def _shown(line: str) -> str:
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}..."


def _unknown(name: str) -> str:
    """What would be right instead of a name that is none."""
    near = get_close_matches(name.lower()[:_LONGEST_NAME], list(Verb), n=1)
    meant = f"perhaps /{near[0]} is meant; " if near else ""
    return f"{meant}if the customer is to read it, put a word before it"


def _too_many() -> Fault:
    return Fault("/...", f"is one of more than {MOST} command lines", "write each command once")


def _contradictions(commands: tuple[Command, ...]) -> Iterator[Fault]:
    verbs = [command.verb for command in commands]
    for verb in dict.fromkeys(verbs):
        if verb not in _REPEATED and verbs.count(verb) > 1:
            yield Fault(f"/{verb}", "stands there more than once", "write it once")
    for one, other in combinations(dict.fromkeys(verbs), 2):
        if frozenset({one, other}) in _CONTRADICT:
            yield Fault(
                f"/{one}", f"contradicts /{other}", "write one of them, and the other in a later mail"
            )
