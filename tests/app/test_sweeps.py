"""What moves by itself, in one process among others."""

import subprocess
import sys

from mailgate.app.sweeps import this_node


def test_two_processes_of_a_machine_have_two_names() -> None:
    """What they tell of mail servers that are away is told apart by it."""
    asked = [sys.executable, "-c", "from mailgate.app.sweeps import this_node; print(this_node())"]
    other = subprocess.run(asked, capture_output=True, check=True, text=True).stdout.strip()
    assert other
    assert other != this_node() == this_node()
