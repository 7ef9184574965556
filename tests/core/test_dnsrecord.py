"""Records as a zone file says them: read back by dnspython, which is a stranger."""

import dns.rdata
import dns.rdtypes.txtbase
import dns.zone
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.dnsrecord import ascii_name, strings, zone_line


def test_a_domain_is_said_in_ascii() -> None:
    assert [ascii_name(one) for one in ("bücher.example", "support.example.com", "a..b")] == [
        "xn--bcher-kva.example",
        "support.example.com",
        "a..b",
    ]


def test_a_value_is_cut_into_strings_of_255_octets() -> None:
    assert [len(one) for one in strings("v" * 600)] == [255, 255, 90]
    assert strings("") == ("",)


def test_a_long_record_stands_on_several_lines() -> None:
    assert zone_line("mg1._domainkey.a.example", "v" * 256) == (
        "mg1._domainkey.a.example. IN TXT (\n" + f'    "{"v" * 255}"\n' + '    "v"\n)'
    )


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=700))
def test_what_a_zone_file_says_is_read_as_it_was_meant(value: str) -> None:
    """behaviour.md 5.6"""
    zone = dns.zone.from_text(
        "$TTL 60\n@ IN SOA a. b. 1 1 1 1 1\n@ IN NS a.\n" + zone_line("k.a.example", value),
        origin="a.example.",
    )
    (record,) = zone.find_rdataset("k", "TXT")
    assert isinstance(record, dns.rdtypes.txtbase.TXTBase)
    assert b"".join(record.strings).decode() == value
