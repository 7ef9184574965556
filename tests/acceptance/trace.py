"""Knows how a running server is watched at its system calls, and how one is made to fail: strace."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_CALL = re.compile(
    r"^(?P<task>\d+) +\d+:\d+:[\d.]+ (?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<name>\w+)\()(?P<rest>.*)$"
)
_FILE = re.compile(r"^\d+<(?P<file>[^>]*)>")
_PATIENCE = 20.0  # seconds until every thread is watched

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has returned.

    Args:
        file: what its first argument stands for.
        rest: the arguments and the answer as strace writes them.
    """

    name: str
    file: str
    rest: str

    @property
    def succeeded(self) -> bool:
        return not re.search(r"= -1 \w+ \(.*\)(?: \(INJECTED\))?$", self.rest)


@contextmanager
def traced(process: int, log: Path, *options: str) -> Iterator[Path]:
    """The process under strace until the block ends; the log is whole only then."""
    told = log.with_suffix(".said")
    with told.open("wb") as said:
        strace = subprocess.Popen(
            ["strace", "-f", "-tt", "-yy", "-s", "200", "-o", log, *options, "-p", str(process)], stderr=said
        )
    try:
        end = time.monotonic() + _PATIENCE
        threads = len(list(Path(f"/proc/{process}/task").iterdir()))
        while not told.read_text().count("attached") and strace.poll() is None:
            assert time.monotonic() < end, told.read_text()
            time.sleep(0.02)
        assert strace.poll() is None, told.read_text()
        assert threads
        yield log
    finally:
        strace.terminate()
        strace.wait(_PATIENCE)


def calls(log: Path) -> list[Call]:
    """What was called, in the order in which the calls returned."""
    begun: dict[str, str] = {}
    found = []
    for line in log.read_text("utf-8", "replace").splitlines():
        call = _CALL.match(line)
        if call is None:
            continue
        task, rest = call["task"], call["rest"]
        if rest.endswith("<unfinished ...>"):
            begun[task] = rest.removesuffix("<unfinished ...>")
            continue
        name = call["name"] or call["resumed"]
        whole = rest if call["name"] else begun.pop(task, "") + rest
        file = _FILE.match(whole)
        found.append(Call(name, file["file"] if file else "", whole))
    return found
