"""Knows how a log line looks: a sentence for people, with `event=`, `reason=` and the like for machines.

On a terminal a line is coloured; everywhere else it is one JSON object. The libraries below are heard from
`WARNING` on. No value can move the cursor of a terminal or forge a second line. A line that cannot be
written, because the disk is full or its reader is gone, is lost and stops nobody's work.

    _log = structlog.get_logger()
    _log.info("A mail became a ticket.", what="ticket_opened", ticket="ACME-42", reason="new")
"""

import io
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TextIO, cast

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from mailgate.core.instant import written


def set_up(now: Callable[[], datetime], stream: TextIO = sys.stderr, *, as_json: bool | None = None) -> None:
    """Sends every log line of this process to the stream.

    Args:
        now: stamps the lines.
        as_json: None for JSON wherever the stream is no terminal.
    """
    outlet = _Outlet(stream)
    first = _first(now)
    last = _as_json() if (not stream.isatty() if as_json is None else as_json) else _for_people()
    structlog.configure(
        processors=[*first, *last],
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", outlet)),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(outlet)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=first, processors=[ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class _Outlet(io.TextIOBase):
    """Where lines go, and where those are lost that cannot."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):  # ValueError: closed, at the end of the process
            self._stream.flush()


def _first(now: Callable[[], datetime]) -> list[Processor]:
    def stamp(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        return {"at": written(now()), **line}

    return [structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, stamp]


def _as_json() -> list[Processor]:
    return [
        structlog.processors.format_exc_info,
        # structlog calls the sentence "event"; here that is the name for machines.
        structlog.processors.EventRenamer("message", replace_by="what"),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _for_people() -> list[Processor]:
    return [_harmless, ConsoleRenderer(timestamp_key="at", exception_formatter=plain_traceback)]


def _harmless(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """The line with everything escaped that a terminal would obey."""
    return {key: _escaped(value) if isinstance(value, str) else value for key, value in line.items()}


def _escaped(text: str) -> str:
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
