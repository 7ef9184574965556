"""The policy language: a vendor that nobody has heard of in one file, and every mistake in its place."""

from pathlib import Path
from textwrap import dedent

import pytest

from mailgate.config.policies import read_policy, restored
from mailgate.config.toml import read
from mailgate.core.amount import amount
from mailgate.core.calendar import Calendar
from mailgate.core.cap import Cap, Condition
from mailgate.core.case import Case
from mailgate.core.clock import TargetKind
from mailgate.core.plan import Plan, RoleRule
from mailgate.core.policy import Policy, Priority, Region
from mailgate.core.promise import promised
from mailgate.core.target import Target
from tests.core.calendars import exceptional, hours, local, utc

SIXTH = dedent(
    """\
    title = "Sixth Vendor"
    source = "Terms, page 6"
    readings = ["Reads well."]
    default_priority = "Normal"
    default_region = "tokyo"
    warn_at_percent = 50
    reopen_days = 7

    [links]
    "Status" = "https://status.example.com"

    [roles.on-call]
    tags = ["On-Call"]

    [calendars.desk]
    timezone = "Asia/Tokyo"
    hours = { "mon-thu" = ["09:00-12:00", "13:00-18:00"], fri = ["09:00-12:00"], "Sunday" = ["22:00-30:00"] }
    business_day = "8 hours"
    dates = { "2026-12-31" = { hours = ["09:00-12:00"], name = "New Year's Eve" }, "2026-08-13" = {} }

    [calendars.24x5]
    timezone = "UTC-08:00"
    hours = { "mon-fri" = ["00:00-24:00"] }

    [regions.tokyo]
    title = "Japan"
    calendar = "desk"

    [regions.west]
    title = "West coast"
    calendar = "24x5"

    [[priorities]]
    name = "Critical"
    title = "Critical"
    description = "All is lost."
    tags = ["P1"]
    pages = true
    availability = "Stay by the telephone."

    [[priorities]]
    name = "Normal"
    title = "Normal"

    [plans.gold]
    title = "Gold"
    channels = ["web"]
    channel_note = "Use the web."

    [plans.gold.targets.support]
    Critical = { response = { within = "15 minutes", calendar = "24x5" }, resolution = "2 days" }
    "*" = { response = "1-2 business days", resolution = "best effort" }

    [plans.gold.targets.on-call]
    "*" = { escalation = "60 minutes" }

    [plans.free]
    title = "Free"
    not_included = "Free has no tickets."

    [[caps]]
    priority = "Normal"
    because = "it is not production"
    when = { environments_other_than = ["Production"] }
    unless = [{ security_incident = true }]
    """
)


DATES = next(line for line in SIXTH.splitlines() if line.startswith("dates"))


def written(folder: Path, text: str) -> Path:
    file = folder / "sixth.toml"
    file.write_text(text)
    return file


def policy(folder: Path, text: str = SIXTH) -> Policy:
    found, problems = read_policy(read(written(folder, text)))
    assert problems == ()
    assert found is not None
    return found


def mistakes(folder: Path, *changes: tuple[str, str]) -> list[tuple[str, str, str, str]]:
    """The line that is meant as it stands in the file, the key, what is wrong, what would be right."""
    text = SIXTH
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    found, problems = read_policy(read(written(folder, text)))
    assert found is None
    lines = text.splitlines()
    return [(lines[one.line - 1].strip(), one.key, one.wrong, one.right) for one in problems]


