"""What holds of every policy that is shipped."""

import re

import pytest

from mailgate.config import load
from tests.config.shipped import NAMES, shipped
from tests.house.code import ROOT

FOLDER = ROOT / "config" / "policies"


def test_five_policies_are_shipped() -> None:
    assert tuple(sorted(file.stem for file in FOLDER.glob("*.toml"))) == NAMES
    assert tuple(load(ROOT / "config" / "mailgate.toml").desk.policies) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_reading_is_data_and_stands_as_a_comment_where_it_applies(name: str) -> None:
    comments = re.findall(r"^ *# Reading: ", (FOLDER / f"{name}.toml").read_text("utf-8"), re.MULTILINE)

    assert len(shipped(name).readings) == len(comments)


@pytest.mark.parametrize("name", NAMES)
def test_each_names_its_source_and_points_somewhere(name: str) -> None:
    policy = shipped(name)

    assert policy.source
    assert all(address.startswith("https://") for address in policy.links.values())
    assert len(policy.links) > 0


@pytest.mark.parametrize("room", ["core", "flows", "mail", "store"])
def test_no_vendor_is_named_where_it_is_decided(room: str) -> None:
    vendors = re.compile("particle|planetscale|platform.?sh|pantheon", re.IGNORECASE)
    files = (ROOT / "mailgate" / room).rglob("*.py")

    assert [str(file) for file in files if vendors.search(file.read_text("utf-8"))] == []
