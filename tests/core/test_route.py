"""Knows how the way out is written."""

import pytest

from mailgate.core.route import MaildirRoute, Route, SmarthostRoute, Tls, read_route


@pytest.mark.parametrize(
    ("url", "route"),
    [
        ("maildir:../var/sent", MaildirRoute("../var/sent")),
        ("maildir:/var/mail out", MaildirRoute("/var/mail out")),
        ("smtp://mail.example", SmarthostRoute("mail.example", 25)),
        ("SMTP://Mail.example:2525/", SmarthostRoute("mail.example", 2525)),
        ("smtp://[::1]:2525", SmarthostRoute("::1", 2525)),
        ("smtps://mail.example", SmarthostRoute("mail.example", 465, Tls.IMPLICIT)),
        ("lmtp://mail.example", SmarthostRoute("mail.example", 24, lmtp=True)),
        ("lmtp:unix:/run/lmtp.sock", SmarthostRoute(tls=Tls.OFF, socket="/run/lmtp.sock", lmtp=True)),
        (
            "smtp://a%40b:p%3Aw@mail.example",
            SmarthostRoute("mail.example", 25, username="a@b", password="p:w"),
        ),
    ],
)
def test_a_url_names_a_route(url: str, route: Route) -> None:
    assert read_route(url) == route


def test_what_is_asked_of_the_line_is_said_beside_the_url() -> None:
    assert read_route("smtp://mail.example", Tls.REQUIRED) == SmarthostRoute("mail.example", 25, Tls.REQUIRED)


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("", "'' is no address of a mail server or folder"),
        ("mail.example", "'mail.example' is no address of a mail server or folder"),
        ("maildir:", "the folder is missing"),
        ("http://mail.example", "'http' is no way to send mail"),
        ("lmtp:unix:", "the socket is missing"),
        ("smtp://", "the host or port is missing"),
        ("smtp://mail.example:0", "the host or port is missing"),
        ("smtp://mail.example:x", "the host or port cannot be read"),
        ("smtp://[::1", "the host or port cannot be read"),
        ("smtp://mail.example/path", "nothing may follow the port"),
    ],
)
def test_a_url_that_names_none_is_told_with_what_would_be_right(url: str, wrong: str) -> None:
    with pytest.raises(ValueError, match="maildir:folder") as refused:
        read_route(url)

    assert str(refused.value) == (
        f"{wrong}; write smtp://host:port, smtps://host:port, "
        "lmtp://host:port, lmtp:unix:socket or maildir:folder"
    )


def test_a_route_is_shown_without_its_password() -> None:
    shown = [
        str(read_route(url)) for url in ("smtp://me:secret@mail.example", "smtps://[::1]", "maildir:sent")
    ]

    assert shown == ["smtp://mail.example:25", "smtps://[::1]:465", "maildir:sent"]
