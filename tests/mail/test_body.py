import binascii

import pytest

from mailgate.core.message import Mailbox, Message
from mailgate.mail import body, structure
from mailgate.mail.body import Body, File
from mailgate.mail.line import text_of
from mailgate.mail.parse import parse
from mailgate.mail.structure import Structure
from tests.mail import packing


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


def mixed(*parts: tuple[str, ...], kind: str = "mixed") -> tuple[str, ...]:
    """A multipart of these parts, each a header and a text."""
    lines = [f"Content-Type: multipart/{kind}; boundary=b", ""]
    for part in parts:
        lines += ["--b", *part]
    return (*lines, "--b--")


PAGE = "Content-Type: text/html"
IMAGE = ("Content-Type: image/png; name=fire.png", "Content-Transfer-Encoding: base64")


def test_an_image_is_told_of_where_it_stands_in_the_page() -> None:
    page = (PAGE, "", '<p>see <img src="cid:i1@x"> there <img src="https://a.example/t.gif"></p>')
    image = (*IMAGE, "Content-ID: <i1@x>", "Content-Disposition: inline", "", "aGVsbG8=")
    assert text(*mixed(page, image, kind="related")) == "see [image: fire.png] there"


def test_an_image_is_told_of_where_it_stands_between_texts() -> None:
    inline = (*IMAGE, "Content-Disposition: inline", "", "aGVsbG8=")
    assert (
        text(*mixed(("", "before"), inline, ("", "after"), inline)) == "before\n\n[image: fire.png]\n\nafter"
    )
    attached = (*IMAGE, "Content-Disposition: attachment", "", "aGVsbG8=")
    assert text(*mixed(("", "before"), attached, ("", "after"))) == "before\n\nafter"


def test_a_plain_alternative_that_says_nothing_is_none() -> None:
    plain = ("Content-Transfer-Encoding: quoted-printable", "", "=20=0D=0A")
    assert text(*mixed(plain, (PAGE, "", "<p>page</p>"), kind="alternative")) == "page"


def test_another_form_of_the_text_is_no_file() -> None:
    amp = ("Content-Type: text/x-amp-html", "", "<p>amp</p>")
    whole = read(*mixed(("", "plain"), amp, (PAGE, "", "<p>page</p>"), kind="alternative"))
    assert text_of(whole.lines) == "plain"
    assert whole.files == ()


def base64_of(octets: bytes) -> str:
    return binascii.b2a_base64(octets).decode("ascii")


def packed(content: bytes) -> tuple[str, ...]:
    return (
        "Content-Type: application/ms-tnef; name=winmail.dat",
        "Content-Transfer-Encoding: base64",
        "",
        base64_of(content),
    )


def test_what_outlook_packed_is_unpacked() -> None:
    pack = packing.pack(packing.text("packed words"), packing.file("A~1.TXT", b"hello", "a letter.txt"))
    whole = read(*mixed(("", "plain"), packed(pack)))
    assert text_of(whole.lines) == "plain"
    assert whole.files == (File("a letter.txt", "text/plain", b"hello"),)
    assert text(*packed(pack)) == "packed words"


def test_a_pack_that_is_not_whole_or_has_no_files_stays_as_it_is() -> None:
    pack = packing.pack(packing.text("packed words"), packing.file("a.txt", b"hello"))
    broken = read(*mixed(("", "plain"), packed(pack[:-5])))
    assert broken.files == (File("winmail.dat", "application/ms-tnef", pack[:-5]),)
    assert broken.defects == ("a winmail.dat that is not whole",)
    without = packing.pack(packing.text("packed words"))
    whole = read(*packed(without))
    assert text_of(whole.lines) == "packed words"
    assert whole.files == (File("winmail.dat", "application/ms-tnef", without),)


def test_an_invitation_is_read_where_there_is_no_other_text() -> None:
    calendar = (
        "Content-Type: text/calendar; method=REQUEST", "",
        "BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "SUMMARY:Review", "END:VEVENT", "END:VCALENDAR",
    )  # fmt: skip
    assert text(*calendar) == "Invitation: Review"
    whole = read(*mixed(("", "please come"), calendar, kind="alternative"))
    assert text_of(whole.lines) == "please come"
    assert [(file.filename, file.content_type) for file in whole.files] == [("invite.ics", "text/calendar")]


def test_several_files_are_taken_out_of_a_text() -> None:
    first = "begin 644 a.txt\r\n" + binascii.b2a_uu(b"hello").decode() + "`\r\nend"
    second = "begin 644 b.bin\r\n" + binascii.b2a_uu(b"bye").decode() + "`\r\nend"
    whole = read("", "see", first, "and", second, "there")
    assert text_of(whole.lines).strip() == "see\nand\nthere"
    assert whole.files == (
        File("a.txt", "text/plain", b"hello"),
        File("b.bin", "application/octet-stream", b"bye"),
    )


def test_signed_text_is_read_and_its_signature_is_a_file() -> None:
    signature = ("Content-Type: application/pgp-signature", "", "-----BEGIN PGP SIGNATURE-----")
    whole = read(*mixed(("", "signed words"), signature, kind="signed"))
    assert text_of(whole.lines) == "signed words"
    assert whole.files == (
        File("signature.asc", "application/pgp-signature", b"-----BEGIN PGP SIGNATURE-----"),
    )


