"""Files that hold a secret: read only if nobody else may, made only for their owner, never overwritten."""

import os
from pathlib import Path

import pytest

from mailgate.privatefile import MissingFileError, PrivateFileError, content, put, word


def secret(folder: Path, octets: bytes, mode: int = 0o600) -> Path:
    file = folder / "secret"
    file.write_bytes(octets)
    file.chmod(mode)
    return file


def test_a_secret_is_put_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        put(tmp_path / "key", b"hush\n")
    finally:
        os.umask(before)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert (content(tmp_path / "key"), word(tmp_path / "key")) == (b"hush\n", "hush")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    file = secret(tmp_path, b"first")
    with pytest.raises(PrivateFileError, match="is there already: name another file, or move it away"):
        put(file, b"second")
    assert file.read_bytes() == b"first"


def test_a_secret_is_not_put_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(
        PrivateFileError, match="cannot be made: no such file or directory: a folder that is there"
    ):
        put(tmp_path / "none" / "key", b"hush")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o610])
def test_a_secret_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    file = secret(tmp_path, b"hush", mode)
    with pytest.raises(PrivateFileError) as told:
        content(file)
    assert str(told.value) == f"others may read it: make it private with chmod 600 {file}"


def test_a_secret_that_is_missing_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="is missing"):
        content(tmp_path / "none")
    with pytest.raises(PrivateFileError, match="is a directory"):
        content(tmp_path)


@pytest.mark.parametrize(
    ("octets", "wrong"),
    [
        (b" \n", "is empty"),
        (b"hush\nhush\n", "holds more than one line"),
        (b"hush\xff", "is not UTF-8"),
        (b"h" * 70_000, "is too long for a secret"),
    ],
)
def test_what_is_no_word_is_refused_without_saying_what_it_is(
    tmp_path: Path, octets: bytes, wrong: str
) -> None:
    with pytest.raises(PrivateFileError, match=wrong) as told:
        word(secret(tmp_path, octets))
    assert "hush" not in str(told.value)
