import codecs

import pytest

from mailgate.mail.label import codec, is_vague


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("UTF-8", "utf-8"),
        ('"utf8"', "utf-8"),
        ("ISO_8859-1", "cp1252"),
        ("iso-8859-8-i", "iso8859_8"),
        ("latin2", "iso8859_2"),
        ("cp-1251", "cp1251"),
        ("'windows-1250'", "cp1250"),
        ("ks_c_5601-1987", "cp949"),
        ("x-mac-cyrillic", "mac_cyrillic"),
        ("charset=utf-8", "utf-8"),
        ("utf-8utf-8", "utf-8"),
        ("utf-8, iso-8859-1", "utf-8"),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_a_label_stands_for_what_wrote_the_text(label: str, name: str) -> None:
    assert codec(label) == name
    assert not name or codecs.lookup(name)


@pytest.mark.parametrize(
    "label", ["base64", "idna", "punycode", "undefined", "rot13", "zlib", "\x00", "unicode_escape", "mbcs"]
)
def test_only_charsets_are_ever_looked_up(label: str) -> None:
    assert codec(label) == ""


def test_some_labels_say_nothing_about_letters_beyond_ascii() -> None:
    assert [is_vague(label) for label in ("", "US-ASCII", "unknown-8bit", "iso-8859-1")] == [
        True, True, True, False,
    ]  # fmt: skip
