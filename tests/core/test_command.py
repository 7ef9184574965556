"""core/command: the grammar of what staff write at the top of a reply."""

import pytest

from mailgate.core.command import MOST, Command, Fault, Orders, Verb, orders, strays
from mailgate.mail.parse import parse
from tests.work import grows_with_its_length

ACK, WAIT, NOTE = Command(Verb.ACK), Command(Verb.WAIT), Command(Verb.NOTE)
P2 = Command(Verb.PRIORITY, "P2")
ANSWER = "if the customer is to read it, put a word before it"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Use water.", Orders(words="Use water.")),
        ("", Orders()),
        ("/ack", Orders((ACK,))),
        ("/ack\nUse water.\n\nSam", Orders((ACK,), "Use water.\n\nSam")),
        ("\n \n  /ACK  \n\n   /Priority   P2\n\nUse water.", Orders((ACK, P2), "\nUse water.")),
        ("/ ack", Orders((ACK,))),
        ("\u200b/ack\u00a0\n\ufeff/priority\u00a0P2", Orders((ACK, P2))),
        ("/priority On Call", Orders((Command(Verb.PRIORITY, "On Call"),))),
        ("/merge [acme-41]", Orders((Command(Verb.MERGE, "[acme-41]"),))),
        ("/note\nHe called.", Orders((NOTE,), "He called.")),
        ("/note He called.\nTwice.", Orders((NOTE,), "He called.\nTwice.")),
        ("/note\n/wait\nHe called.", Orders((NOTE, WAIT), "He called.")),
        ("Use\n\n/usr/bin/water.", Orders(words="Use\n\n/usr/bin/water.")),
        ("> /resolve", Orders(words="> /resolve")),
        ("-- \n/resolve", Orders(words="-- \n/resolve")),
        ("    /resolve\nIt burns.", Orders(words="    /resolve\nIt burns.")),  # as HTML quotes
        ("\t/resolve", Orders(words="\t/resolve")),
        ("1/2 of it", Orders(words="1/2 of it")),
    ],
)
def test_commands_stand_at_the_top_in_any_case_and_the_rest_is_words(text: str, expected: Orders) -> None:
    """behaviour.md, commands in a staff reply"""
    assert orders(text) == expected


def fault(text: str) -> Fault:
    (found,) = orders(text).faults
    return found


@pytest.mark.parametrize(
    ("text", "line", "wrong", "right"),
    [
        ("/etc/passwd is broken", "/etc/passwd is broken", "is no command", "put a word before it"),
        ("/usr/bin", "/usr/bin", "is no command", ANSWER),
        ("//", "//", "is no command", ANSWER),
        ("/", "/", "is no command", ANSWER),
        ("/wayt", "/wayt", "is no command", f"perhaps /wait is meant; {ANSWER}"),
        ("/Resolved", "/Resolved", "is no command", "perhaps /resolve is meant"),
        ("/\u0430ck", "/\u0430ck", "is no command", ANSWER),  # a Cyrillic letter
        ("\uff0fack", "\uff0fack", "begins with a sign that only looks like a slash", "write a plain slash"),
        (
            "\u2044wait",
            "\u2044wait",
            "begins with a sign that only looks like a slash",
            "write a plain slash",
        ),
        ("\uff0fx", "\uff0fx", "begins with a sign that only looks like a slash", "write a plain slash"),
        ("/priority", "/priority", "lacks a word", "/priority P2"),
        ("/merge", "/merge", "lacks a word", "/merge ACME-41"),
        ("/merge it", "/merge it", "names no ticket", "/merge ACME-41"),
        (
            "/wait for Bob",
            "/wait for Bob",
            "has words after it, and /wait takes none",
            "on a line below /wait",
        ),
        ("/ack\n/ACK", "/ack", "stands there more than once", "write it once"),
        ("/priority P1\n/priority P2", "/priority", "stands there more than once", "write it once"),
        ("/wait\n/resolve", "/wait", "contradicts /resolve", "write one of them"),
        ("/reopen\n/resolve", "/reopen", "contradicts /resolve", "write one of them"),
        ("/deescalate\n/priority P2", "/deescalate", "contradicts /priority", "write one of them"),
        ("/merge ACME-41\n/resolve", "/merge", "contradicts /resolve", "write one of them"),
        (f"/{'x' * 500}", f"/{'x' * 59}...", "is no command", ANSWER),
        ("/ack " * 1 + "\n/x" * (MOST + 1), "/...", f"is one of more than {MOST} command lines", "once"),
    ],
)
def test_what_is_no_command_is_told_with_what_would_be_right(
    text: str, line: str, wrong: str, right: str
) -> None:
    """behaviour.md, commands in a staff reply"""
    found = fault(text)
    assert (found.line, found.wrong) == (line, wrong)
    assert right in found.right


