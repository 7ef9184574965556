"""Knows how the demonstration is shown."""

import asyncio
import io
import tempfile
from pathlib import Path

import click

from mailgate import logs
from mailgate.app.story import tell
from mailgate.cli.screen import say
from mailgate.wallclock import now


@click.command()
def demo() -> None:
    """Tell the whole story in seconds, on a virtual clock.

    Mails in, acknowledgements, a reply that stops a clock, a missed target, the digest. A real listener and a
    real database work in a temporary folder; nothing is kept.
    """
    logs.set_up(now, io.StringIO())  # the story is told in its own words
    with tempfile.TemporaryDirectory(prefix="mailgate-demo-") as folder:
        asyncio.run(tell(Path(folder), say))