def test_what_is_encrypted_is_kept_as_it_came() -> None:
    whole = read(
        *mixed(
            ("Content-Type: application/pgp-encrypted", "", "Version: 1"),
            ("Content-Type: application/octet-stream; name=encrypted.asc", "", "-----BEGIN PGP MESSAGE-----"),
            kind="encrypted",
        )
    )
    assert [(file.filename, file.content) for file in whole.files] == [
        ("version.asc", b"Version: 1"),
        ("encrypted.asc", b"-----BEGIN PGP MESSAGE-----"),
    ]
    enveloped = read("Content-Type: application/pkcs7-mime; smime-type=enveloped-data", "", "0x")
    assert enveloped.files == (File("smime.p7m", "application/pkcs7-mime", b"0x"),)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("Content-Type: image/png", "Content-Description: a fire.png", "", "x"), "a fire.png"),
        (("Content-Type: image/png", "Content-Description: a fire", "", "x"), "image.png"),
        (
            ("Content-Type: image/png", "Content-Location: http://a.example/b/fire.png?x=1", "", "x"),
            "fire.png",
        ),
        (("Content-Type: image/png", "Content-Location: http://a.example", "", "x"), "image.png"),
        (("Content-Type: application/pdf; filename=a.pdf", "", "x"), "a.pdf"),
        (("Content-Type: application/pdf", "Content-Disposition: attachment; name=a.pdf", "", "x"), "a.pdf"),
        (("Content-Type: application/pdf", "Content-Disposition: attachment", "", ""), "application.pdf"),
    ],
)
def test_a_file_has_the_name_that_can_be_found(lines: tuple[str, ...], name: str) -> None:
    assert [file.filename for file in read(*lines).files] == [name]


def test_a_whole_mail_that_calls_itself_an_attachment_is_its_text() -> None:
    assert text("Content-Disposition: attachment", "", "words") == "words"


def test_enriched_text_is_read_where_there_is_no_other() -> None:
    """RFC 1896"""
    assert text("Content-Type: text/enriched", "", "<bold>a</bold>", "b <<c", "", "d") == "a b <c\nd"


def test_parts_that_share_the_boundary_of_the_multipart_around_them_are_told_apart() -> None:
    whole = read(
        *mixed(
            ("Content-Type: multipart/alternative; boundary=b", ""),
            ("Content-Type: text/plain", "", "plain"),
            (PAGE, "", "<p>page</p>"),
            (*IMAGE, "", "aGVsbG8="),
        )
    )
    assert text_of(whole.lines) == "plain"
    assert [file.filename for file in whole.files] == ["fire.png"]


PART = ("--b", "Content-Type: text/plain", "", "words", "--b--")
MIXED = "Content-Type: multipart/mixed; boundary=b"


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Type: multipart/mixed; boundary=wrong", "", "--b", "", "words", "--b--"),
        ("MIME-Version: 1.0", "", *PART),
        ("", "This is a multi-part message in MIME format.", *PART),
        ("Content-Type: multipart/mixed", MIXED, "", *PART),
        ("Content-Type: multipart", MIXED, "", *PART),
        (MIXED, *PART),
        (MIXED, "", "--bb", "", "--b", "words", "--b-c", "", "--b--"),
    ],
    ids=[
        "another boundary",
        "no type",
        "a preamble",
        "two types",
        "one of two types",
        "no blank line",
        "no header in the part",
    ],
)
def test_parts_are_found_without_their_boundary(lines: tuple[str, ...]) -> None:
    assert text(*lines).split("\n")[0] == "words"


@pytest.mark.parametrize("end", ["\r", "\r\r\n", "\n"])
def test_lines_may_end_otherwise(end: str) -> None:
    raw = end.join(("From: a@b.example", *mixed(("", "words", "more"), (PAGE, "", "<p>page</p>")))).encode()
    taken_apart = structure.read(raw)
    assert isinstance(taken_apart, Structure)
    assert text_of(body.read(raw, taken_apart).lines).split() == ["words", "more", "page"]


def test_a_mail_in_a_mail_that_is_encoded_is_decoded() -> None:
    """RFC 2046 section 5.2.1 forbids it, and it comes"""
    inner = (
        "Content-Type: message/rfc822",
        "Content-Transfer-Encoding: base64",
        "",
        base64_of(b"Subject: in\r\n\r\nx"),
    )
    whole = read(*mixed(("", "see below"), inner))
    assert whole.files == (File("in.eml", "message/rfc822", b"Subject: in\r\n\r\nx"),)


def test_a_page_under_a_label_of_plain_text_is_read_as_a_page() -> None:
    assert text("Content-Type: text/plain", "", "<!DOCTYPE html><html><p>a</p><p>b</p></html>") == "a\n\nb"
    assert text("Content-Type: text/plain", "", "<b>a</b>") == "<b>a</b>"


def test_a_blank_before_the_colon_does_not_make_a_separator_of_the_sender() -> None:
    read = parse(b"From : bob@acme.example\r\nSubject : x\r\n\r\ny")
    assert isinstance(read, Message)
    assert (read.senders, read.subject) == ((Mailbox("bob@acme.example"),), "x")


def test_a_bare_name_is_in_the_charset_of_the_text() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=gb2312\r\n\r\nx"
        b'\r\n--b\r\nContent-Type: application/pdf; name="\xb2\xe2\xca\xd4.pdf"\r\n\r\nx\r\n--b--'
    )
    taken_apart = structure.read(raw)
    assert isinstance(taken_apart, Structure)
    assert [file.filename for file in body.read(raw, taken_apart).files] == ["\u6d4b\u8bd5.pdf"]


def test_the_field_of_a_form_is_no_file() -> None:
    field = ('Content-Disposition: form-data; name="field"', "", "value")
    whole = read(*mixed(field, kind="form-data"))
    assert (text_of(whole.lines), whole.files) == ("value", ())
