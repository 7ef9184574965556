"""What is doubtful in a policy: each finding at its line, with what is wrong and what would be right."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from mailgate.config.doubt import Doubt, Rule, Weight
from mailgate.config.lint import doubts_in
from mailgate.config.policies import read_policy
from mailgate.config.toml import read
from mailgate.core.account import Account, Desk
from mailgate.core.message import Mailbox
from mailgate.core.rota import Rota
from tests.house.code import ROOT

SAM = Mailbox("sam@example.com", "Sam")
OPERATOR = Mailbox("ops@example.com")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SOUND = dedent(
    """\
    title = "Sound Vendor"
    default_priority = "P2"

    [calendars.desk]
    timezone = "America/Los_Angeles"
    hours = { "mon-fri" = ["09:00-17:00"] }
    holidays = [{ country = "US", nationwide = true }]

    [regions.here]
    title = "Here"
    calendar = "desk"

    [[priorities]]
    name = "P1"
    title = "Urgent"
    pages = true

    [[priorities]]
    name = "P2"
    title = "Normal"
    tags = ["Usual"]

    [plans.gold]
    title = "Gold"

    [plans.gold.targets.support]
    P1 = { response = "30 minutes", resolution = "4 hours" }
    P2 = { response = "4 business hours", resolution = "2 business days" }
    """
)


def found(
    folder: Path, *changes: tuple[str, str], desk: Desk | None = None, now: datetime = NOW
) -> tuple[Doubt, ...]:
    """What is found in the sound policy after these changes."""
    text = SOUND
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file = folder / "sound.toml"
    file.write_text(text)
    document = read(file)
    policy, problems = read_policy(document)
    assert problems == ()
    assert policy is not None
    return doubts_in(policy, document, now, desk)


def shown(doubts: tuple[Doubt, ...], folder: Path) -> list[str]:
    """Each finding in one line, as a person sees it, without the folder."""
    return [f"{one.weight}: {one}".replace(f"{folder}/", "") for one in doubts]


def with_account(*on_call: str, staff: tuple[Mailbox, ...] = (SAM,)) -> Desk:
    """A desk whose one account has the policy's plan."""
    one = Account("acme", "Acme Corp", "sound", "gold", "", ("acme",), on_call, staff=staff)
    return Desk("Desk", "support.example.com", {"acme": one}, {}, operators=(OPERATOR,))


def test_nothing_is_found_in_a_sound_policy(tmp_path: Path) -> None:
    assert found(tmp_path, desk=with_account()) == ()


def test_a_wall_clock_answer_is_doubted_where_nobody_works_at_night_and_nobody_is_paged(
    tmp_path: Path,
) -> None:
    assert shown(found(tmp_path, ("pages = true\n", "")), tmp_path) == [
        (
            "warning: sound.toml:26: plans.gold.targets.support.P1.response: 30 minutes by the clock, though "
            '"desk" closes and nobody is paged: a mail of Fri 20 Nov 04:00 PST is due at '
            "Fri 20 Nov 04:30 PST, 4 h 30 min before it opens: a business amount, a calendar "
            "in which somebody works then, or a priority with pages = true [unstaffed-hours]"
        )
    ]


def test_a_wall_clock_answer_in_a_calendar_that_never_closes_is_sound(tmp_path: Path) -> None:
    always = '[calendars.24x7]\ntimezone = "UTC"\nhours = { "mon-sun" = ["00:00-24:00"] }\n\n[regions.here]'
    urgent = 'P1 = { response = { within = "30 minutes", calendar = "24x7" }, resolution'
    changes = (
        ("pages = true\n", ""),
        ("[regions.here]", always),
        ('P1 = { response = "30 minutes", resolution', urgent),
    )
    assert found(tmp_path, *changes) == ()


def test_more_business_time_than_a_year_opens_is_doubted(tmp_path: Path) -> None:
    assert shown(found(tmp_path, ('"2 business days"', '"300 business days"')), tmp_path) == [
        (
            "warning: sound.toml:28: plans.gold.targets.support.P2.resolution: 300 business days is more "
            'than a year, in which "desk" opens 2000 hours: less, or a calendar that opens longer '
            "[over-a-year]"
        )
    ]


