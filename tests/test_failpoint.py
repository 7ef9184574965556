import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from mailgate.failpoint import STALL, Failpoint, FailpointError, arm, reach
from tests.acceptance.installation import MAILGATE, environment


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm("")


def test_without_the_variable_nothing_happens(capsys: pytest.CaptureFixture[str]) -> None:
    arm("")
    for point in Failpoint:
        reach(point)
    assert capsys.readouterr() == ("", "")


def test_the_program_stumbles_once_at_that_place_at_that_time() -> None:
    arm("after_insert:raise:2")
    reach(Failpoint.AFTER_INSERT)
    reach(Failpoint.AFTER_COMMIT)
    with pytest.raises(FailpointError, match="stumbled at after_insert"):
        reach(Failpoint.AFTER_INSERT)
    reach(Failpoint.AFTER_INSERT)


def test_a_failing_disk_can_be_had() -> None:
    arm("in_settle:eio:1")
    with pytest.raises(OSError, match="Input/output error"):
        reach(Failpoint.IN_SETTLE)


@pytest.mark.parametrize(("action", "ends"), [("kill", -signal.SIGKILL), ("sleep", -signal.SIGTERM)])
def test_a_process_dies_there_or_stands_still(action: str, ends: int) -> None:
    program = (
        "from mailgate.failpoint import Failpoint, arm, reach\n"
        f"arm('in_digest:{action}:1'); reach(Failpoint.IN_DIGEST)"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    try:
        process.wait(STALL if action == "kill" else STALL / 2)
    except subprocess.TimeoutExpired:
        process.terminate()
    assert process.wait(10) == ends


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("befor_begin:kill:1", "'befor_begin' is no failpoint; choose from before_begin, after_insert"),
        ("before_begin:explode:1", "'explode' is no action; choose from kill, raise, sleep, stop, eio"),
        ("before_begin:kill", "'' is no count; write before_begin:kill:1 for the first time"),
        ("before_begin:kill:0", "'0' is no count"),
    ],
)
def test_a_command_says_what_is_wrong_with_the_variable(wanted: str, told: str) -> None:
    surroundings = {**environment(), "MAILGATE_FAILPOINT": wanted}
    answer = subprocess.run(
        [MAILGATE, "tickets"], env=surroundings, cwd=os.curdir, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"mailgate: MAILGATE_FAILPOINT: {told}")
