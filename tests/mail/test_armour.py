import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.mail import armour

BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
SIGNATURE = "-----BEGIN PGP SIGNATURE-----\nVersion: x\n\niQE=\n=abcd\n-----END PGP SIGNATURE-----\n"
SIGNED = f"{BEGIN}\nHash: SHA256\n\nHello\n- -- \nBob\n- - item\n{SIGNATURE}"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (SIGNED, "Hello\n-- \nBob\n- item\n"),
        (
            f"before\n{SIGNED}- after\n{SIGNED}",
            "before\nHello\n-- \nBob\n- item\n- after\nHello\n-- \nBob\n- item\n",
        ),
        (f"{BEGIN}\n\nno end\n", f"{BEGIN}\n\nno end\n"),
        (f"> {BEGIN}\n>\n> quoted", f"> {BEGIN}\n>\n> quoted"),
        (SIGNATURE, SIGNATURE),
        ("- plain", "- plain"),
    ],
)
def test_what_is_signed_is_read_without_its_armour(text: str, read: str) -> None:
    """RFC 9580 section 7"""
    assert armour.read(text) == read


WORDS = st.text(st.sampled_from("ab- \n"), max_size=40)


@given(WORDS, WORDS)
def test_what_stands_around_is_left_as_it_is(before: str, after: str) -> None:
    assert armour.read(f"{before}\n{SIGNED}{after}") == f"{before}\nHello\n-- \nBob\n- item\n{after}"