def test_hours_that_no_opening_is_long_enough_for_are_of_note(tmp_path: Path) -> None:
    assert shown(found(tmp_path, ('"4 business hours"', '"9 business hours"')), tmp_path) == [
        (
            "note: sound.toml:28: plans.gold.targets.support.P2.response: no opening is long enough for "
            '9 business hours: "desk" opens for 8 h at most: business days, or less [never-in-one-opening]'
        )
    ]


def test_a_warning_that_leaves_no_minute_is_doubted(tmp_path: Path) -> None:
    changes = (("default_priority", "warn_at_percent = 99\ndefault_priority"),)
    assert shown(found(tmp_path, *changes), tmp_path) == [
        (
            "warning: sound.toml:28: plans.gold.targets.support.P1.response: 30 minutes is warned of at "
            "99 % of it, 18 seconds before the end: a lower warn_at_percent, or 0 [late-warning]"
        )
    ]


def test_a_de_escalation_goes_to_a_less_urgent_priority(tmp_path: Path) -> None:
    lowered = '{ within = "2 business days", met_by_lowering_to = "P1" }'
    assert shown(found(tmp_path, ('"2 business days"', lowered)), tmp_path) == [
        (
            "warning: sound.toml:28: plans.gold.targets.support.P2.resolution.met_by_lowering_to: P1 is "
            "not less urgent than P2, so nothing is ever lowered to it: take it away [lowered-to-higher]"
        )
    ]


def test_a_resolution_is_never_due_before_its_response(tmp_path: Path) -> None:
    """Compared on instants: a day by the clock is over before four business hours only at times."""
    assert shown(found(tmp_path, ('"2 business days"', '"1 day"')), tmp_path)[-1] == (
        "warning: sound.toml:28: plans.gold.targets.support.P2.resolution: a resolution within 1 day is "
        "at times due before a response within 4 business hours: a mail of Fri 20 Nov 16:00 PST is due at "
        "Mon 23 Nov 12:00 PST by the longer, at Sat 21 Nov 16:00 PST by the "
        "shorter: a resolution that is never due before its response [resolution-first]"
    )


def test_a_less_urgent_priority_is_doubted_where_it_is_always_sooner_and_of_note_where_it_is_at_times(
    tmp_path: Path,
) -> None:
    always = found(tmp_path, ('resolution = "4 hours"', 'resolution = "9 business days"'))
    assert [(one.rule, one.weight, one.problem.line) for one in always] == [
        (Rule.LESS_URGENT_SOONER, Weight.WARNING, 27)
    ]
    assert shown(found(tmp_path, ('resolution = "4 hours"', 'resolution = "2 days"')), tmp_path) == [
        (
            "note: sound.toml:27: plans.gold.targets.support.P1.resolution: 2 days is at times more than "
            "the 2 business days of the less urgent P2: a mail of Sun 22 Nov 22:00 PST is "
            "due at Tue 24 Nov 22:00 PST by the longer, at Tue 24 Nov 17:00 "
            "PST by the shorter: no more than what P2 has [less-urgent-sooner]"
        )
    ]


def test_a_more_urgent_priority_has_a_target_where_a_less_urgent_one_has(tmp_path: Path) -> None:
    (effort,) = found(tmp_path, ('resolution = "4 hours"', 'resolution = "best effort"'))
    assert effort.problem.wrong == "best effort, beside the 2 business days of the less urgent P2"
    (nothing,) = found(tmp_path, (', resolution = "4 hours"', ""))
    assert nothing.problem.wrong == "none, beside the 2 business days of the less urgent P2"


def test_a_priority_says_what_it_promises(tmp_path: Path) -> None:
    row = 'P2 = { response = "4 business hours", resolution = "2 business days" }'
    assert shown(found(tmp_path, (row, "P2 = {}")), tmp_path) == [
        (
            "note: sound.toml:2: default_priority: a mail without a tag is P2, for which plan gold starts "
            "no clock: one of P1 [default-without-target]"
        ),
        (
            "warning: sound.toml:28: plans.gold.targets.support.P2: promises nothing to P2: such as { "
            'response = "best effort" } [no-target]'
        ),
    ]


@pytest.mark.parametrize(
    ("tag", "read"), [("P1 - now", "as P1"), ("[wow]", "as nothing"), ("a, b", "as nothing")]
)
def test_a_tag_is_read_as_it_is_meant(tmp_path: Path, tag: str, read: str) -> None:
    changes = (("[calendars.desk]", f'[roles.on-call]\ntags = ["{tag}"]\n\n[calendars.desk]'),)
    assert [(one.rule, one.problem.line, one.problem.wrong) for one in found(tmp_path, *changes)] == [
        (Rule.HIDDEN_TAG, 5, f"[{tag}] in a subject is read {read}")
    ]


