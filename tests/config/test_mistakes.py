"""Mistakes in a policy that uses every key of the language: each at its line, with what would be right."""

from pathlib import Path

import pytest

from mailgate.config.policies import read_policy
from mailgate.config.toml import read

TEXT = Path(__file__).with_name("harbour.toml").read_text("utf-8")


def mistakes(folder: Path, *changes: tuple[str, str]) -> list[tuple[str, str, str, str]]:
    """The line that is meant as it stands in the file, the key, what is wrong, what would be right."""
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    file = folder / "harbour.toml"
    file.write_text(text)
    found, problems = read_policy(read(file))
    assert found is None
    lines = text.splitlines()
    return [(lines[one.line - 1].strip(), one.key, one.wrong, one.right) for one in problems]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param(
            '"12-24" = "Lantern',
            '"12-32" = "Lantern',
            (
                "calendars.quay.extra_holidays.12-32",
                '"12-32" is no date',
                'a date, such as "2026-12-24", or the same day each year, such as "12-24"',
            ),
            id="no day of a year",
        ),
        pytest.param(
            '"Marine Day", "2026-05-04"',
            '"Marine Day", "2026-05-14"',
            ("calendars.quay.holidays[0].without", 'there is no "2026-05-14"', "one of "),
            id="a day left out that is none",
        ),
        pytest.param(
            'stopped_by = ["reply", "resolution"]',
            'stopped_by = ["reply", "resolved"]',
            (
                "plans.mate.targets.support.Red.resolution.stopped_by[1]",
                '"resolved" is not known',
                "one of 'acknowledgement', 'reply', 'resolution'",
            ),
            id="nothing that stops",
        ),
        pytest.param(
            'options = ["pilot"]\nqueue',
            'options = ["piolt"]\nqueue',
            ("plans.mate.options[0]", 'there is no option "piolt"', "did you mean 'pilot'?"),
            id="no option to buy",
        ),
        pytest.param(
            '{ options = ["pilot"] }]',
            '{ options = ["pilots"] }]',
            ("caps[0].unless[2].options[0]", 'there is no option "pilots"', "did you mean 'pilot'?"),
            id="no option to lift a cap",
        ),
        pytest.param(
            "unless = [{ security_incident = true }]",
            "unless = [{}]",
            ("caps[1].unless[0]", "never holds", 'such as { environments = ["test"] }'),
            id="an exception without a condition",
        ),
        pytest.param(
            ", supported_majors = [3]",
            "",
            (
                "caps[1].when",
                "has one of version_of and supported_majors",
                'both, such as { version_of = "Device OS", supported_majors = [5, 6] }',
            ),
            id="a version without the supported ones",
        ),
        pytest.param(
            'channel_note = "What comes by the web is read on Sundays."\n',
            "",
            (
                "plans.cook.channel_note",
                "is missing",
                "a sentence for those who used another channel",
            ),
            id="channels without a word for the others",
        ),
        pytest.param(
            'opens_by_note = "Deckhands write by the web form alone."\n',
            "",
            (
                "plans.deckhand.opens_by_note",
                "is missing",
                "a sentence for those who used another channel",
            ),
            id="no tickets on a channel without a word",
        ),
        pytest.param(
            'not_included = "Cooks have no flares."\n',
            "",
            (
                "plans.cook",
                "does not include on-call",
                "say in not_included, as a sentence, what the customer is told",
            ),
            id="a role that is missing without a word",
        ),
        pytest.param(
            "[plans.mate.targets_by_channel.web.support]",
            "[plans.cook.targets_by_channel.web.on-call]",
            (
                "plans.cook.targets_by_channel.web.on-call",
                "is of no role that the plan has",
                "[plans.cook.targets.on-call] as well, for every other channel",
            ),
            id="targets of a channel for a role that the plan lacks",
        ),
        pytest.param(
            'found_in = "subject"',
            'found_in = "subject"\nrequired = true',
            (
                "fields[1].required",
                "cannot be missed where it is found in the subject",
                'required = false, or found_in = "line"',
            ),
            id="a required subject",
        ),
        pytest.param(
            'name = "Signal"',
            'name = "where"\nroles = ["on-call"]',
            ("fields[1]", '"where" is asked for twice', "each name once"),
            id="a field twice",
        ),
        pytest.param(
            'tags = ["Flare"]',
            'tags = ["Mayday"]',
            ("roles.on-call.tags", '"Mayday" is taken by Red', "each word once"),
            id="a tag that a priority has",
        ),
        pytest.param(
            'tags = ["Pan-Pan"]',
            'tags = ["Pan-Pan", "pan-pan"]',
            ("priorities[1]", '"pan-pan" is taken by Amber', "each word once"),
            id="a tag twice",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_remedy(
    tmp_path: Path, before: str, after: str, told: tuple[str, str, str]
) -> None:
    ((_, key, wrong, right),) = mistakes(tmp_path, (before, after))

    assert (key, wrong) == told[:2]
    assert right.startswith(told[2])


def test_rows_of_a_channel_are_checked_like_all_others(tmp_path: Path) -> None:
    rows = "[plans.mate.targets_by_channel.web.support]\n"
    changes = ((f'{rows}"*" =', f'{rows}Green = {{ response = "1 day" }}\nReed ='),)
    path = "plans.mate.targets_by_channel.web.support"

    assert [(key, wrong) for _, key, wrong, _ in mistakes(tmp_path, *changes)] == [
        (f"{path}.Red", "has no target"),
        (f"{path}.Amber", "has no target"),
        (f"{path}.Reed", "there is no such priority"),
    ]
