"""Knows what a new installation is given, and how a whole one is checked."""

import shutil
from pathlib import Path

import click

from mailgate import shipped
from mailgate.cli.fault import Fault
from mailgate.cli.options import as_json, configuration_file
from mailgate.cli.screen import emit_json, say


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
@click.option("--relay", is_flag=True, help="Look for the smarthost as well.")
@as_json
def check(*, relay: bool, as_json: bool) -> int:
    """Check configuration, policies, templates and database.

    Exit 0: all is well; 1: something needs work; 2: what is written is wrong.
    """
    from mailgate.cli.inspection import inspect  # noqa: PLC0415 - `init` does not wait for all it needs

    checked = inspect(configuration_file(), relay=relay)
    if as_json:
        checks = [
            {"part": one.part, "ok": not one.faults, "faults": one.faults, "note": one.note}
            for one in checked
        ]
        emit_json({"ok": not any(one.faults for one in checked), "checks": checks})
    else:
        for part in checked:
            verdict = "wrong" if part.faults else "good"
            say(f"{verdict:6}{': '.join(filter(None, (part.part, part.note)))}")
            for fault in part.faults:
                say(f"      {fault}")
    return max(one.exit_code for one in checked)


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".gitkeep"))
    except OSError as error:
        raise Fault(f"{target} cannot be written: {error.strerror or error}") from None
