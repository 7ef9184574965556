"""Anybody may write in anybody's name, and nobody looks: operators are told at the start and by `check`."""

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from mailgate.app import House, HouseRole
from mailgate.app.senders import unproven_doors
from mailgate.cli import run
from mailgate.config import load
from mailgate.core.listening import Place

ON_LOOPBACK = '"127.0.0.1:0"'
BY_A_NAME = '"127.1:0"'  # loopback to the system, which alone knows; to us a name that may lead anywhere
ANY_ADDRESS = Place("0.0.0.0", 25)  # noqa: S104 - what is meant; nothing is opened
OWN = 'verify = "own"\ndns_servers = ["127.0.0.1:9"]\n'
UPSTREAM = 'verify = "upstream"\nupstream = ["unix"]\nauthserv_id = "mx.example.com"\n'


def desk(folder: Path, doors: str, table: str = "") -> Path:
    """A configuration with these ways in."""
    run(["init", str(folder)])
    file = folder / "config" / "mailgate.toml"
    text = file.read_text("utf-8")
    for before, after in (
        ("[listener]", f"[listener]\n{doors}\n#"),
        ("[authentication]", f"[authentication]\n{table}#"),
        ("[web]", '[web]\nlisten = "127.0.0.1:0"\n#'),
    ):
        assert before in text
        text = text.replace(before, after, 1)
    file.write_text(text, "utf-8")
    return file


async def warnings(file: Path) -> list[str]:
    """What `serve` warns of who sends mail, from its start on."""
    with capture_logs() as log:
        house = House(load(file), frozenset({HouseRole.LISTENER}))
        try:
            await house.start()
        finally:
            await house.stop()
    return [line["reason"] for line in log if line["what"] == "senders_unproven"]


@pytest.mark.parametrize(
    ("doors", "table", "unproven"),
    [
        (f"smtp = [{ON_LOOPBACK}]", "", []),
        ('smtp = []\nlmtp = ["unix:../var/lmtp.sock"]', "", []),
        ('smtp = ["0.0.0.0:25", "[::1]:25"]', "", [ANY_ADDRESS]),
        ('smtp = []\nlmtp = ["192.0.2.10:24"]', "", [Place("192.0.2.10", 24)]),
        ('smtp = ["0.0.0.0:25"]', OWN, []),
        ('smtp = ["0.0.0.0:25"]', UPSTREAM, []),
    ],
)
def test_a_door_is_doubtful_that_others_reach_while_nobody_looks(
    tmp_path: Path, doors: str, table: str, unproven: list[Place]
) -> None:
    """behaviour.md 4.3"""
    assert list(unproven_doors(load(desk(tmp_path, doors, table)))) == unproven


@pytest.mark.parametrize(
    ("doors", "table", "told"),
    [
        (f"smtp = [{BY_A_NAME}]", "", ["127.1:0 is open to others, and [authentication] verify is off"]),
        (f"smtp = [{ON_LOOPBACK}]", "", []),
        (f"smtp = [{BY_A_NAME}]", OWN, []),
    ],
    ids=["open to others", "on loopback", "somebody looks"],
)
async def test_serve_warns_where_others_may_write_and_nobody_looks(
    tmp_path: Path, doors: str, table: str, told: list[str]
) -> None:
    """behaviour.md 4.3"""
    assert await warnings(desk(tmp_path, doors, table)) == told


async def test_a_reload_after_which_nobody_looks_is_warned_of(tmp_path: Path) -> None:
    """behaviour.md 4.3, 7.3"""
    file = desk(tmp_path, f"smtp = [{BY_A_NAME}]", OWN)
    house = House(load(file))
    try:
        file.write_text(file.read_text("utf-8").replace('verify = "own"', 'verify = "off"'), "utf-8")
        with capture_logs() as log:
            house.reload()
    finally:
        await house.stop()
    assert [line["what"] for line in log] == ["reloaded", "senders_unproven"]


@pytest.mark.parametrize(
    ("doors", "table", "said"),
    [
        (f"smtp = [{ON_LOOPBACK}]", "", "nobody looks who sent a mail"),
        (
            'smtp = ["0.0.0.0:25"]',
            "",
            "nobody looks who sent a mail, and 0.0.0.0:25 is open to others",
        ),
        ('smtp = ["0.0.0.0:25"]', OWN, "SPF, DKIM and DMARC are verified here"),
        ('smtp = ["0.0.0.0:25"]', UPSTREAM, "mx.example.com is believed about who sent a mail"),
    ],
    ids=["off", "off and open to others", "own", "upstream"],
)
def test_check_says_who_looks_who_sent_a_mail(
    tmp_path: Path, doors: str, table: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """behaviour.md 4.3"""
    file = desk(tmp_path, doors, table)
    capsys.readouterr()
    run(["--config", str(file), "check", "--json"])
    (line,) = [one for one in json.loads(capsys.readouterr().out)["checks"] if one["part"] == "senders"]
    assert (line["ok"], line["faults"], line["note"]) == (True, [], said)
