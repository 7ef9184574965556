"""keyfile: made once, private, and read with clear words when it is not what it should be."""

import asyncio
import os
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.core.address import Keys
from mailgate.core.instant import read
from mailgate.keyfile import KeyFileError, SigningKey, Use, keys, listed, retire, rotate

NOON = read("2026-11-20T12:00:00Z")
OLD, NEW = b"o" * 32, b"n" * 32


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


def line(number: int, secret: bytes, *more: str) -> str:
    return " ".join((str(number), b64encode(secret).decode(), *more)) + "\n"


def test_a_missing_file_is_not_made_for_who_has_signed_before(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="is missing: restore it from the backup"):
        keys(tmp_path / "k", None, make=False)
    assert list(tmp_path.iterdir()) == []


def test_the_current_key_signs_whatever_its_number(tmp_path: Path) -> None:
    path = written(tmp_path / "k", line(15, OLD) + line(0, NEW, "current", "2026-11-20T12:00:00Z"))
    assert keys(path, None) == Keys(0, {0: NEW, 15: OLD})
    assert listed(path) == (SigningKey(0, NEW, Use.CURRENT, NOON), SigningKey(15, OLD))


def test_a_prepared_key_is_believed_and_signs_nothing_though_its_number_is_the_highest(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "k", line(1, OLD) + line(2, NEW, "next"))
    assert keys(path, None) == Keys(1, {1: OLD, 2: NEW})


def test_a_rotation_adds_a_key_that_signs_and_leaves_the_rest_of_the_file_alone(tmp_path: Path) -> None:
    """behaviour.md 3.2"""
    path = written(tmp_path / "k", "# mine\n" + line(1, OLD))
    fresh = rotate(path, NOON)
    assert keys(path, None) == Keys(2, {1: OLD, 2: fresh.secret})
    assert (
        path.read_text() == f"# mine\n{line(1, OLD)}{line(2, fresh.secret, 'current 2026-11-20T12:00:00Z')}"
    )
    assert (len(fresh.secret), path.stat().st_mode & 0o777) == (32, 0o600)
    assert [file.name for file in tmp_path.iterdir()] == ["k"]


def test_a_rotation_in_two_steps_makes_a_key_and_then_lets_it_sign(tmp_path: Path) -> None:
    path = written(tmp_path / "k", line(1, OLD))
    prepared = rotate(path, NOON, prepare=True)
    assert keys(path, None) == Keys(1, {1: OLD, 2: prepared.secret})
    with pytest.raises(KeyFileError, match="key 2 is prepared already: rotate, or retire it"):
        rotate(path, NOON, prepare=True)
    assert rotate(path, NOON) == SigningKey(2, prepared.secret, Use.CURRENT, NOON)
    assert keys(path, None) == Keys(2, {1: OLD, 2: prepared.secret})


def test_after_the_highest_number_the_lowest_free_one_follows(tmp_path: Path) -> None:
    path = written(tmp_path / "k", line(0, OLD) + line(14, OLD) + line(15, OLD))
    assert rotate(path, NOON).number == 1
    assert keys(path, None).current == 1
    assert rotate(path, NOON).number == 2
    assert sorted(keys(path, None).secrets) == [0, 1, 2, 14, 15]


def test_with_all_numbers_taken_one_is_to_be_retired_first(tmp_path: Path) -> None:
    path = written(tmp_path / "k", "".join(line(number, OLD) for number in range(16)))
    with pytest.raises(KeyFileError, match="all 16 numbers are taken: `mailgate keys retire`"):
        rotate(path, NOON)
    retire(path, 3)
    assert rotate(path, NOON).number == 3


def test_a_retired_key_is_gone_and_the_one_that_signs_stays(tmp_path: Path) -> None:
    path = written(tmp_path / "k", line(1, OLD) + line(2, NEW))
    for number, why in ((2, "key 2 signs what is new"), (7, "there is no key 7: it holds 1, 2")):
        with pytest.raises(KeyFileError, match=why):
            retire(path, number)
    assert retire(path, 1) == SigningKey(1, OLD)
    assert keys(path, None) == Keys(2, {2: NEW})
    with pytest.raises(KeyFileError, match="key 2 signs what is new"):
        retire(path, 2)


def test_a_higher_number_that_is_retired_leaves_the_same_key_current(tmp_path: Path) -> None:
    path = written(tmp_path / "k", line(1, OLD, "current") + line(2, NEW, "next"))
    retire(path, 2)
    assert rotate(path, NOON).number == 2


async def test_rotations_at_once_follow_each_other(tmp_path: Path) -> None:
    path = written(tmp_path / "k", line(1, OLD))
    made = await asyncio.gather(*(asyncio.to_thread(rotate, path, NOON) for _ in range(8)))
    believed = keys(path, None)
    assert sorted(key.number for key in made) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert believed == Keys(9, {1: OLD} | {key.number: key.secret for key in made})


def test_a_link_to_the_file_stays_one(tmp_path: Path) -> None:
    path, link = written(tmp_path / "k", line(1, OLD)), tmp_path / "link"
    link.symlink_to(path)
    rotate(link, NOON)
    assert (link.is_symlink(), keys(path, None).current) == (True, 2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "k", line(1, OLD))
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(KeyFileError, match=r"k: Permission denied: mailgate must be able"):
            rotate(path, NOON)
    finally:
        tmp_path.chmod(0o700)
    assert keys(path, None) == Keys(1, {1: OLD})


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (line(1, OLD) + line(1, NEW), "two keys have the number 1"),
        (line(1, OLD, "current") + line(2, NEW, "current"), "two keys have the use current"),
        (line(1, OLD, "next"), "holds no key"),
        (line(1, OLD, "yesterday"), "k:1: no key"),
        ("1 \udcff\n", "k:1: no key"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "k"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match=wrong):
        keys(path, None)


@given(st.lists(st.sampled_from(["rotate", "prepare", *range(16)]), max_size=40))
@settings(max_examples=60, deadline=None)
def test_whatever_is_rotated_and_retired_one_key_signs_and_none_is_lost_unasked(
    orders: list[str | int],
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "k"
        believed = keys(path, None)
        for order in orders:
            try:
                changed = (
                    retire(path, order)
                    if isinstance(order, int)
                    else rotate(path, NOON, prepare=order == "prepare")
                )
            except KeyFileError:
                assert keys(path, None) == believed
                continue
            kept = {number: secret for number, secret in believed.secrets.items() if number != changed.number}
            match order:
                case "rotate":
                    expected = Keys(changed.number, {**kept, changed.number: changed.secret})
                case "prepare":
                    expected = replace(believed, secrets={**kept, changed.number: changed.secret})
                case _:
                    expected = replace(believed, secrets=kept)
            believed = keys(path, None)
            assert believed == expected