def test_a_vendor_is_a_file(tmp_path: Path) -> None:
    normal = (
        Target(TargetKind.RESPONSE, amount("1-2 business days")),
        Target(TargetKind.RESOLUTION, None),
    )
    critical = (
        Target(TargetKind.RESPONSE, amount("15 minutes"), calendar="24x5"),
        Target(TargetKind.RESOLUTION, amount("2 days")),
    )
    on_call = (Target(TargetKind.ESCALATION, amount("60 minutes")),)
    day = hours("09:00-12:00", "13:00-18:00")
    desk = Calendar(
        "desk",
        "Asia/Tokyo",
        (day, day, day, day, hours("09:00-12:00"), (), hours("22:00-30:00")),
        exceptions=(
            exceptional("2026-08-13"),
            exceptional("2026-12-31", "09:00-12:00", name="New Year's Eve"),
        ),
        business_day=8 * 3_600_000,
    )

    assert policy(tmp_path) == Policy(
        name="sixth",
        title="Sixth Vendor",
        source="Terms, page 6",
        readings=("Reads well.",),
        calendars={
            "desk": desk,
            "24x5": Calendar("24x5", "UTC-08:00", (hours("00:00-24:00"),) * 5 + ((), ())),
        },
        regions={"tokyo": Region("tokyo", "Japan", "desk"), "west": Region("west", "West coast", "24x5")},
        default_region="tokyo",
        priorities=(
            Priority("Critical", "Critical", "All is lost.", ("P1",), True, "Stay by the telephone."),  # noqa: FBT003
            Priority("Normal", "Normal"),
        ),
        default_priority="Normal",
        plans={
            "gold": Plan(
                "gold",
                "Gold",
                {
                    "support": {"Critical": critical, "Normal": normal},
                    "on-call": {"Critical": on_call, "Normal": on_call},
                },
                channels=("web",),
                channel_note="Use the web.",
            ),
            "free": Plan("free", "Free", {}, not_included="Free has no tickets."),
        },
        caps=(
            Cap(
                "Normal",
                "it is not production",
                Condition(environments_other_than=("production",)),
                (Condition(security_incident=True),),
            ),
        ),
        role_tags={"on-call": "on-call"},
        warn_at_percent=50,
        reopen_days=7,
        links={"Status": "https://status.example.com"},
        roles={"on-call": RoleRule("on-call", "on-call")},
    )


def test_a_policy_is_restored_from_its_content(tmp_path: Path) -> None:
    """`behaviour.md` 6.5: a ticket's clocks follow the version that it was opened under."""
    read_from_file = policy(tmp_path)

    stored = restored(read_from_file.content)

    assert stored == read_from_file
    assert (stored.content, stored.digest) == (read_from_file.content, read_from_file.digest)


@pytest.mark.parametrize("content", ["", "{}", "title = 'Particle'", '{"name": "particle"}'])
def test_what_is_no_content_of_a_policy_is_refused(content: str) -> None:
    with pytest.raises(ValueError, match="Policy"):
        restored(content)


def test_a_restored_policy_promises_the_same(tmp_path: Path) -> None:
    sixth, start = policy(tmp_path), local("2026-12-30 17:00", "Asia/Tokyo")
    case = Case("gold", channel="web")

    assert promised(restored(sixth.content), case, start) == promised(sixth, case, start)


def test_the_order_of_tables_in_the_file_makes_no_other_version(tmp_path: Path) -> None:
    tokyo = '[regions.tokyo]\ntitle = "Japan"\ncalendar = "desk"\n\n'

    assert policy(tmp_path, SIXTH.replace(tokyo, "") + tokyo).digest == policy(tmp_path).digest


def test_one_region_is_the_default(tmp_path: Path) -> None:
    west = '[regions.west]\ntitle = "West coast"\ncalendar = "24x5"\n'
    only = SIXTH.replace(west, "").replace('default_region = "tokyo"\n', "")

    assert policy(tmp_path, only).default_region == "tokyo"


