"""keyfile: made once, private, and read with clear words when it is not what it should be."""

from base64 import b64encode
from pathlib import Path

import pytest

from mailgate.core.address import Keys
from mailgate.keyfile import KeyFileError, keys


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_missing_file_is_made_private_and_read_again_alike(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret.key"
    made = keys(path, None)
    assert keys(path, None) == made
    assert len(made.secrets[made.current]) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


def test_the_highest_number_signs_and_the_others_are_believed(tmp_path: Path) -> None:
    old, new = b"o" * 32, b"n" * 32
    text = f"# keys\n1 {b64encode(old).decode()}\n\n2 {b64encode(new).decode()}\n"
    assert keys(written(tmp_path / "k", text), None) == Keys(2, {1: old, 2: new})


def test_the_environment_comes_first(tmp_path: Path) -> None:
    assert keys(tmp_path / "k", "0123456789abcdef") == Keys(1, {1: b"0123456789abcdef"})
    assert not (tmp_path / "k").exists()


def test_a_short_secret_in_the_environment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="MAILGATE_SECRET: too short: use at least 16"):
        keys(tmp_path / "k", "short")


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "k", f"1 {b64encode(b'o' * 32).decode()}\n", 0o644)
    with pytest.raises(KeyFileError, match="others may read it: make it private with chmod 600"):
        keys(path, None)


@pytest.mark.parametrize(
    "line", ["x", "1 !!!", "1 c2hvcnQ=", "16 " + b64encode(b"o" * 32).decode(), "-1 AAAA"]
)
def test_a_line_that_is_no_key_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(KeyFileError, match=r"k:2: no key: write a number from 0 to 15"):
        keys(written(tmp_path / "k", f"# keys\n{line}\n"), None)


def test_an_empty_file_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="holds no key: restore it from the backup"):
        keys(written(tmp_path / "k", ""), None)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match=r"secret\.key: .*: mailgate must be able to read and make it"):
        keys(tmp_path / "file" / "secret.key", None)
