"""`[authentication]`: whose word is believed, and each mistake in saying so."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from mailgate.cli import run
from mailgate.config import ConfigurationError, Settings, load
from mailgate.core.listening import Place
from mailgate.core.trust import Trust, Verify


def settings(folder: Path, table: str) -> Settings:
    run(["init", str(folder)])
    file = folder / "config" / "mailgate.toml"
    text = file.read_text("utf-8")
    assert "[authentication]" in text
    file.write_text(text.replace("[authentication]", f"[authentication]\n{table}\n#"), "utf-8")
    return load(file).settings


def test_nobody_is_believed_at_first(tmp_path: Path) -> None:
    """behaviour.md 1.6"""
    assert settings(tmp_path, "").authentication.trust == Trust(Verify.OFF)


def test_a_mail_server_in_front_is_believed_from_where_it_is_and_by_its_name(tmp_path: Path) -> None:
    """behaviour.md 1.6"""
    table = 'verify = "upstream"\nupstream = ["192.0.2.1", "2001:db8::/64", "unix"]\nauthserv_id = "-"'
    networks = (ip_network("192.0.2.1/32"), ip_network("2001:db8::/64"))
    trust = Trust(Verify.UPSTREAM, networks, by_socket=True, authserv_id="-")
    assert settings(tmp_path, table).authentication.trust == trust


def test_a_name_server_is_an_address_with_a_port_or_without(tmp_path: Path) -> None:
    named = ["192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353"]
    found = settings(tmp_path, f"dns_servers = {named}").authentication.dns_servers
    assert found == (
        Place("192.0.2.53", 53),
        Place("192.0.2.53", 5353),
        Place("2001:db8::53", 53),
        Place("2001:db8::53", 5353),
    )


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('verify = "sometimes"', 'authentication.verify: "sometimes" is not known: one of '),
        (
            'verify = "upstream"\nauthserv_id = "mx.example.com"',
            'authentication: verify = "upstream" without upstream: an address or a network, such as',
        ),
        (
            'verify = "upstream"\nupstream = ["unix"]',
            'authentication: verify = "upstream" without authserv_id: authserv_id, the name that it',
        ),
        (
            "require_authentication = true",
            'authentication: require_authentication, and nobody verifies: verify = "own", or "upstream"',
        ),
        (
            'upstream = ["mx.example.com"]',
            'authentication.upstream: "mx.example.com" is no mail server in front: an',
        ),
        (
            'upstream = ["192.0.2.1/24"]',
            'authentication.upstream: "192.0.2.1/24" is no mail server in front: an',
        ),
        (
            'authserv_id = "two words"',
            'authentication.authserv_id: "two words" is no authserv-id: the name that',
        ),
        (
            'dns_servers = ["ns.example.com"]',
            '"ns.example.com" is no name server: an address, such as "192.0.2.53"',
        ),
        ('dns_servers = ["192.0.2.53:99999"]', '"192.0.2.53:99999" is no name server: an address, such as'),
        ("dns_servers = [53]", '"53" is no name server: an address, such as'),
        ("dns_seconds = 0", "authentication.dns_seconds: "),
        ("dns_seconds = 31", "authentication.dns_seconds: "),
        ("upstreams = []", "authentication.upstreams: unknown key: did you mean 'upstream'?"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_remedy(tmp_path: Path, table: str, told: str) -> None:
    """behaviour.md 7.3"""
    with pytest.raises(ConfigurationError) as error:
        settings(tmp_path, table)
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"{tmp_path / 'config' / 'mailgate.toml'}:")
    assert told in line
