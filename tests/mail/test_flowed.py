import pytest

from mailgate.mail import flowed
from mailgate.mail.line import Line


@pytest.mark.parametrize(
    ("text", "delsp", "lines"),
    [
        ("one \ntwo \nthree\nfour", False, [Line("one two three"), Line("four")]),
        ("\u65e5\u672c \n\u8a9e", True, [Line("\u65e5\u672c\u8a9e")]),
        (" From here\n > no quotation", False, [Line("From here"), Line("> no quotation")]),
        ("> a \n> b\n>> c \nd", False, [Line("> a b", 1), Line(">> c ", 2), Line("d")]),
        ("words \n-- \nBob", False, [Line("words "), Line("-- "), Line("Bob")]),
        ("a \n \nb", False, [Line("a "), Line("b")]),
        ("ends with a blank ", False, [Line("ends with a blank ")]),
    ],
)
def test_lines_flow_together_into_paragraphs(text: str, *, delsp: bool, lines: list[Line]) -> None:
    """RFC 3676 sections 4.1 to 4.5"""
    assert flowed.lines(text, delsp=delsp) == lines