def test_every_wrong_line_is_told() -> None:
    assert [str(one) for one in orders("/wayt\n/ack\n/priority").faults] == [
        "/wayt is no command",
        "/priority lacks a word",
    ]


def test_ten_thousand_command_lines_are_one_fault() -> None:
    assert fault("/ack\n" * 10_000).wrong == f"is one of more than {MOST} command lines"
    assert fault("/" + "x" * 1_000_000).wrong == "is no command"
    assert len(strays("Hello.\n" + "/ack\n" * 10_000)) == MOST


@pytest.mark.parametrize("line", ["/ack\n", "/" + "x" * 100, "Hello.\n", "\n"])
def test_commands_cost_no_more_than_the_length_of_the_mail(line: str) -> None:
    assert grows_with_its_length(lambda times: (orders(line * times), strays("x\n" + line * times)), 1_000)


@pytest.mark.parametrize("words", ["Use water.\n/resolve", "Use water.\n\n  /Priority P2\nSam", "> x\n/ack"])
def test_a_command_below_the_words_is_not_sent_to_the_customer(words: str) -> None:
    (found,) = strays(words)
    assert found.wrong == "stands below your words"


@pytest.mark.parametrize(
    "words",
    ["Use water.", "Run\n/usr/bin/true\n/etc/init.d/x restart", "> /resolve", "/ack or not", "/wait a bit"],
)
def test_paths_and_quoted_lines_below_the_words_are_words(words: str) -> None:
    assert strays(words) == ()


def reply(body: str, subtype: str = "plain") -> str:
    raw = (
        "From: sam@example.com\r\nSubject: Re: Fire\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}"
    )
    message = parse(raw.encode())
    return message.reply_text  # type: ignore[union-attr] # it can be read


@pytest.mark.parametrize(
    ("body", "subtype", "commands"),
    [
        ("<p>/ack</p><p>Use water.</p>", "html", (ACK,)),
        (
            "<div dir=ltr><div>/ack<br></div><div>/priority&nbsp;P2</div><div><br></div>Hi</div>",
            "html",
            (ACK, P2),
        ),
        ("<style>/wait{}</style>  <b>/a</b>ck<p>Use water.", "html", (ACK,)),
        ("/ack\r\n\r\nOn Fri, 20 Nov 2026, Bob wrote:\r\n> /resolve\r\n> It burns.\r\n", "plain", (ACK,)),
        ("> /resolve\r\n> It burns.\r\n", "plain", ()),
        ("Use water.\r\n\r\n-- \r\n/resolve\r\n", "plain", ()),
        ("<blockquote>/resolve</blockquote><p>Use water.</p>", "html", ()),
    ],
)
def test_a_whole_mail_gives_only_what_its_writer_put_at_the_top(
    body: str, subtype: str, commands: tuple[Command, ...]
) -> None:
    """behaviour.md 4.6"""
    read = orders(reply(body, subtype))
    assert (read.commands, read.faults) == (commands, ())
