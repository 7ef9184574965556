"""Rotas, notification services and whom a ladder names: read as written, and every mistake in its place."""

import re
from datetime import date, time
from pathlib import Path

import pytest

from mailgate.config import ConfigurationError, load
from mailgate.config.policies import restored
from mailgate.core.amount import amount
from mailgate.core.instant import read
from mailgate.core.ladder import Ladder, LadderStep, Paging
from mailgate.core.message import Mailbox
from mailgate.core.notifier import Messenger, Webhook
from mailgate.core.rota import Rota, StandIn
from tests.house.code import ROOT

SAM, KIM = Mailbox("sam@example.com", "Sam Rivera"), Mailbox("kim@example.com", "Kim Park")
MAIN = """\
[service]
name = "Example Support"
domain = "support.example.com"
[digest]
to = ["ops@example.com"]
[[staff]]
name = "Sam Rivera"
email = "sam@example.com"
[[staff]]
name = "Kim Park"
email = "kim@example.com"
"""
ROTA = """\
[rotas.on-call]
timezone = "Europe/London"
start = 2026-01-05
handover = "monday 18:00"
every = "2 weeks"
people = ["Kim@example.com", "sam@example.com"]
[[rotas.on-call.exceptions]]
start = "2026-12-24"
end = "2026-12-27 09:30"
person = "kim@example.com"
[[rotas.on-call.exceptions]]
start = "2026-07-01"
end = 2026-07-03T12:00:00+02:00
person = "sam@example.com"
"""
POLICY = """\
title = "Plain"
default_priority = "P1"
[calendars.office]
timezone = "Europe/London"
hours = { "mon-fri" = ["09:00-17:00"] }
[regions.here]
title = "Here"
calendar = "office"
[[priorities]]
name = "P1"
title = "Urgent"
pages = true
[plans.gold]
title = "Gold"
targets.support.P1 = { response = "1 hour" }
"""
LADDER = """\
[ladders.urgent]
steps = [{ page = ["on-call"] }, { after = "15 minutes", page = ["first-line"] }]
[paging]
priorities = { P1 = "urgent" }
"""
ACME = """\
[acme]
name = "Acme Corp"
policy = "plain"
plan = "gold"
aliases = ["acme"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, main: str = "", policy: str = "", account: str = "") -> None:
    for name, text in (
        ("mailgate.toml", MAIN + main),
        ("policies/plain.toml", POLICY + policy),
        ("accounts/acme.toml", ACME + account),
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(folder / "mailgate.toml")
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def secret(folder: Path, name: str, words: str) -> Path:
    file = folder / name
    file.write_text(words, "utf-8")
    file.chmod(0o600)
    return file


def test_a_rota_is_read_in_its_own_zone(folder: Path) -> None:
    """behaviour.md 6.4: rotation with dated exceptions."""
    write(folder, ROTA)

    assert load(folder / "mailgate.toml").desk.rotas == {
        "on-call": Rota(
            name="on-call",
            timezone="Europe/London",
            first=date(2026, 1, 5),
            people=(KIM, SAM),
            handover=time(18),
            days=14,
            exceptions=(
                StandIn(read("2026-07-01T17:00:00Z"), read("2026-07-03T10:00:00Z"), SAM),
                StandIn(read("2026-12-24T18:00:00Z"), read("2026-12-27T09:30:00Z"), KIM),
            ),
        )
    }


def test_what_a_rota_leaves_out_is_a_week_from_nine(folder: Path) -> None:
    write(folder, '[rotas.a]\ntimezone = "UTC"\nstart = "2026-01-06"\npeople = ["sam@example.com"]\n')

    assert load(folder / "mailgate.toml").desk.rotas["a"] == Rota(
        "a", "UTC", date(2026, 1, 6), (SAM,), time(9), 7
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            '["Kim@',
            '["ann@',
            'people[0]: "ann@example.com" is not on the staff',
        ),
        ('person = "kim@', 'person = "kit@', "exceptions[0].person"),
        ("monday 18:00", "tuesday 18:00", "is on a Tuesday, and 2026-01-05 is a Monday: a start on that day"),
        ("2 weeks", "3 days", "handover: names a day, and a turn lasts 3 days"),
        ("2 weeks", "fortnight", '"fortnight" is no length of a turn: "week", "day" or such as "3 days"'),
        ("2 weeks", "0 days", '"0 days" is no length of a turn'),
        ("monday 18:00", "25:00", '"25:00" is no handover: a local time'),
        ("2026-12-27 09:30", "2026-12-24", "exceptions[0].end: is not after its start"),
        ("2026-07-01", "2026-12-26", "exceptions[1].end: is not after its start"),
        ("2026-07-01", "yesterday", '"yesterday" is no date or moment'),
        ("2026-07-01", "9999-12-31T23:59:59-12:00", "is no date or moment"),
        ("2026-07-01", "0001-01-01", '"0001-01-01" is no date or moment'),
        ("2026-01-05", "9999-12-31", '"9999-12-31" is no date'),
        ("2026-01-05", '"soon"', '"soon" is no date: such as "2026-01-05"'),
        ("Europe/London", "Europe/Londn", "did you mean 'Europe/London'?"),
        ("[rotas.on-call]", "[rotas.On_Call]", '"On_Call" is no name: lower-case letters'),
    ],
)
def test_a_mistake_in_a_rota_is_told_with_its_remedy(
    folder: Path, before: str, after: str, said: str
) -> None:
    assert before in ROTA
    write(folder, ROTA.replace(before, after, 1))

    assert any(said in one for one in mistakes(folder)), mistakes(folder)


def test_exceptions_that_overlap_are_refused(folder: Path) -> None:
    write(folder, ROTA.replace("2026-07-01", "2026-12-25").replace("2026-07-03T12", "2026-12-26T12"))

    (told,) = mistakes(folder)
    assert told == (
        "mailgate.toml:22: rotas.on-call.exceptions[1]: begins before another one ends: "
        "exceptions that do not overlap, so that it is plain who is on call"
    )


def test_a_step_names_a_rota_a_service_or_a_party_and_nothing_else(folder: Path) -> None:
    write(folder, policy=LADDER)

    (told,) = mistakes(folder)
    assert told == (
        'policies/plain.toml:17: ladders.urgent.steps[1].page[0]: "first-line" is no rota, '
        "no notification service and no party: a table [rotas.NAME] or [notify.NAME]"
    )
    write(folder, ROTA.replace("on-call", "first-line"), LADDER)
    assert list(load(folder / "mailgate.toml").desk.rotas) == ["first-line"]


def test_an_account_chooses_the_rota_that_stands_for_a_party(folder: Path) -> None:
    write(folder, ROTA, LADDER, 'rotas = { first-line = "on-call" }\n')
    assert load(folder / "mailgate.toml").desk.accounts["acme"].rotas == {"first-line": "on-call"}

    write(folder, ROTA, LADDER, 'rotas = { first-line = "oncall" }\n')
    assert mistakes(folder)[0] == (
        "accounts/acme.toml:6: acme.rotas.first-line: there is no rota \"oncall\": did you mean 'on-call'?"
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('P1 = "urgent"', 'P2 = "urgent"', 'paging.priorities.P2: there is no priority "P2": one of'),
        ('P1 = "urgent"', 'P1 = "urgnt"', "there is no ladder \"urgnt\": did you mean 'urgent'?"),
        (
            "priorities = {",
            'missed = { repair = "urgent" }\npriorities = {',
            'there is no kind of target "repair"',
        ),
        ("priorities = {", 'roles = { oncall = "urgent" }\npriorities = {', 'there is no role "oncall"'),
        ("[ladders.urgent]", '[ladders.urgent]\ncalendar = "night"', 'there is no calendar "night"'),
        ('after = "15 minutes"', 'after = "soon"', 'such as "15 minutes", "2 business hours" or "at once"'),
        ('after = "15 minutes", ', "", "steps[1]: is not later than the step before it"),
        (
            'page = ["on-call"]',
            'after = "1 hour", page = ["on-call"]',
            "is not later than the step before it",
        ),
    ],
)
def test_a_mistake_in_a_ladder_is_told_with_its_remedy(
    folder: Path, before: str, after: str, said: str
) -> None:
    assert before in LADDER
    write(folder, policy=LADDER.replace("first-line", "team").replace(before, after, 1))

    assert any(said in one for one in mistakes(folder)), mistakes(folder)


def test_services_are_told_by_their_urls_and_their_secrets_lie_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = secret(folder, "hook.key", "k" * 40 + "\n")
    url = secret(folder, "sms.url", "json://token@127.0.0.1/\n")
    monkeypatch.setenv("BUS_KEY", "whsec_" + "QUJD" * 8)
    monkeypatch.setenv("BUS_URL", "http://127.0.0.1:9/")
    write(
        folder,
        f'[notify.hook]\nurl = "https://hooks.example.com/x"\nsecret_file = "{key.name}"\n'
        f'[notify.sms]\nurl_file = "{url.name}"\ntimeout_seconds = 3\n'
        '[notify.bus]\nurl_environment = "BUS_URL"\nsecret_environment = "BUS_KEY"\n',
    )
    chosen = load(folder / "mailgate.toml")
    services = [one.notifier(name) for name, one in chosen.settings.notify.items()]

    assert services == [
        Webhook("hook", "https://hooks.example.com/x", b"k" * 40, 10),
        Messenger("sms", "json://token@127.0.0.1/", 3),
        Webhook("bus", "http://127.0.0.1:9/", b"ABC" * 8, 10),
    ]
    assert chosen.desk.notifiers == {"hook", "sms", "bus"}
    assert not any(word in repr(services) for word in ("token", "kkk", "ABC", "hooks.example.com"))


HOOK = '[notify.hook]\nurl = "https://hooks.example.com/x"\n'


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[notify.hook]\n", "has none or several of url, url_file and url_environment: one of them"),
        (
            HOOK,
            "a webhook is signed: one of secret_file and secret_environment is needed: secret_file, which",
        ),
        (HOOK + 'secret_file = "none"\n', "is missing: name a file that is there"),
        (HOOK + 'secret_file = "open"\n', "others may read"),
        (HOOK + 'secret_file = "short"\n', "its secret has fewer than 24 octets"),
        (HOOK + 'secret_environment = "UNSET_HERE"\n', "the environment variable UNSET_HERE is empty"),
        (
            HOOK.replace("https://hooks.example.com/x", "slack://a/b/c"),
            "url_file or url_environment instead of url",
        ),
        (HOOK.replace("https://hooks.example.com/x", "https://"), "its URL names no place"),
        (HOOK.replace(".com/x", ".com:99999/x"), "its URL cannot be read"),
        (HOOK.replace("https://hooks.example.com/x", "nonsense"), "its URL names no place"),
        ('[notify.sms]\nurl_file = "sms"\nsecret_file = "sms"\n', "only a webhook is signed"),
        ('[notify.team]\nurl_file = "sms"\n', "notify.team: is taken"),
        (
            '[rotas.team]\ntimezone = "UTC"\nstart = "2026-01-06"\npeople = ["sam@example.com"]\n',
            "is a party of every",
        ),
    ],
)
def test_a_mistake_in_a_service_is_told_with_its_remedy(folder: Path, table: str, said: str) -> None:
    (folder / "open").write_text("k" * 40)
    secret(folder, "short", "k" * 23)
    secret(folder, "sms", "json://127.0.0.1/")
    write(folder, table)

    (told,) = mistakes(folder)
    assert said in told


def test_what_follows_a_scheme_of_apprise_is_not_read(folder: Path) -> None:
    secret(folder, "odd", "tgram://123:abc-[x]/@:9:/")
    write(folder, '[notify.sms]\nurl_file = "odd"\n')
    table = load(folder / "mailgate.toml").settings.notify["sms"]

    assert table.notifier("sms") == Messenger("sms", "tgram://123:abc-[x]/@:9:/", 10)


def test_no_mistake_shows_a_secret(folder: Path) -> None:
    secret(folder, "bad", "http://[token")
    write(folder, '[notify.sms]\nurl_file = "bad"\n')

    assert mistakes(folder) == [
        "mailgate.toml:12: notify.sms: its URL cannot be read: such as https://hooks.example.com/mailgate"
    ]


def test_the_ladders_that_the_page_about_policies_shows_are_read_as_written(folder: Path) -> None:
    """behaviour.md 6.4"""
    page = (ROOT / "docs" / "policies.md").read_text("utf-8")
    shown = next(block for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "[ladders." in block)
    two = "".join(ROTA.replace("on-call", name) for name in ("backup", "lead"))
    hours = '[calendars.24x5]\ntimezone = "UTC"\nhours = { "mon-fri" = ["00:00-24:00"] }\n'
    write(folder, two, hours + shown)
    policy = load(folder / "mailgate.toml").desk.policies["plain"]

    assert policy.ladders == {
        "urgent": Ladder(
            "urgent",
            (
                LadderStep(None, ("on-call",)),
                LadderStep(amount("15 minutes"), ("on-call", "backup")),
                LadderStep(amount("30 minutes"), ("lead", "team")),
            ),
        ),
        "late": Ladder(
            "late",
            (LadderStep(None, ("assignee",)), LadderStep(amount("2 business hours"), ("team",))),
            "24x5",
        ),
    }
    assert policy.paging == Paging(
        {"P1": "urgent"}, {"on-call": "urgent"}, {"response": "urgent", "*": "late"}
    )
    assert restored(policy.content) == policy
