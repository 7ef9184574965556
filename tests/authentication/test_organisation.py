"""Whose a domain is, by the list of public suffixes."""

import pytest

from mailgate.authentication import organisations


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("acme.example", "acme.example"),
        ("mail.eu.acme.example", "acme.example"),
        ("mail.acme.co.uk", "acme.co.uk"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("", ""),
    ],
    ids=["itself", "below it", "below a suffix of two", "a suffix", "one label", "nothing"],
)
def test_a_domain_is_of_whoever_registered_it(domain: str, organisation: str) -> None:
    assert organisations()(domain) == organisation