HOURS = 'hours such as { "mon-fri" = ["09:00-17:00"] }, in order and apart from each other'
AMOUNT = 'such as "4 business hours", "15 minutes", "2 days", "1-2 business days" or "best effort"'


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            'timezone = "Asia/Tokyo"',
            'timezone = "Asia/Tokio"',
            ("calendars.desk.timezone", '"Asia/Tokio" is no time zone', "did you mean 'Asia/Tokyo'?"),
        ),
        (
            'timezone = "UTC-08:00"',
            'timezone = "-8"',
            (
                "calendars.24x5.timezone",
                '"-8" is no time zone',
                'an IANA zone, such as "Europe/London", or an offset, such as "UTC-08:00"',
            ),
        ),
        (
            'resolution = "2 days"',
            "resolution = 4",
            (
                "plans.gold.targets.support.Critical.resolution",
                "'4' is no amount of time",
                AMOUNT,
            ),
        ),
        (
            "pages = true",
            'pages = "yes"',
            (
                "priorities[0].pages",
                'got "yes"',
                "true or false; whether it notifies the person on call at once",
            ),
        ),
        (
            'environments_other_than = ["Production"]',
            'fields = { Order = "trial" }',
            ("caps[0].when.fields.Order", 'got "trial"', 'a list, such as ["..."]'),
        ),
        (
            "warn_at_percent = 50",
            "warn_at_percent = 100",
            (
                "warn_at_percent",
                "got 100",
                (
                    "at most 99; the share of a target's time at which staff are warned, "
                    "from 1 to 99; 0 for no warning"
                ),
            ),
        ),
        (  # a reply after that many days could not be reckoned, and would be quarantined
            "reopen_days = 7",
            "reopen_days = 3000000",
            (
                "reopen_days",
                "got 3000000",
                "at most 36500; for so many days a reply reopens a resolved ticket",
            ),
        ),
        (
            "reopen_days = 7",
            "reopen_day = 7",
            ("reopen_day", "unknown key", "did you mean 'reopen_days'?"),
        ),
        (
            'resolution = "2 days"',
            'resolution = "2 fortnights"',
            (
                "plans.gold.targets.support.Critical.resolution",
                "'2 fortnights' is no amount of time",
                AMOUNT,
            ),
        ),
        (
            '"mon-thu" = ["09:00-12:00"',
            '"mon-thu" = ["9-12"',
            (
                "calendars.desk.hours.mon-thu[0]",
                '"9-12" are no opening hours',
                'opening hours, such as "09:00-17:00", "00:00-24:00", or past midnight "22:00-30:00"',
            ),
        ),
        (
            '"mon-thu"',
            '"mon-thy"',
            (
                "calendars.desk.hours.mon-thy",
                '"mon-thy" are no days of the week',
                'a day or days, such as "mon-fri", "sat" or "mon,wed"',
            ),
        ),
        (
            '"2026-12-31"',
            '"2026-12-32"',
            ("calendars.desk.dates.2026-12-32", '"2026-12-32" is no date', 'a date, such as "2026-12-24"'),
        ),
        (
            "[plans.gold.targets.on-call]",
            "[plans.gold.targets.oncall]",
            ("plans.gold.targets.oncall", '"oncall" is not known', "did you mean 'on-call'?"),
        ),
        (
            'calendar = "24x5"\n\n[[prio',
            'calendar = "24x6"\n\n[[prio',
            ("regions.west.calendar", 'there is no calendar "24x6"', "did you mean '24x5'?"),
        ),
        (
            'within = "15 minutes", calendar = "24x5"',
            'within = "15 minutes", calendar = "24x7"',
            (
                "plans.gold.targets.support.Critical.response.calendar",
                'there is no calendar "24x7"',
                "did you mean '24x5'?",
            ),
        ),
        (
            'default_priority = "Normal"',
            'default_priority = "P3"',
            ("default_priority", 'there is no priority "P3"', "one of 'Critical', 'Normal'"),
        ),
        (
            "reopen_days = 7",
            "holiday_years = [2020, 99999999999]",
            ("holiday_years[1]", "got 99999999999", "at most 2500"),
        ),
        (
            "reopen_days = 7",
            "holiday_years = [2030, 2020]",
            ("holiday_years", "ends before it begins", "such as [2010, 2050]"),
        ),
        (
            '"Sunday"',
            '"fri-sun"',
            (
                "calendars.desk.hours.fri-sun",
                "names Friday a second time",
                "each day once, all its hours in one list",
            ),
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_remedy(
    tmp_path: Path, before: str, after: str, told: tuple[str, str, str]
) -> None:
    ((line, *problem),) = mistakes(tmp_path, (before, after))

    assert tuple(problem) == told
    assert after.partition("\n")[0] in line


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            'tags = ["P1"]',
            'tags = ["normal"]',
            ("[[priorities]]", "priorities[1]", '"Normal" is taken by Critical', "each word once"),
        ),
        (
            "[plans.gold]\n",
            '[[priorities]]\nname = "Normal"\ntitle = "Again"\n\n[plans.gold]\n',
            ("[[priorities]]", "priorities[2]", '"Normal" is taken by Normal', "each word once"),
        ),
        (
            'not_included = "Free has no tickets."',
            "",
            (
                "[plans.free]",
                "plans.free",
                "includes no tickets",
                "say in not_included, as a sentence, what the customer is told",
            ),
        ),
        (
            'environments_other_than = ["Production"]',
            "",
            ("when = {  }", "caps[0].when", "never holds", 'such as { environments = ["test"] }'),
        ),
        (
            'default_region = "tokyo"\n',
            "",
            ('title = "Sixth Vendor"', "default_region", "is missing", "one of tokyo, west"),
        ),
        (
            '"mon-fri" = ["00:00-24:00"]',
            "",
            ("[calendars.24x5]", "calendars.24x5", "it never opens", HOURS),
        ),
        (
            '"mon-fri" = ["00:00-24:00"]',
            '"mon-fri" = []',
            ("[calendars.24x5]", "calendars.24x5", "it never opens", HOURS),
        ),
        (
            '"mon-fri" = ["00:00-24:00"]',
            '"mon-fri" = ["11:00-18:00", "09:00-12:00"]',
            (
                'hours = { "mon-fri" = ["11:00-18:00", "09:00-12:00"] }',
                "calendars.24x5.hours.mon-fri",
                "09:00-12:00 and 11:00-18:00 on Monday overlap or are out of order",
                HOURS,
            ),
        ),
        (
            '"mon-fri" = ["00:00-24:00"]',
            '"mon-fri" = ["00:00-24:00"], sun = ["20:00-30:00"]',
            (
                'hours = { "mon-fri" = ["00:00-24:00"], sun = ["20:00-30:00"] }',
                "calendars.24x5.hours.mon-fri",
                "20:00-30:00 on Sunday runs into 00:00-24:00 on Monday",
                HOURS,
            ),
        ),
        (
            'dates = { "2026-12-31" = { hours = ["09:00-12:00"]',
            'dates = { "2026-12-31" = { hours = ["09:00-12:00", "11:00-13:00"]',
            (
                DATES.replace('"09:00-12:00"', '"09:00-12:00", "11:00-13:00"'),
                "calendars.desk.dates.2026-12-31",
                "09:00-12:00 and 11:00-13:00 on 2026-12-31 overlap or are out of order",
                HOURS,
            ),
        ),
        (
            '"mon-fri" = ["00:00-24:00"]',
            '"mon" = ["09:00-17:00"], "tue" = ["09:00-12:00"]',
            (
                "[calendars.24x5]",
                "calendars.24x5",
                "its days differ in length, so it must say what a business day is",
                'business_day = "8 hours", or whatever a business day is',
            ),
        ),
    ],
)
def test_what_is_missing_or_said_twice_is_told_at_its_table(
    tmp_path: Path, before: str, after: str, told: tuple[str, str, str, str]
) -> None:
    assert mistakes(tmp_path, (before, after)) == [told]