CAP = """
[[caps]]
priority = "P2"
because = "it is a test"
when = { environments = ["test", "dev"] }
"""


@pytest.mark.parametrize(
    ("caps", "line", "wrong"),
    [
        (CAP.replace("P2", "P1"), 30, "nothing is more urgent than P1"),
        (CAP + 'unless = [{ environments = ["test", "dev", "live"] }]', 30, "it is lifted wherever it holds"),
        (
            CAP.replace("] }", '], environments_other_than = ["dev", "test"] }'),
            30,
            "its environments are those that it leaves out",
        ),
        (CAP + CAP, 35, "another cap with the same condition leaves P2 at most"),
    ],
)
def test_a_cap_that_never_does_anything_is_doubted(tmp_path: Path, caps: str, line: int, wrong: str) -> None:
    last = 'resolution = "2 business days" }\n'
    assert [
        (one.rule, one.problem.line, one.problem.wrong) for one in found(tmp_path, (last, last + caps))
    ] == [(Rule.IDLE_CAP, line, f"never does anything: {wrong}")]


def test_a_cap_that_is_lifted_elsewhere_is_sound(tmp_path: Path) -> None:
    last = 'resolution = "2 business days" }\n'
    for unless in ("security_incident = true", 'environments = ["test"]'):
        assert found(tmp_path, (last, f"{last}{CAP}unless = [{{ {unless} }}]")) == ()


def test_holidays_that_end_before_the_next_year_are_doubted(tmp_path: Path) -> None:
    years = ("default_priority", "holiday_years = [2020, 2026]\ndefault_priority")
    assert shown(found(tmp_path, years), tmp_path) == [
        (
            'warning: sound.toml:2: holiday_years: the holidays of "desk" end with 2026: years up to 2027 '
            "at least, such as [2010, 2047] [holidays-end]"
        )
    ]
    assert found(tmp_path, years, now=datetime(2025, 12, 31, tzinfo=UTC)) == ()


def test_a_date_whose_hours_run_into_the_next_day_is_doubted(tmp_path: Path) -> None:
    hours = 'hours = { "mon-fri" = ["09:00-17:00"] }\n'
    dates = 'dates = { "2026-12-03" = { hours = ["20:00-34:00"] } }\n'
    assert shown(found(tmp_path, (hours, hours + dates)), tmp_path) == [
        (
            "warning: sound.toml:7: calendars.desk.dates.2026-12-03: 20:00-34:00 on 2026-12-03 runs into "
            "09:00-17:00 on 2026-12-04: hours that end before the next ones begin; what overlaps counts once "
            "[overlapping-dates]"
        )
    ]


