"""Knows how a command ends that cannot do what it was asked: in clear words, never in a traceback.

0 done, 1 found a fault, 2 bad usage or configuration, 70 a bug of ours, 130 interrupted.
"""

import os
import tempfile
import traceback

import click

from mailgate.cli.screen import tell

DEBUG = "MAILGATE_DEBUG"
BUG = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130  # 128 and SIGINT, as a shell says it


class Fault(Exception):  # noqa: N818 - a word of this house, and of ITIL
    """The command cannot do it, and its one line says why and what would help.

    Args:
        message: the line.
        exit_code: 1 for something found wrong, 2 for bad usage, configuration or surroundings.
    """

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.message = message
        self.code = exit_code


def told(error: Exception) -> int:
    """Tells an error of a command on standard error; returns the exit code."""
    if isinstance(error, Fault):
        tell(f"mailgate: {error.message}")
        return error.code
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    words = _expected(error)
    if not words:
        return _told_as_bug(error)
    tell(words)
    return 2


def _expected(error: Exception) -> str:
    """The text of an error that is written for the operator; empty for any other."""
    from mailgate.config import ConfigurationError  # noqa: PLC0415 - most runs meet none of them
    from mailgate.keyfile import KeyFileError  # noqa: PLC0415
    from mailgate.store.faults import StoreError  # noqa: PLC0415

    match error:
        case ConfigurationError():
            return str(error)
        case KeyFileError() | StoreError():
            return f"mailgate: {error}"
        case _:
            return ""


def _told_as_bug(error: Exception) -> int:
    details = "".join(traceback.format_exception(error))
    if os.environ.get(DEBUG):
        tell(details)
        return BUG
    descriptor, name = tempfile.mkstemp(prefix="mailgate-fault-", suffix=".txt", text=True)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(details)
    tell(f"mailgate: a bug of ours, {type(error).__name__}: please report it with {name}")
    return BUG
