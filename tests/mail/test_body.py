import pytest

from mailgate.mail import body, structure
from mailgate.mail.body import Body, File
from mailgate.mail.line import text_of
from mailgate.mail.structure import Structure


def read(*lines: str) -> Body:
    raw = "\r\n".join(("From: bob@acme.example", *lines)).encode()
    taken_apart = structure.read(raw)
    assert isinstance(taken_apart, Structure)
    return body.read(raw, taken_apart)


def text(*lines: str) -> str:
    return text_of(read(*lines).lines).strip()


def test_of_two_alternatives_the_plain_one_is_read() -> None:
    """RFC 2046 section 5.1.4"""
    assert text(
        "Content-Type: multipart/alternative; boundary=b", "",
        "--b", "", "plain", "--b", "Content-Type: text/html", "", "<p>page</p>", "--b--",
    ) == "plain"  # fmt: skip


def test_a_stub_gives_way_to_the_page_beside_it() -> None:
    page = "<p>" + "what it says " * 100 + "</p>"
    assert text(
        "Content-Type: multipart/alternative; boundary=b", "",
        "--b", "", "Please use another program.", "--b", "Content-Type: text/html", "", page, "--b--",
    ) == ("what it says " * 100).strip()  # fmt: skip


def test_texts_beside_each_other_are_one_text_and_named_parts_are_files() -> None:
    whole = read(
        "Content-Type: multipart/mixed; boundary=b", "",
        "--b", "", "first", "--b", "Content-Type: text/html", "", "<p>second</p>",
        "--b", "Content-Type: text/plain; name=notes.txt", "", "a file", "--b", "Content-Type: image/png",
        "Content-ID: <i1@x>", "Content-Transfer-Encoding: base64", "", "aGVsbG8=", "--b--",
    )  # fmt: skip
    assert text_of(whole.lines) == "first\n\nsecond"
    assert whole.files == (
        File("notes.txt", "text/plain", b"a file"),
        File("image.png", "image/png", b"hello", inline=True, content_id="i1@x"),
    )


def test_a_mail_in_a_mail_is_a_file_named_by_its_subject() -> None:
    whole = read(
        "Content-Type: multipart/mixed; boundary=b", "",
        "--b", "", "see below", "--b", "Content-Type: message/rfc822", "",
        "Subject: =?utf-8?q?F=C3=BCr?= you/me", "", "inner", "--b--",
    )  # fmt: skip
    assert text_of(whole.lines) == "see below"
    assert [(file.filename, file.content_type) for file in whole.files] == [
        ("Für you_me.eml", "message/rfc822")
    ]


def test_flowed_text_becomes_paragraphs() -> None:
    """RFC 3676 section 4.2"""
    assert text(
        "Content-Type: text/plain; format=flowed", "",
        "one paragraph ", "on two lines", " stuffed", "> quoted ", "> on two", "-- ", "Bob",
    ) == "one paragraph on two lines\nstuffed\n> quoted on two\n-- \nBob"  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "shown", "defect"),
    [
        (("Content-Type: multipart/mixed", "", "as text"), "as text", "a multipart without its boundary"),
        (
            (
                "Content-Type: multipart/mixed; boundary=no",
                "",
                "--b",
                "Content-Type: text/plain",
                "",
                "found",
                "--b--",
            ),
            "found",
            "a multipart without its boundary",
        ),
        (
            ("Content-Type: multipart/mixed; boundary=b", "", "--b", "", "cut off"),
            "cut off",
            "a multipart that is not closed",
        ),
        (("no colon here", "Subject: x", "", "text"), "text", "a line in the header that is no field"),
        (
            ("Subject: x", "text at once", "more"),
            "text at once\nmore",
            "a line in the header that is no field",
        ),
        (("Content-Transfer-Encoding: own", "", "text"), "text", "unknown transfer encoding 'own'"),
    ],
)
def test_broken_mail_is_read_with_a_defect(lines: tuple[str, ...], shown: str, defect: str) -> None:
    """behaviour.md 2: parsing never fails"""
    raw = "\r\n".join(("From: bob@acme.example", *lines)).encode()
    taken_apart = structure.read(raw)
    assert isinstance(taken_apart, Structure)
    whole = body.read(raw, taken_apart)
    assert text_of(whole.lines).strip() == shown
    assert defect in (*taken_apart.defects, *whole.defects)


def test_text_beyond_the_limit_is_cut_with_a_defect() -> None:
    whole = read("", "line of text\r\n" * 100_000)
    assert len(text_of(whole.lines)) <= 1_000_000
    assert whole.defects == ("more text than is shown",)


def test_a_text_with_a_name_is_shown_where_there_is_no_other() -> None:
    inline = ("Content-Type: text/plain; name=a.txt", "Content-Disposition: inline", "", "hello")
    whole = read("Content-Type: multipart/mixed; boundary=b", "", "--b", *inline, "--b--")
    assert text_of(whole.lines) == "hello"
    assert whole.files == (File("a.txt", "text/plain", b"hello", inline=True),)
