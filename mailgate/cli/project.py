"""Knows what a new installation is given, and how a whole one is checked."""

import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailgate import shipped
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, at_instant, configuration_file
from mailgate.cli.screen import emit_json, say

if TYPE_CHECKING:
    from mailgate.cli.inspection import Checked
    from mailgate.config import Problem


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
    say(f"Run it:       mailgate --config {file} serve")
    say(f"Check it:     mailgate --config {file} check")
    say(f"Its policies: mailgate --config {file} policy list")


@click.command()
@click.option("--relay", is_flag=True, help="Look for the smarthost as well.")
@click.option("--dns", is_flag=True, help="Ask the DNS for the domain's MX, SPF, DKIM and DMARC as well.")
@at_instant
@as_json
def check(now: datetime, *, relay: bool, dns: bool, as_json: bool) -> int:
    """Check configuration, policies, templates and database.

    Exit 0: all is well; 1: something needs work; 2: what is written is wrong. Notes are no fault. What is
    found doubtful in a policy and meant so is allowed in its file, by name and with a reason: [lint] allow.
    """
    from mailgate.cli.inspection import inspect  # noqa: PLC0415 - `init` does not wait for all it needs

    checked = inspect(configuration_file(), now, relay=relay, dns=dns)
    if as_json:
        checks = [
            {
                "part": one.part,
                "ok": not one.faults,
                "faults": one.faults,
                "note": one.note,
                "unknown": one.unknown,
            }
            for one in checked
        ]
        ok = not any(one.faults for one in checked)
        emit_json({"ok": ok, "checks": checks, "findings": [*_found(checked)]})
    else:
        for part in checked:
            _show(part)
    return max(one.exit_code for one in checked)


def _show(part: "Checked") -> None:
    verdict = "good" if not part.faults else "open" if part.unknown else "wrong"
    say(f"{verdict:6}{': '.join(filter(None, (part.part, part.note)))}")
    for fault in part.faults:
        say(f"      {fault}")
    for one in part.doubts:
        if not one.counts and not one.allowed:
            say(f"      note: {one}")


def _found(checked: "Iterable[Checked]") -> Iterator[dict[str, Any]]:
    """Mistakes and doubts with their places, as `check --json` tells them."""
    for part in checked:
        for mistake in part.mistakes:
            yield {"name": "mistake", "level": "error", **_place(mistake), "allowed": None}
        for one in part.doubts:
            yield {
                "name": one.rule.value,
                "level": one.weight.value,
                **_place(one.problem),
                "allowed": one.allowed or None,
            }


def _place(problem: "Problem") -> dict[str, Any]:
    return {
        "file": str(problem.file),
        "line": problem.line,
        "key": problem.key,
        "wrong": problem.wrong,
        "right": problem.right,
    }


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".gitkeep"))
    except OSError as error:
        raise Fault(f"{target} cannot be written: {error.strerror or error}") from None
