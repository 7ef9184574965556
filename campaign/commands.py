"""Knows what becomes of the commands that are killed: a schema half made, a digest half built, a checkpoint.

Each is killed so many times in a row, then done once more, and nothing of the dead ones is left.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL

from campaign.books import read
from campaign.desk import Desk, desk_in, made
from mailgate.failpoint import VARIABLE, Action, Failpoint
from mailgate.wallclock import now
from tests.acceptance.installation import wait_for
from tests.replication import Pair

TIMES = 3
_PATIENCE = 30


def run(folder: Path, servers: Pair | None, said: Callable[[str], None]) -> list[str]:
    """Kills each command at each of its points; every breach."""
    found: list[str] = []
    for nth in range(1, TIMES + 1):
        some = list(_in_migration(folder / f"migration-{nth}", servers, nth))
        said(f"db upgrade killed after step {nth}; {'; '.join(some) or 'done anew'}")
        found += some
    some = list(_in_digest(folder / "digest", servers))
    said(f"digest --send killed {TIMES} times; {'; '.join(some) or 'sent once'}")
    return found + some


def _in_migration(folder: Path, servers: Pair | None, nth: int) -> Iterator[str]:
    installation = made(folder, "maildir:../var/sent", servers)
    installation.surroundings = _at(Failpoint.IN_MIGRATION, nth)
    died = installation.run("db", "upgrade")
    if died.returncode != -SIGKILL:
        yield f"db upgrade ended with {died.returncode}, and not at step {nth}"
    installation.surroundings = {}
    for words in (("db", "upgrade"), ("db", "check"), ("tickets",)):
        answer = installation.run(*words)
        if answer.returncode:
            yield f"{' '.join(words)} after a kill at step {nth}: {answer.stdout}{answer.stderr}"


def _in_digest(folder: Path, servers: Pair | None) -> Iterator[str]:
    with desk_in(folder, "maildir:../var/sent", servers) as desk:
        day = (now() - timedelta(days=1)).date().isoformat()
        words = ("digest", "--send", "--date", day)
        desk.installation.surroundings = _at(Failpoint.IN_DIGEST, 1)
        for _ in range(TIMES):
            died = desk.installation.run(*words)
            if died.returncode != -SIGKILL:
                yield f"digest --send ended with {died.returncode}: {died.stdout}{died.stderr}"
        desk.installation.surroundings = {}
        for _ in range(2):  # once more than it takes: none is sent twice
            answer = desk.installation.run(*words)
            if answer.returncode:
                yield f"digest --send after the kills: {answer.stdout}{answer.stderr}"
        with suppress(AssertionError):
            wait_for(lambda: _digests(desk) == ["sent"], _PATIENCE)
        if _digests(desk) != ["sent"]:
            yield f"the digest of {day} is {_digests(desk)} in the outbox"


def _digests(desk: Desk) -> list[str]:
    return [mail.state for mail in read(desk.url).queued if mail.kind == "digest"]


def _at(point: Failpoint, nth: int) -> dict[str, str]:
    return {VARIABLE: f"{point}:{Action.KILL}:{nth}"}
