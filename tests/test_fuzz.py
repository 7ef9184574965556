"""The hunt for mails that hurt finds those that do: planted faults are told, kept, and the same again."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.fuzz import Fault, examined, hunt, kept, tried
from mailgate.core.message import Message, Reading
from mailgate.mail.parse import parse
from tests.house.code import ROOT
from tests.mail.fuzzed import FIELDS, PAIRS, TOKENS, mail, pair

SEED = "a test"


def planted(harm: str) -> bytes:
    """A mail of the seed that the harm below is done by."""
    return mail(SEED, {"raises": 3, "dies": 5, "grows": 7}[harm])


RAISES, DIES, GROWS = (planted(one) for one in ("raises", "dies", "grows"))


def hurt(raw: bytes) -> Reading:
    match raw:
        case _ if raw == RAISES:
            raise IndexError("planted")
        case _ if raw == DIES:
            sys.exit(9)
        case _ if raw == GROWS:
            assert len(bytearray(210 * 1024 * 1024)) > 0
    return parse(raw)


def slow(raw: bytes) -> Reading:
    began = time.process_time()
    while raw == RAISES and time.process_time() - began < 2.2:
        pass
    return parse(raw)


def endless(raw: bytes) -> Reading:
    while raw == RAISES:
        pass
    return parse(raw)


def test_every_pair_of_tokens_stands_in_every_field_once() -> None:
    assert (len(TOKENS), len(FIELDS), PAIRS) == (32, 17, 17 * 32 * 32)
    assert len({pair(number) for number in range(PAIRS)}) == PAIRS


def test_a_mail_is_the_same_again_by_its_seed_and_its_number() -> None:
    assert [mail(SEED, number) for number in range(200)] == [mail(SEED, number) for number in range(200)]
    assert mail(SEED, 9) != mail("another", 9)


def test_no_hostile_mail_brings_out_a_fault() -> None:
    """behaviour.md 2.9"""
    said = list(hunt("1", 4000, 2))
    assert ([one for one in said if isinstance(one, Fault)], said[-1]) == ([], 4000)


def test_a_mail_that_raises_kills_or_grows_is_told_and_the_others_are_tried() -> None:
    said = list(hunt(SEED, 40, 1, hurt))
    faults = [one for one in said if isinstance(one, Fault)]
    assert [(one.number, one.reason.split()[0]) for one in faults] == [
        (3, "IndexError:"),
        (5, "the"),
        (7, "took"),
    ]
    assert (faults[1].reason, faults[2].reason[-3:]) == ("the process ended with 9", "MiB")
    assert said[-1] == 40


@pytest.mark.parametrize(
    ("read", "reason"), [(slow, "took 2."), (endless, "TooLongError: took more than 4 seconds")]
)
def test_a_mail_that_takes_too_long_is_told(read: object, reason: str) -> None:
    faults = [one for one in hunt(SEED, 10, 1, read) if isinstance(one, Fault)]  # type: ignore[arg-type]
    assert [one.number for one in faults] == [3]
    assert faults[0].reason.startswith(reason)


def test_a_reading_that_no_database_takes_is_a_fault() -> None:
    with pytest.raises(AssertionError, match="cannot be stored"):
        examined(b"", 1, lambda _: Message(subject="\ud800", senders=(), identity=""))


def test_what_fails_is_kept_with_its_trace(tmp_path: Path) -> None:
    fault = tried(SEED, 3, hurt)
    assert fault
    file = kept(tmp_path / "kept", SEED, fault)
    assert (file.name, file.read_bytes()) == ("a test-3.eml", mail(SEED, 3))
    assert "IndexError: planted" in file.with_suffix(".txt").read_text("utf-8")


def test_who_has_heard_enough_leaves_no_process_behind() -> None:
    program = (
        "from bench.fuzz import hunt\n"
        "def broken(raw):\n    raise IndexError('x' * 5000)\n"
        "next(hunt('a test', 4000, 2, broken))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=30, check=False)
    assert ended.returncode == 0


def test_it_is_run_by_one_command() -> None:
    command = [sys.executable, "-m", "bench", "fuzz", "--count", "200", "--seed", "7"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (
        0,
        "no faults in 200 hostile mails of seed 7",
    )
    ended = subprocess.run(
        [*command[:4], "--case", "9"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "no fault\n")
