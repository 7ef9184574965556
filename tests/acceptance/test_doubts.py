"""A doubtful policy is no reason not to serve: it is said once, and the service runs."""

import json
from pathlib import Path

from tests.acceptance.installation import Installation, wait_for


def test_what_is_doubtful_is_logged_once_and_the_service_runs(tmp_path: Path) -> None:
    desk = Installation(tmp_path)
    desk.write()
    policy = desk.config.parent / "policies" / "particle.toml"
    policy.write_text(policy.read_text("utf-8").replace("pages = true\n", ""), "utf-8")
    desk.start()
    try:
        wait_for(lambda: "unstaffed-hours" in desk.log(), 30, desk.log)
    finally:
        assert desk.stop() == 0
    lines = [json.loads(line) for line in desk.log().splitlines() if line.startswith("{")]
    (told,) = [line for line in lines if line["event"] == "policy_doubtful"]
    assert told["level"] == "warning"
    assert told["reason"].startswith(f"{policy}:")
