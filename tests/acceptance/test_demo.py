"""The demonstration tells the whole story, and leaves nothing behind."""

import subprocess
from pathlib import Path

from tests.acceptance.installation import MAILGATE, environment

PLOT = (
    "Bob, a customer, writes: [P2] Gateways drop offline every hour",
    "by Friday 20 November, 13:00 Pacific (4 business hours)",
    "Bob, a customer, writes: Where are last month's invoices?",
    "Priority: P3 (Normal)",
    "[ACME-1] Response due",
    "PAGE [ACME-3] P1 Acme Corp: The whole fleet is down",
    "Sam, who answers tickets, writes: Re: [ACME-3] [P1] The whole fleet is down",
    "mailgate to Bob, a customer: Re: [ACME-3] The whole fleet is down",
    "[ACME-1] RESPONSE MISSED: Gateways drop offline every hour",
    "SLA digest of Saturday 21 November 2026",
    "ACME-1 P2 response: was due Fri 20 Nov 13:00 PST, still open",
    "1 of 1",
)


def test_the_story_is_told_in_its_order_and_keeps_nothing(tmp_path: Path) -> None:
    temporary = {**environment(), "TMPDIR": str(tmp_path)}
    told = subprocess.run(
        [MAILGATE, "demo"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=temporary,
        cwd=tmp_path,
    )
    assert (told.returncode, told.stderr) == (0, "")
    rest = told.stdout
    for line in PLOT:
        before, found, rest = rest.partition(line)
        assert found, f"{line!r} does not follow in:\n{before}"
    assert list(tmp_path.iterdir()) == []