def test_a_priority_without_a_target_is_told(tmp_path: Path) -> None:
    assert mistakes(tmp_path, ('"*" = { response', "Norml = { response")) == [
        (
            "[plans.gold.targets.support]",
            "plans.gold.targets.support.Normal",
            "has no target",
            'such as { response = "best effort" }',
        ),
        (
            'Norml = { response = "1-2 business days", resolution = "best effort" }',
            "plans.gold.targets.support.Norml",
            "there is no such priority",
            "did you mean 'Normal'?",
        ),
    ]


@pytest.mark.parametrize(
    ("holidays", "key", "wrong", "right"),
    [
        (
            '{ country = "GB" }',
            "country",
            "the holidays of GB differ by its parts",
            'subdivision = "ENG" or another part, or nationwide = true for those that all share',
        ),
        ('{ country = "XX" }', "country", '"XX" is not known', 'an ISO 3166 code, such as "US"'),
        (
            '{ country = "__class__" }',
            "country",
            '"__class__" is not known',
            'an ISO 3166 code, such as "US"',
        ),
        ('{ country = "us" }', "country", '"us" is not known', "did you mean 'US'?"),
        (
            '{ country = "GB", subdivision = "EGN" }',
            "subdivision",
            '"EGN" is not known',
            "did you mean 'ENG'?",
        ),
        (
            '{ country = "GB", subdivision = "QQ" }',
            "subdivision",
            '"QQ" is not known',
            "one of 'ENG', 'NIR', 'SCT', 'WLS'",
        ),
        (
            '{ country = "JP", subdivision = "13" }',
            "subdivision",
            '"13" is not known',
            "leave it out: the country has no parts here",
        ),
        (
            '{ country = "JP", without = ["Show Day"] }',
            "without",
            'there is no "Show Day"',
            "did you mean 'Showa Day'?",
        ),
    ],
)
def test_holidays_that_cannot_be_meant_are_refused(
    tmp_path: Path, holidays: str, key: str, wrong: str, right: str
) -> None:
    added = f"holidays = [{holidays}]"

    told = mistakes(tmp_path, ('business_day = "8 hours"', f'business_day = "8 hours"\n{added}'))

    assert told == [(added, f"calendars.desk.holidays[0].{key}", wrong, right)]


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        ('calendar = "desk"', 'calendar = "disk"'),
        ('default_region = "tokyo"', 'default_region = "kyoto"'),
        ('"mon-fri" = ["00:00-24:00"]', ""),
    )

    assert [key for _, key, _, _ in told] == ["default_region", "calendars.24x5", "regions.tokyo.calendar"]


