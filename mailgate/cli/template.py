"""Knows the commands of `template`: how mails look, whose templates there are, and what is wrong in them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailgate.cli import choice
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, configuration
from mailgate.cli.screen import Column, emit_json, say, table, tell
from mailgate.config.problem import suggestion

if TYPE_CHECKING:
    from mailgate.core.account import Desk
    from mailgate.core.outgoing import MailKind
    from mailgate.mail.render import Look, Words
    from mailgate.mail.shelf import Reader

_FOUND_FAULTS = 2  # as of `mailgate check`
_PARTS = ("subject", "text", "html")
_SUFFIXES = {"subject": ".subject.txt", "text": ".txt", "html": ".html"}


@click.group()
def template() -> None:
    """Look at the templates that mails are made of."""


@template.command()
@click.argument("kind")
@click.option("--account", metavar="A", help="As this account gets it, with its policy and its language.")
@click.option("--policy", metavar="P", help="As accounts with this policy get it.")
@click.option("--language", metavar="TAG", help="As who reads this language gets it: de, pt-BR.")
@click.option("--part", type=click.Choice(_PARTS), help="One part alone.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write every sample to this folder."
)
@as_json
def show(*, kind: str, part: str | None, out: Path | None, as_json: bool, **whose: str | None) -> None:
    """Render the mail of a KIND with sample words, as a reader gets it.

    Shown is the fullest sample; --out writes all of them. `mailgate template list` names the kinds.
    """
    from mailgate.app.office import look  # noqa: PLC0415 - keeps `mailgate --help` quick
    from mailgate.mail.samples import NOW, SAMPLES  # noqa: PLC0415

    known = configuration()
    chosen, seen = _kind(kind), look(known)
    reader = _reader(known.desk, seen, whose, chosen)
    samples = [_parts(seen.words(context, NOW, reader)) for context in SAMPLES[chosen]]
    if out is not None:
        _write(samples, chosen, out, part)
    elif as_json:
        emit_json(samples)
    elif part:
        say(samples[0][part])
    else:
        say(f"Subject: {samples[0]['subject']}\n\n{samples[0]['text']}")


@template.command("list")
@as_json
def listed(*, as_json: bool) -> None:
    """List what mails are made of, and for whom.

    The shipped templates, and what stands in for them.
    """
    from mailgate.app.office import look  # noqa: PLC0415 - keeps `mailgate --help` quick

    known = configuration()
    rows = list(_rows(look(known), known.desk))
    keys = ("kind", "part", "of", "accounts", "file")
    if as_json:
        emit_json([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        wordy = Column("accounts", below="for {}"), Column("file", below="{}")
        table(
            ["kind", "part", "of", *wordy],
            ((kind, part, of, ", ".join(who), file) for kind, part, of, who, file in rows),
        )


@template.command()
@as_json
def check(*, as_json: bool) -> int:
    """Try every template, and tell what is wrong.

    Of every account, policy and language, with samples and with the worst words.
    """
    from mailgate.app.office import audience, look, untranslated  # noqa: PLC0415 - keeps `mailgate --help` quick
    from mailgate.mail.proof import faults  # noqa: PLC0415

    known = configuration()
    found = faults(look(known), audience(known.desk))
    notes = untranslated(known)
    if as_json:
        findings = [
            {"file": str(one.file), "line": one.line, "wrong": one.wrong, "right": one.right} for one in found
        ]
        emit_json({"ok": not found, "findings": findings, "notes": list(notes)})
    else:
        for fault in found:
            say(str(fault))
        for note in notes:
            say(f"note: {note}")
        tell(_counted(len(found)) if found else "every template is good")
    return _FOUND_FAULTS if found else 0


def _counted(mistakes: int) -> str:
    return f"{mistakes} mistake{'' if mistakes == 1 else 's'}"


def _kind(name: str) -> "MailKind":
    from mailgate.core.outgoing import MailKind  # noqa: PLC0415 - keeps `mailgate --help` quick

    return choice.chosen({str(one): one for one in MailKind}, "kind of mail", name)


def _reader(desk: "Desk", seen: "Look", whose: dict[str, str | None], kind: "MailKind") -> "Reader":
    from mailgate.core.outgoing import TO_CUSTOMERS  # noqa: PLC0415 - keeps `mailgate --help` quick
    from mailgate.mail.shelf import Reader  # noqa: PLC0415

    account = choice.account(desk, whose["account"])
    policy = choice.chosen(desk.policies, "policy", whose["policy"]).name if whose["policy"] else ""
    language = whose["language"] or ""
    if language and not seen.shelf.knows(language):
        known = seen.shelf.languages()
        right = suggestion(language, known, else_say="a tag such as 'de' or 'pt-BR'")
        raise Fault(f"there is no language '{language}': {right}")
    if account is None:
        return Reader("", policy, language)
    spoken = account.language if kind in TO_CUSTOMERS else ""
    return Reader(account.key, policy or account.policy, language or spoken)


def _parts(words: "Words") -> dict[str, str]:
    return {"subject": words.subject, "text": words.text, "html": words.html}


def _write(samples: list[dict[str, str]], kind: str, folder: Path, part: str | None) -> None:
    """Writes `page-1.html` and the like."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, sample in enumerate(samples, start=1):
            for one in (part,) if part else _PARTS:
                file = folder / f"{kind}-{number}{_SUFFIXES[one]}"
                file.write_text(sample[one] + "\n", encoding="utf-8")
                say(str(file))
    except OSError as error:
        raise Fault(f"{folder} cannot be written: {error.strerror or error}") from None


def _rows(seen: "Look", desk: "Desk") -> Iterator[tuple[str, str, str, list[str], str]]:
    """Every file that stands for itself, and which accounts get it."""
    from mailgate.app.office import audience  # noqa: PLC0415 - keeps `mailgate --help` quick
    from mailgate.core.outgoing import TO_CUSTOMERS, MailKind  # noqa: PLC0415
    from mailgate.mail.render import PARTS  # noqa: PLC0415

    readers = audience(desk).readers
    for kind in MailKind:
        for part in PARTS:
            name = f"{kind}/{part}"
            whose = readers if kind in TO_CUSTOMERS else [replace(one, language="") for one in readers]
            got = {one.account: seen.part(name, one).name for one in whose}
            for whole, of, source in seen.shelf.standing(name):
                yield kind, part, of, [key for key, its in got.items() if its == whole], str(source.path)