def test_an_opening_that_a_change_of_the_clocks_swallows_is_named_with_its_dates(tmp_path: Path) -> None:
    hours = 'hours = { "mon-fri" = ["09:00-17:00"] }\n'
    nights = 'business_day = "8 hours"\nhours = { "mon-fri" = ["09:00-17:00"], sun = ["02:00-03:00"] }\n'
    assert shown(found(tmp_path, (hours, nights)), tmp_path) == [
        (
            "warning: sound.toml:7: calendars.desk.hours.sun: 02:00-03:00 never opens on 2027-03-14, "
            "2028-03-12, 2029-03-11 and 2 more in 5 years: the clocks are put forward, 02:00-03:00 does "
            "not exist: other hours, or dates with hours of their own [skipped-hours]"
        )
    ]
    night = nights.replace("02:00-03:00", "02:30-06:00")
    assert [(one.weight, one.problem.wrong) for one in found(tmp_path, (hours, night))] == [
        (
            Weight.NOTE,
            (
                "02:30-06:00 is shorter on 2027-03-14, 2028-03-12, 2029-03-11 and 2 more in 5 years: "
                "the clocks are put forward, 02:00-03:00 does not exist"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("zone", "nights"),
    [
        ("America/Los_Angeles", 'sun = ["01:00-06:00"]'),
        ("America/Los_Angeles", 'sat = ["22:00-26:30"], sun = ["02:30-06:00"]'),
        ("Africa/Cairo", '"sat,sun" = ["00:00-24:00"]'),  # its clocks are put forward at midnight
        ("UTC-08:00", 'sun = ["02:00-03:00"]'),
    ],
)
def test_who_works_through_a_change_of_the_clocks_loses_nothing(
    tmp_path: Path, zone: str, nights: str
) -> None:
    hours = 'hours = { "mon-fri" = ["09:00-17:00"] }\n'
    changed = f'business_day = "8 hours"\nhours = {{ "mon-thu" = ["09:00-17:00"], {nights} }}\n'
    assert found(tmp_path, (hours, changed), ("America/Los_Angeles", zone)) == ()


def test_a_plan_that_promises_nothing_to_anybody_is_doubted(tmp_path: Path) -> None:
    free = (
        '[plans.free]\ntitle = "Free"\n[plans.free.targets.support]\n"*" = { response = "best effort" }\n\n'
    )
    assert shown(found(tmp_path, ("[plans.gold]", f"{free}[plans.gold]")), tmp_path) == [
        (
            "warning: sound.toml:23: plans.free: promises nothing to anybody: no role and no priority has "
            "an amount of time: a target with an amount, or no targets and a sentence in not_included "
            "[plan-without-target]"
        )
    ]


def test_a_plan_whose_channels_nobody_can_use_is_doubted(tmp_path: Path) -> None:
    gold = 'title = "Gold"\n'
    assert shown(
        found(tmp_path, (gold, f'{gold}channels = ["web"]\nchannel_note = "Use the web."\n')), tmp_path
    ) == [
        (
            "warning: sound.toml:25: plans.gold.channels: no target is ever reached: mailgate takes "
            'tickets by email, which is not one of these: channels with "email", or none for every one '
            "[channel-without-door]"
        )
    ]


def test_a_role_that_no_alias_and_no_tag_leads_to_is_doubted(tmp_path: Path) -> None:
    last = 'resolution = "2 business days" }\n'
    on_call = (
        f'{last}[plans.gold.targets.on-call]\n"*" = {{ escalation = {{ within = "60 business minutes" }} }}\n'
    )
    tag = ("[calendars.desk]", '[roles.on-call]\ntags = ["On-Call"]\n\n[calendars.desk]')
    assert shown(found(tmp_path, (last, on_call), desk=with_account()), tmp_path) == [
        (
            "warning: sound.toml:29: plans.gold.targets.on-call: nobody reaches it: no tag chooses it, and "
            "Acme Corp has no on-call alias: on_call_aliases for an account of this plan, or tags in "
            "[roles.on-call] [role-without-door]"
        )
    ]
    assert found(tmp_path, (last, on_call), desk=with_account("acme-oncall")) == ()
    assert found(tmp_path, (last, on_call), tag, desk=with_account()) == ()


LADDER = """
[ladders.night]
steps = [{ after = "20 business minutes", page = ["on-call"] }, { after = "1 day", page = ["team"] }]
[paging]
priorities = { P1 = "night" }
"""


def test_a_ladder_that_wakes_nobody_before_the_answer_is_due_is_doubted(tmp_path: Path) -> None:
    last = 'resolution = "2 business days" }\n'
    assert shown(found(tmp_path, (last, last + LADDER)), tmp_path) == [
        (
            "warning: sound.toml:31: ladders.night.steps[0]: the first page comes after the response within "
            "30 minutes that gold promises to P1: a mail of Fri 20 Nov 04:00 PST is due at Fri 20 Nov 04:30 "
            "PST, and nobody is woken before Fri 20 Nov 09:20 PST: a first step at once, or a shorter one "
            "[late-ladder]"
        )
    ]
    by_the_clock = LADDER.replace("20 business minutes", "20 minutes")
    assert found(tmp_path, (last, last + by_the_clock)) == ()


def test_a_page_that_reaches_nobody_is_doubted(tmp_path: Path) -> None:
    """behaviour.md 6.4"""
    assert shown(found(tmp_path, desk=with_account(staff=())), tmp_path) == [
        (
            "warning: sound.toml:16: priorities[0].pages: on-call, notifiers are nobody for Acme Corp, "
            "so the operators get the page: people in [[staff]], a table [rotas.NAME], or a service in "
            "[notify.NAME] [page-to-nobody]"
        )
    ]
    last = 'resolution = "2 business days" }\n'
    ladder = (last, last + LADDER.replace("20 business", "20"))
    rota = Rota("on-call", "Europe/London", date(2026, 1, 5), (SAM,))
    with_rota = replace(with_account(staff=()), rotas={"on-call": rota}, operators=())
    (nobody,) = found(tmp_path, ladder, desk=with_rota)
    assert (nobody.problem.key, nobody.problem.wrong) == (
        "ladders.night.steps[1].page",
        "team is nobody for Acme Corp, so nobody gets the page",
    )
    service = ("team", "pager")
    assert found(tmp_path, ladder, service, desk=replace(with_rota, notifiers=frozenset({"pager"}))) == ()


def test_a_ladder_that_nothing_begins_is_of_note(tmp_path: Path) -> None:
    last = 'resolution = "2 business days" }\n'
    assert shown(found(tmp_path, (last, last + LADDER.partition("[paging]")[0])), tmp_path) == [
        (
            "note: sound.toml:30: ladders.night: nothing begins it: its name in [paging], or take it away "
            "[unused-ladder]"
        )
    ]


def test_targets_of_a_channel_are_looked_at_as_well(tmp_path: Path) -> None:
    last = 'resolution = "2 business days" }\n'
    web = '[plans.gold.targets_by_channel.web.support]\n"*" = { response = "400 business days" }\n'
    assert [(one.rule, one.problem.line) for one in found(tmp_path, (last, last + web))] == [
        (Rule.OVER_A_YEAR, 30)
    ]


def test_what_nobody_uses_is_of_note(tmp_path: Path) -> None:
    spare = '[calendars.spare]\ntimezone = "UTC"\nhours = { mon = ["09:00-17:00"] }\n\n[regions.here]'
    silver = '[plans.silver]\ntitle = "Silver"\nnot_included = "No tickets."\n\n[plans.gold]'
    assert shown(found(tmp_path, desk=replace(with_account(), accounts={})), tmp_path) == [
        (
            'note: sound.toml:1: no account has this policy: policy = "sound" in an account, or take the '
            "file away [unused-policy]"
        )
    ]
    changes = (("[regions.here]", spare), ("[plans.gold]", silver))
    assert shown(found(tmp_path, *changes, desk=with_account()), tmp_path) == [
        (
            "note: sound.toml:9: calendars.spare: nothing counts in it: a region or a target that names "
            "it, or take it away [unused-calendar]"
        ),
        (
            'note: sound.toml:27: plans.silver: no account has this plan: plan = "silver" in an account '
            "[unused-plan]"
        ),
    ]


def test_a_finding_is_allowed_by_its_name_and_with_a_reason(tmp_path: Path) -> None:
    night = ("pages = true\n", "")
    last = 'resolution = "2 business days" }\n'
    allowed = (
        f'{last}[lint]\nallow = {{ unstaffed-hours = "a night desk answers", idle-cap = "who knows" }}\n'
    )
    first, second = found(tmp_path, night, (last, allowed))
    assert (first.rule, first.allowed, first.counts) == (Rule.UNSTAFFED_HOURS, "a night desk answers", False)
    assert shown((second,), tmp_path) == [
        "note: sound.toml:29: lint.allow.idle-cap: allows what is not found: take it away [idle-allowance]"
    ]


@pytest.mark.parametrize(
    ("allow", "told"),
    [
        (
            '{ idle-caps = "why" }',
            "lint.allow.idle-caps: \"idle-caps\" is not known: did you mean 'idle-cap'?",
        ),
        ('{ idle-cap = "" }', "lint.allow.idle-cap: "),
    ],
)
def test_an_allowance_has_a_known_name_and_a_reason(tmp_path: Path, allow: str, told: str) -> None:
    file = tmp_path / "sound.toml"
    file.write_text(f"{SOUND}[lint]\nallow = {allow}\n")
    policy, (problem,) = read_policy(read(file))
    assert policy is None
    assert str(problem).startswith(f"{file}:30: {told}")


@pytest.mark.parametrize(
    "file", sorted((ROOT / "config" / "policies").glob("*.toml")), ids=lambda one: one.stem
)
def test_nothing_is_found_in_a_shipped_policy_but_what_it_allows(file: Path) -> None:
    document = read(file)
    policy, problems = read_policy(document)
    assert problems == ()
    assert policy is not None
    assert [str(one) for one in doubts_in(policy, document, NOW) if not one.allowed] == []


@pytest.mark.parametrize("rule", Rule)
def test_every_finding_is_told_of_in_the_page_about_policies(rule: Rule) -> None:
    assert f"| `{rule}` |" in (ROOT / "docs" / "policies.md").read_text("utf-8")
