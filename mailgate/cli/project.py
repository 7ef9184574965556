"""Knows what a new installation is given, and how a whole one is checked."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from mailgate import shipped
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, configuration_file
from mailgate.cli.screen import emit_json, say


@dataclass(frozen=True, slots=True)
class Finding:
    """What one part of the check found."""

    part: str
    faults: tuple[str, ...]
    exit_code: int
    note: str = ""


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--templates", is_flag=True, help="Write the mail templates as well, to change them.")
def init(folder: Path, *, templates: bool) -> None:
    """Write a commented starter configuration to DIR/config.

    It works as it is. What a run writes goes to DIR/var. Nothing that exists is overwritten.
    """
    target = folder / "config"
    if target.exists():
        raise Fault(f"{target} exists: name another folder, or move it away")
    _copy(shipped.folder("config"), target)
    if templates:
        _copy(shipped.folder("templates"), target / "templates")
    file = target / "mailgate.toml"
    say(f"Wrote {file}.")
    say(f"Run it:   mailgate --config {file} serve")
    say(f"Check it: mailgate --config {file} check")


@click.command()
@as_json
def check(*, as_json: bool) -> int:
    """Check configuration, policies, templates and database.

    Exit 0: all is well; 1: the database needs work; 2: what is written is wrong.
    """
    findings = list(_findings(configuration_file()))
    if as_json:
        emit_json(
            {
                "ok": not any(finding.faults for finding in findings),
                "checks": [
                    {"part": one.part, "ok": not one.faults, "faults": list(one.faults), "note": one.note}
                    for one in findings
                ],
            }
        )
    else:
        for finding in findings:
            _show(finding)
    return max(finding.exit_code for finding in findings)


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".gitkeep"))
    except OSError as error:
        raise Fault(f"{target} cannot be written: {error.strerror or error}") from None


def _findings(file: Path) -> Iterator[Finding]:
    from mailgate.config import ConfigurationError, load  # noqa: PLC0415 - `init` does not wait for its checks

    try:
        configuration = load(file)
    except ConfigurationError as error:
        yield Finding("configuration", tuple(str(problem) for problem in error.problems), 2)
        return
    desk = configuration.desk
    yield Finding("configuration", (), 0, f"{len(desk.accounts)} accounts, {len(desk.policies)} policies")


def _show(finding: Finding) -> None:
    say(
        f"{'wrong' if finding.faults else 'good':6}{finding.part}{': ' if finding.note else ''}{finding.note}"
    )
    for fault in finding.faults:
        say(f"      {fault}")
