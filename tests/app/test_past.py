"""app/past: archives are read within limits, and what cannot be read is named."""

from pathlib import Path

from mailgate.app.past import Past, read_past
from mailgate.core.instant import read
from mailgate.core.past import DatedBy, LeftOut, Staff
from mailgate.reader import Bounds

NOW = read("2026-11-20T12:00:00Z")
DATED = b"From: bob@acme.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nSubject: Fire\n\nIt burns.\n"


async def read_all(folder: Path, *names: str, bounds: Bounds | None = None) -> tuple[Past, list[int]]:
    heard: list[int] = []
    paths = [str(folder / name) for name in names]
    return await read_past(paths, Staff(), NOW, heard.append, bounds), heard


async def test_mails_are_read_in_the_order_in_which_they_lie(tmp_path: Path) -> None:
    (tmp_path / "b.eml").write_bytes(DATED)
    (tmp_path / "a.eml").write_bytes(DATED.replace(b"2 Mar", b"3 Mar"))
    past, heard = await read_all(tmp_path, "b.eml", "a.eml")
    assert [(mail.place, mail.at, mail.dated_by) for mail in past.mails] == [
        (str(tmp_path / "b.eml"), read("2026-03-02T10:00:00Z"), DatedBy.DATE),
        (str(tmp_path / "a.eml"), read("2026-03-03T10:00:00Z"), DatedBy.DATE),
    ]
    assert heard == [1, 2]


async def test_a_mail_that_is_built_to_hurt_is_named_and_the_next_is_read(tmp_path: Path) -> None:
    bomb = b"From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5000
    (tmp_path / "1.eml").write_bytes(bomb)
    (tmp_path / "2.eml").write_bytes(DATED + b"It burns.\n" * 10_000)
    (tmp_path / "3.eml").write_bytes(DATED)
    past, heard = await read_all(tmp_path, "", bounds=Bounds(wall=0.0))
    hurt = ["more than 200 parts", "its reading took more than 0 seconds"]
    assert [mail.place for mail in past.mails] == [str(tmp_path / "3.eml")]
    assert [one.place for one in past.left_out] == [str(tmp_path / "1.eml"), str(tmp_path / "2.eml")]
    assert past.left_out[1] == LeftOut(str(tmp_path / "2.eml"), hurt[1])
    assert heard == [1, 2, 3]
