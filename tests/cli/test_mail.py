import json
from pathlib import Path

import pytest

from mailgate.cli import run

MAIL = (
    b"From: Bob <bob@acme.example>\r\nTo: acme@support.example.com\r\nSubject: Re: [ p2 - urgent ] Fire\r\n"
    b"Message-ID: <m1@acme.example>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\n"
    b"It burns.\r\n\r\n-- \r\nBob\r\n"
)


def test_mail_parse_prints_one_object_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(MAIL)
    assert run(["mail", "parse", "--json", str(file), str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "file": str(file),
            "subject": "Re: [ p2 - urgent ] Fire",
            "from_addr": "bob@acme.example",
            "from_name": "Bob",
            "to": ["acme@support.example.com"],
            "cc": [],
            "reply_to": "",
            "message_id": "m1@acme.example",
            "in_reply_to": "",
            "references": [],
            "date": "2026-11-20T10:00:00Z",
            "text": "It burns.\n\n-- \nBob",
            "reply_text": "It burns.",
            "is_auto": False,
            "is_bounce": False,
            "why_auto": "",
            "bounce_recipients": [],
            "bounce_action": "",
            "bounce_status": "",
            "priority": "P2",
            "protection": "",
            "attachments": [],
            "defects": [],
        }
    ] * 2


def test_mail_parse_of_a_missing_file_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mail", "parse", "nowhere.eml"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        "mailgate: nowhere.eml: No such file or directory; name a mail file, or - for standard input\n"
    )


def test_mail_parse_shows_a_mail_to_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(MAIL)
    assert run(["mail", "parse", str(file)]) == 0
    assert capsys.readouterr().out == (
        f"{file}\n"
        "From:        Bob <bob@acme.example>\n"
        "To:          acme@support.example.com\n"
        "Subject:     Re: [ p2 - urgent ] Fire\n"
        "Date:        2026-11-20T10:00:00Z\n"
        "Message-ID:  m1@acme.example\n"
        "Written by:  a person\n"
        "Priority:    P2\n"
        "\n"
        "It burns.\n"
        "\n"
    )


def test_mail_parse_tells_what_came_with_a_mail_and_how_it_is_protected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.eml"
    picture = b"Content-Type: image/png; name=fire.png\r\nContent-ID: <i1@x>\r\n\r\npng"
    page = b"Content-Type: text/html\r\n\r\n<p>See <img src='cid:i1@x'></p>"
    signature = b"Content-Type: application/pgp-signature\r\n\r\nx"
    parts = b"\r\n".join(b"--b\r\n" + part for part in (page, picture, signature))
    file.write_bytes(b"Content-Type: multipart/signed; boundary=b\r\n\r\n" + parts + b"\r\n--b--\r\n")
    assert run(["mail", "parse", str(file)]) == 0
    assert capsys.readouterr().out == (
        f"{file}\n"
        "From:        nobody\n"
        "Written by:  a person\n"
        "Protection:  signed; the signature is not verified\n"
        "Picture:     fire.png (image/png, 3 bytes)\n"
        "File:        signature.asc (application/pgp-signature, 1 bytes)\n"
        "\n"
        "See [image: fire.png]\n"
        "\n"
    )


def test_mail_parse_tells_readers_answered_mail_and_a_mail_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(
        b"From: MAILER-DAEMON@mx.acme.example\r\nTo: acme@support.example.com\r\n"
        b"Cc: Carol <carol@acme.example>\r\n"
        b"Reply-To: bob@acme.example\r\nIn-Reply-To: <m1@acme.example>\r\n"
        b"X-Failed-Recipients: dave@acme.example\r\nSubject: failed\r\n\r\nIt failed.\r\n"
    )
    assert run(["mail", "parse", str(file)]) == 0
    lines = dict(line.split(":", 1) for line in capsys.readouterr().out.splitlines() if ":" in line)
    assert lines["To"].strip() == "acme@support.example.com"
    assert lines["Cc"].strip() == "Carol <carol@acme.example>"
    assert lines["Reply-To"].strip() == "bob@acme.example"
    assert lines["Answers"].strip() == "m1@acme.example"
    assert lines["Written by"].strip().startswith("a mail server (")


def test_mail_explain_makes_nothing_where_nothing_is_yet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["init", str(tmp_path)])
    file = tmp_path / "a.eml"
    file.write_bytes(b"From: bob@acme.example\r\nSubject: x\r\n\r\nWords.\r\n")
    before = set(tmp_path.rglob("*"))
    capsys.readouterr()

    code = run(
        ["--config", str(tmp_path / "config" / "mailgate.toml"), "mail", "explain", str(file), "--to", "acme"]
    )

    assert (code, capsys.readouterr().out, set(tmp_path.rglob("*"))) == (1, "", before)
