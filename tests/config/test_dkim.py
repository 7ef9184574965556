"""`[[dkim]]`: keys and the names they are published below."""

from pathlib import Path

import pytest

from mailgate.app import House
from mailgate.app.dkim import published, signers
from mailgate.cli import run
from mailgate.config import ConfigurationError, load
from mailgate.mail import dkimkey
from mailgate.mail.signing import Algorithm
from mailgate.privatefile import put

TABLE = '[[dkim]]\nselector = "{}"\nkey_file = "../var/{}.key"\n'
KEY = dkimkey.fresh(Algorithm.ED25519)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    run(["init", str(tmp_path)])
    (tmp_path / "var").mkdir()
    put(tmp_path / "var" / "a.key", dkimkey.written(KEY))
    return tmp_path / "config" / "mailgate.toml"


def named(file: Path, *tables: str) -> Path:
    file.write_text(file.read_text("utf-8") + "".join(tables), "utf-8")
    return file


def test_no_key_is_configured_at_first(file: Path) -> None:
    assert signers(load(file)) == ()


def test_every_key_signs_for_the_domain(file: Path) -> None:
    """behaviour.md 5.6"""
    put(file.parent.parent / "var" / "b.key", dkimkey.written(dkimkey.fresh(Algorithm.RSA)))
    configuration = load(named(file, TABLE.format("mg1", "a"), TABLE.format("mg2.eu", "b")))
    assert [(one.domain, one.selector, one.algorithm) for one in signers(configuration)] == [
        ("support.example.com", "mg1", Algorithm.ED25519),
        ("support.example.com", "mg2.eu", Algorithm.RSA),
    ]
    first, second = published(configuration)
    assert (first.name, first.record) == ("mg1._domainkey.support.example.com", dkimkey.record(KEY))
    assert second.name == "mg2.eu._domainkey.support.example.com"


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        (
            TABLE.format("Mg 1", "a"),
            '"Mg 1" is no selector: lower-case letters, digits and `-`, such as "mg1"',
        ),
        (TABLE.format("mg1", "a") * 2, 'dkim[1].selector: "mg1" is named twice: a selector of its own'),
        (
            '[[dkim]]\nselector = "mg1"\n',
            "key_file: is missing: the private key, which `mailgate dkim keygen`",
        ),
    ],
)
def test_a_mistake_in_a_table_is_told_with_its_remedy(file: Path, table: str, wrong: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        load(named(file, table))
    assert wrong in str(told.value)


@pytest.mark.parametrize(
    ("octets", "mode", "wrong"),
    [
        (
            b"",
            0o600,
            "holds no private key in PEM: an RSA key of 2048 bits or more, or one of Ed25519; `mailgate",
        ),
        (dkimkey.written(KEY), 0o644, "others may read it: make it private with chmod 600"),
        (None, 0, "is missing: name a file that is there"),
    ],
    ids=["no key", "open", "missing"],
)
def test_a_key_that_cannot_be_used_is_told_with_file_and_remedy(
    file: Path, octets: bytes | None, mode: int, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """behaviour.md 5.6"""
    key = file.parent.parent / "var" / "b.key"
    if octets is not None:
        key.write_bytes(octets)
        key.chmod(mode)
    named(file, TABLE.format("mg1", "a"), TABLE.format("mg2", "b"))
    told = f"{file}: dkim[1].key_file: {key}: {wrong}"
    assert run(["--config", str(file), "check"]) == 2
    assert told in capsys.readouterr().out
    with pytest.raises(ConfigurationError) as refused:
        House(load(file))
    assert str(refused.value).startswith(told)
