"""A few of `python -m bench dialogues`: whatever is said, a legal reply or a close, and nothing is left."""

from pathlib import Path

import pytest

from bench.dialogues import attack, calm, leaks, ordinary, served
from tests.hostile import Door, Ending, case, what_is_illegal

SEED = 20
COUNT = 150


async def test_hostile_dialogues_leave_a_door_that_takes_ordinary_mail(tmp_path: Path) -> None:
    """behaviour.md 1.4"""
    with served(tmp_path) as there:
        wrong = await attack(there, SEED, range(50), parallel=20)
        before = await calm(there)
        wrong += await attack(there, SEED, range(50, COUNT), parallel=20)
        assert await ordinary(there.doors[Door.SMTP]) == ""
        after = await calm(there)
        assert [*wrong, *leaks(before, after), *there.faults()] == []


def test_a_dialogue_comes_again_by_its_seed() -> None:
    cases = [case(f"1:{number}") for number in range(300)]
    assert cases == [case(f"1:{number}") for number in range(300)]
    assert len(set(cases)) == len(cases)
    assert {one.door for one in cases} == set(Door)
    assert {one.ending for one in cases} == set(Ending)


@pytest.mark.parametrize(
    "heard",
    [
        b"",
        b"220 mail.vendor.test ESMTP mailgate\r\n",
        b"250-mail.vendor.test\r\n250-SIZE 26214400\r\n250 HELP\r\n",
        b"354 end data with <CR><LF>.<CR><LF>\r\n250 2.0.0 accepted as 1\r\n",
        b"220 Ready to start TLS\r\n\x15\x03\x01\x00\x02\x02\x46",
    ],
)
def test_a_legal_answer_is_known(heard: bytes) -> None:
    assert what_is_illegal(heard) == ""


@pytest.mark.parametrize(
    "heard",
    [
        b"250 ok\n",
        b"250 ok",
        b"hello\r\n",
        b"650 ok\r\n",
        b"260 ok\r\n",
        b"250 4.0.0 ok\r\n",
        b"250 j\xf6rg\r\n",
        b"250 a\0b\r\n",
        b"250-one\r\n220 other\r\n",
        b"250-one\r\n",
        b"250 " + b"x" * 507 + b"\r\n",
        b"451 4.3.0 temporary failure on our side, please try again later\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
    ],
)
def test_what_is_no_legal_answer_is_known(heard: bytes) -> None:
    assert what_is_illegal(heard) != ""
