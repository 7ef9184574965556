import io
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from mailgate.logs import set_up

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield io.StringIO()
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def test_a_line_is_a_sentence_and_names_for_machines(stream: io.StringIO) -> None:
    set_up(lambda: NOON, stream)
    structlog.get_logger().info(
        "A mail became a ticket.", what="ticket_opened", ticket="ACME-1", reason="new"
    )

    assert json.loads(stream.getvalue()) == {
        "at": "2026-11-20T12:00:00Z",
        "level": "info",
        "message": "A mail became a ticket.",
        "event": "ticket_opened",
        "ticket": "ACME-1",
        "reason": "new",
    }


def test_no_value_forges_a_line_or_moves_a_cursor(stream: io.StringIO) -> None:
    for as_json in (True, False):
        set_up(lambda: NOON, stream, as_json=as_json)
        structlog.get_logger().warning("A greeting.", what="greeted", greeting="a\n{}\x1b[2J", peer="\x1b[2J")

    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert json.loads(lines[0])["greeting"] == "a\n{}\x1b[2J"
    assert "\x1b[2J" not in lines[1]
    assert "a\\n{}\\x1b[2J" in lines[1]


def test_an_exception_is_told_whole(stream: io.StringIO) -> None:
    set_up(lambda: NOON, stream)
    try:
        1 / 0  # noqa: B018 - the fault
    except ZeroDivisionError:
        structlog.get_logger().exception("A sweep failed.", what="sweep_failed")

    assert "ZeroDivisionError" in json.loads(stream.getvalue())["exception"]


def test_the_libraries_below_are_heard_from_warnings_on(stream: io.StringIO) -> None:
    set_up(lambda: NOON, stream)
    logging.getLogger("mail.log").info("too much")
    logging.getLogger("mail.log").warning("odd: %s", "line")

    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["message"], line["level"]) == ("odd: line", "warning")


@pytest.mark.usefixtures("stream")
def test_a_line_that_cannot_be_written_stops_nobodys_work() -> None:
    with Path("/dev/full").open("w", buffering=1) as full:
        set_up(lambda: NOON, full)
        structlog.get_logger().info("A mail became a ticket.", what="ticket_opened")
        logging.getLogger("aiosmtpd").warning("A library speaks.")
        with pytest.raises(OSError, match="No space left"):
            full.flush()
        with suppress(OSError):
            full.close()
