import re

import pytest

from mailgate.core.listening import Place, SocketFile, address, place


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("127.0.0.1:2525", Place("127.0.0.1", 2525)),
        ("[::1]:25", Place("::1", 25)),
        ("mail.example:0", Place("mail.example", 0)),
    ],
)
def test_an_address_names_a_host_and_a_port(text: str, named: Place) -> None:
    assert (place(text), str(named)) == (named, text)


@pytest.mark.parametrize(
    "text", ["", "2525", ":2525", "localhost", "::1:2525", "[::1]", "[]:25", "a:b", "a:65536", "a:-1", "a:²"]
)
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=rf'^"{re.escape(text)}" is no place to listen$'):
        place(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("unix:../var/lmtp.sock", SocketFile("../var/lmtp.sock")),
        ("unix:/run/a:b", SocketFile("/run/a:b")),
        ("127.0.0.1:2424", Place("127.0.0.1", 2424)),
    ],
)
def test_a_door_may_be_a_file(text: str, named: Place | SocketFile) -> None:
    assert (address(text), str(named)) == (named, text)


@pytest.mark.parametrize("text", ["", "unix:", "var/lmtp.sock"])
def test_what_is_no_door_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no place|names no socket"):
        address(text)
