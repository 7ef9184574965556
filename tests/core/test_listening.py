import re

import pytest

from mailgate.core.listening import Place, place


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
