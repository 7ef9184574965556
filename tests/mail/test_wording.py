import pytest

from mailgate.mail.wording import label, line, lines


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain", "plain"),
        ("a\x0bb\x1cc\x85d\u2028e\x00f", "a bc d ef"),
        ("inv\u202egpj.exe", "invgpj.exe"),
        ("a\ud800b", "a\ufffdb"),
        ("Zo\u00eb \u4f60\u597d", "Zo\u00eb \u4f60\u597d"),
    ],
)
def test_a_line_is_line(text: str, clean: str) -> None:
    assert line(text) == clean


def test_text_has_one_kind_of_line_end() -> None:
    assert lines("a\r\nb\rc\u2028d\x00\te\x1b[31m") == "a\nb\nc\nd\te[31m"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ("C:\\Users\\a.txt", "C:_Users_a.txt"),
        ("x" * 200 + ".pdf", "x" * 146 + ".pdf"),
        ("\u00fc" * 200, "\u00fc" * 75),
        ("...", ""),
    ],
)
def test_a_file_name_is_only_a_label(name: str, shown: str) -> None:
    assert label(name, 150) == shown
