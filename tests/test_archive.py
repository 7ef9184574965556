"""archive: mails of the past as mail programs keep them."""

import os
from pathlib import Path

import pytest

from mailgate.archive import ArchivedMail, ArchiveError, mails

FIRST = b"From: bob@acme.example\nSubject: One\n\nIt burns.\n"
SECOND = b"Received: by mx; Mon, 2 Mar 2026 10:00:00 +0000\nSubject: Two\n\nIt burns again.\n"


def lay(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def contents(path: Path) -> list[bytes]:
    return [mail.content.rstrip() for mail in mails(str(path))]


def test_an_mbox_gives_its_mails_in_order_each_with_its_place(tmp_path: Path) -> None:
    content = (
        b"From bob Mon Mar  2 10:00:00 2026\n" + FIRST + b"\nFrom bob Mon Mar  2 11:00:00 2026\n" + SECOND
    )
    path = lay(tmp_path, "inbox.mbox", content)
    assert list(mails(str(path))) == [
        ArchivedMail(f"{path}, mail 1", FIRST + b"\n"),
        ArchivedMail(f"{path}, mail 2", SECOND),
    ]


@pytest.mark.parametrize(
    "separator",
    [
        b"From bob@acme.example Mon Mar  2 10:00:00 2026",
        b"From - Mon Mar  2 10:00:00 2026",  # Thunderbird
        b"From ",  # Thunderbird of today
        b"From 1799999999999999999@xxx Mon Mar 02 10:00:00 +0000 2026",  # Google Takeout
        b"From MAILER-DAEMON Mon Mar  2 10:00 2026",
        b"From bob@acme.example  Mon Mar  2 10:00:00 2026 remote from hub",
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_every_mail_program_separates_mails_in_a_way_of_its_own(
    tmp_path: Path, separator: bytes, end: bytes
) -> None:
    text = separator + b"\n" + FIRST + b"\n" + separator + b"\n" + SECOND
    path = lay(tmp_path, "Inbox", text.replace(b"\n", end))
    assert contents(path) == [one.rstrip().replace(b"\n", end) for one in (FIRST, SECOND)]


def test_a_line_that_only_begins_like_a_separator_separates_nothing(tmp_path: Path) -> None:
    words = (
        b"Subject: One\n\nSee below.\n\nFrom now on it works.\n\n"
        b"From bob, at 10:30 on 1 March 2026\nI heard of it.\nFrom \nhere: on.\n\nFrom \nhere on\n"
    )
    path = lay(tmp_path, "inbox.mbox", b"From bob Mon Mar  2 10:00:00 2026\n" + words)
    assert contents(path) == [words.rstrip()]


def test_a_separator_in_the_middle_of_a_long_line_separates_nothing(tmp_path: Path) -> None:
    separator = b"From bob Mon Mar  2 10:00:00 2026\n"
    words = b"Subject: One\n\n" + b"x" * 64 * 1024 + separator + b"Subject: none\n"
    path = lay(tmp_path, "inbox.mbox", separator + words)
    assert contents(path) == [words.rstrip()]


def test_a_mail_whose_last_line_has_no_empty_one_below_is_still_over(tmp_path: Path) -> None:
    separator = b"From bob Mon Mar  2 10:00:00 2026\n"
    path = lay(tmp_path, "inbox.mbox", separator + FIRST + separator + SECOND)
    assert contents(path) == [FIRST.rstrip(), SECOND.rstrip()]


def test_a_from_that_the_archive_quoted_is_as_it_was_written(tmp_path: Path) -> None:
    body = b"Subject: One\n\n>From the start:\n>>From Bob:\n> From here\nsays >From\n"
    path = lay(tmp_path, "inbox.mbox", b"From bob Mon Mar  2 10:00:00 2026\n" + body)
    assert contents(path) == [b"Subject: One\n\nFrom the start:\n>From Bob:\n> From here\nsays >From"]


def test_a_maildir_gives_what_was_read_and_what_is_new_and_not_what_is_being_written(tmp_path: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (tmp_path / part).mkdir()
    lay(tmp_path, "cur/1.host:2,S", FIRST)
    lay(tmp_path, "new/2.host", SECOND)
    lay(tmp_path, "tmp/3.host", FIRST)
    lay(tmp_path, "dovecot-uidlist", b"3 V1\n")
    lay(tmp_path, ".Sent/cur/4.host:2,S", FIRST)
    (tmp_path / ".Sent/new").mkdir()
    assert [(mail.place, mail.content) for mail in mails(str(tmp_path))] == [
        (str(tmp_path / "cur/1.host:2,S"), FIRST),
        (str(tmp_path / "new/2.host"), SECOND),
        (str(tmp_path / ".Sent/cur/4.host:2,S"), FIRST),
    ]


def test_a_folder_gives_its_mail_files_and_names_those_that_are_none(tmp_path: Path) -> None:
    lay(tmp_path, "a/one.eml", FIRST)
    lay(tmp_path, "b/Inbox", b"From - Mon Mar  2 10:00:00 2026\n" + SECOND)
    index = lay(tmp_path, "b/Inbox.msf", b"// <!-- mdb:mork:z -->\n")
    lay(tmp_path, "b/empty", b"")
    (tmp_path / "round").symlink_to(tmp_path)
    found = list(mails(str(tmp_path)))
    assert [mail.content for mail in found] == [FIRST, SECOND, b""]
    assert found[-1] == ArchivedMail(str(index), fault="a file that is neither an mbox nor named .eml")


def test_a_single_mail_is_one_and_an_empty_file_is_none(tmp_path: Path) -> None:
    path = lay(tmp_path, "one.txt", FIRST)
    assert list(mails(str(path))) == [ArchivedMail(str(path), FIRST)]
    assert list(mails(str(lay(tmp_path, "empty.mbox", b"\n\n")))) == []


def test_of_a_mail_that_is_too_large_only_its_place_is_told(tmp_path: Path) -> None:
    separator = b"From bob Mon Mar  2 10:00:00 2026\n"
    large = b"Subject: Large\n\n" + b"x" * 3_000_000 + b"\n"
    path = lay(tmp_path, "inbox.mbox", separator + large + b"\n" + separator + SECOND)
    assert list(mails(str(path), most=2 << 20)) == [
        ArchivedMail(f"{path}, mail 1", fault="more than 2 MiB"),
        ArchivedMail(f"{path}, mail 2", SECOND),
    ]


def test_a_line_without_an_end_costs_no_more_memory_than_a_mail_may(tmp_path: Path) -> None:
    path = lay(tmp_path, "zeros.eml", b"")
    os.truncate(path, 1 << 27)
    assert list(mails(str(path), most=1 << 20)) == [ArchivedMail(str(path), fault="more than 1 MiB")]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"lost\.mbox: No such file or directory"):
        list(mails(str(tmp_path / "lost.mbox")))


def test_a_file_in_a_folder_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.eml").symlink_to(tmp_path / "gone")
    (tmp_path / "b.eml").write_bytes(FIRST)
    os.mkfifo(tmp_path / "c.eml")
    fault = "no file that can be read"
    assert list(mails(str(tmp_path))) == [
        ArchivedMail(str(tmp_path / "a.eml"), fault=fault),
        ArchivedMail(str(tmp_path / "b.eml"), FIRST),
        ArchivedMail(str(tmp_path / "c.eml"), fault=fault),
    ]