def test_holidays_are_names_on_dates_with_what_was_left_out(tmp_path: Path) -> None:
    added = 'holidays = [{ country = "JP", without = ["Marine Day"] }]\nbusiness_day = "8 hours"'
    desk = policy(tmp_path, SIXTH.replace('business_day = "8 hours"', added)).calendars["desk"]
    july = [holiday for holiday in desk.holidays if holiday.on.isoformat().startswith("2026-07")]

    assert july == []
    assert desk.holidays[0].on.year == 2010
    assert desk.holidays[-1].on.year == 2050
    assert not desk.elapsed(utc("2026-05-03 00:00"), utc("2026-05-05 00:00"))


def test_holidays_at_the_turn_of_a_year_are_complete(tmp_path: Path) -> None:
    """The library gives a substitute on 31 December only when it is asked for the year in which that lies."""
    added = 'holidays = [{ country = "US", nationwide = true }]\nbusiness_day = "8 hours"'
    desk = policy(tmp_path, SIXTH.replace('business_day = "8 hours"', added)).calendars["desk"]

    assert [one.name for one in desk.holidays if one.on.isoformat() == "2027-12-31"] == [
        "New Year's Day (observed)"
    ]


def test_a_holiday_that_is_left_out_takes_its_substitute_along(tmp_path: Path) -> None:
    added = 'holidays = [{ country = "US", nationwide = true, without = ["Independence Day"] }]\n'
    desk = policy(tmp_path, SIXTH.replace("business_day =", f"{added}business_day =")).calendars["desk"]

    assert [one.name for one in desk.holidays if one.on.isoformat()[:7] == "2026-07"] == []


def test_a_yearly_holiday_may_be_29_february(tmp_path: Path) -> None:
    added = 'extra_holidays = { "02-29" = "Leap day", "2026-03-01" = "Once" }\n'
    desk = policy(tmp_path, SIXTH.replace("business_day =", f"{added}business_day =")).calendars["desk"]

    assert [(one.on.isoformat(), one.name) for one in desk.holidays[-5:]] == [
        ("2032-02-29", "Leap day"),
        ("2036-02-29", "Leap day"),
        ("2040-02-29", "Leap day"),
        ("2044-02-29", "Leap day"),
        ("2048-02-29", "Leap day"),
    ]
    assert ("2026-03-01", "Once") in [(one.on.isoformat(), one.name) for one in desk.holidays]
