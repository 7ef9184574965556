"""The commands of `template`, run on a starter configuration."""

import json
from pathlib import Path

import pytest

from mailgate.cli import run
from mailgate.core.outgoing import MailKind
from mailgate.mail.samples import SAMPLES

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def config(tmp_path: Path, capsys: Capture) -> Path:
    """A configuration whose account reads German, with one template of its own."""
    run(["init", str(tmp_path)])
    account = tmp_path / "config" / "accounts" / "acme.toml"
    account.write_text(account.read_text("utf-8").replace('# language = "de" ', 'language = "de" '), "utf-8")
    write(tmp_path, "accounts/acme/not_entitled/subject.txt", "Leider nicht: {{ plan }}")
    capsys.readouterr()
    return tmp_path / "config" / "mailgate.toml"


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / "config" / "templates" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def ask(config: Path, capsys: Capture, *words: str) -> tuple[int, str, str]:
    code = run(["--config", str(config), "template", *words])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_a_mail_is_shown_as_its_reader_gets_it(config: Path, capsys: Capture) -> None:
    first = [
        ask(config, capsys, "show", "not_entitled", *whose)[1].splitlines()[:3]
        for whose in (("--account", "acme"), ("--policy", "particle"), ("--language", "de"))
    ]
    assert first == [
        ["Subject: Leider nicht: Silver", "", "Guten Tag,"],
        ["Subject: Re: Help", "", "Hello,"],
        ["Subject: Re: Help", "", "Guten Tag,"],
    ]


def test_a_mail_to_the_staff_of_a_german_account_is_shown_in_english(config: Path, capsys: Capture) -> None:
    html = ask(config, capsys, "show", "page", "--account", "acme", "--part", "html")[1]
    assert '<html lang="en" dir="ltr">' in html


def test_one_part_is_shown_alone_and_all_of_them_as_json(config: Path, capsys: Capture) -> None:
    assert ask(config, capsys, "show", "page", "--part", "subject")[1] == (
        "PAGE [ACME-42] P2 Acme Corp: Gateway offline\n"
    )
    samples = json.loads(ask(config, capsys, "show", "page", "--json")[1])
    assert [sorted(one) for one in samples] == [["html", "subject", "text"]] * 2


def test_every_sample_is_written_to_a_folder(config: Path, capsys: Capture, tmp_path: Path) -> None:
    code, out, _ = ask(config, capsys, "show", "relayed_reply", "--out", str(tmp_path / "new" / "out"))
    numbers = range(1, len(SAMPLES[MailKind.RELAYED_REPLY]) + 1)
    endings = (".html", ".subject.txt", ".txt")
    names = [f"relayed_reply-{number}{ending}" for number in numbers for ending in endings]
    assert code == 0
    assert sorted(one.name for one in (tmp_path / "new" / "out").iterdir()) == names
    assert sorted(Path(line).name for line in out.splitlines()) == names


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("pge",), "there is no kind of mail 'pge': did you mean 'page'?"),
        (("page", "--account", "acne"), "there is no account 'acne': did you mean 'acme'?"),
        (("page", "--policy", "partcle"), "there is no policy 'partcle': did you mean 'particle'?"),
        (("page", "--language", "deu"), "there is no language 'deu': did you mean 'de'?"),
        (("page", "--language", "../x"), "there is no language '../x': a tag such as 'de' or 'pt-BR'"),
    ],
)
def test_a_name_that_is_not_known_is_told(
    config: Path, capsys: Capture, words: tuple[str, ...], line: str
) -> None:
    assert ask(config, capsys, "show", *words) == (2, "", f"mailgate: {line}\n")


def test_the_list_says_whose_each_file_is_and_who_gets_it(config: Path, capsys: Capture) -> None:
    rows = json.loads(ask(config, capsys, "list", "--json")[1])
    found = [(row["of"], row["accounts"]) for row in rows if row["kind"] == "not_entitled"]
    assert found == [
        ("shipped", []),
        ("language de, shipped", []),
        ("account acme", ["acme"]),
        ("shipped", []),
        ("language de, shipped", ["acme"]),
        ("shipped", []),
        ("language de, shipped", ["acme"]),
    ]
    assert "account acme" in ask(config, capsys, "list")[1]


def test_good_templates_are_good(config: Path, capsys: Capture) -> None:
    assert ask(config, capsys, "check") == (0, "", "every template is good\n")


def test_a_mistake_is_told_with_its_file_its_line_and_what_would_be_right(
    config: Path, capsys: Capture, tmp_path: Path
) -> None:
    file = write(tmp_path, "policies/particle/page/subject.txt", "\n{{ reasn }}")
    told = f"{file}:2: there is no 'reasn' in a mail of the kind page: did you mean 'reason'?"

    assert ask(config, capsys, "check") == (2, f"{told}\n", "1 mistake\n")
    assert json.loads(ask(config, capsys, "check", "--json")[1])["findings"] == [
        {
            "file": str(file),
            "line": 2,
            "wrong": "there is no 'reasn' in a mail of the kind page",
            "right": "did you mean 'reason'?",
        }
    ]
    assert run(["--config", str(config), "check"]) == 2
    assert told in capsys.readouterr().out


def test_a_folder_of_nobody_is_told(config: Path, capsys: Capture, tmp_path: Path) -> None:
    files = [
        write(tmp_path, f"{folder}/page/subject.txt", "x")
        for folder in ("accounts/acne", "languages/deutsch", "policies/partcle")
    ]
    assert ask(config, capsys, "check")[1].splitlines() == [
        f"{files[0]}:1: there is no account 'acne': did you mean 'acme'?",
        f"""{files[1]}:1: 'deutsch' is no tag of a language: a tag as it is usual, "de" or "pt-BR\"""",
        f"{files[2]}:1: there is no policy 'partcle': did you mean 'particle'?",
    ]


def test_what_a_policy_says_in_english_to_a_german_account_is_noted(config: Path, capsys: Capture) -> None:
    policy = config.parent / "policies" / "particle.toml"
    policy.write_text(
        policy.read_text("utf-8").replace("an issue in development or", "whatever is in development or"),
        "utf-8",
    )
    code, out, _ = ask(config, capsys, "check")
    assert code == 0
    assert out == (
        "note: particle says to readers of de in English, until its phrases.toml has it: "
        '"whatever is in development or testing counts as P2 at most"\n'
    )
