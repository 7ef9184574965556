"""Mail at the door goes first, for a while."""

from datetime import UTC, datetime, timedelta

from mailgate.app.courtesy import second_to_the_door

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)


class Story:
    """A sweep of rounds that take a second each, and what they waited for at the door."""

    def __init__(self, *answers: datetime | None) -> None:
        self.answers = list(answers)
        self.moment = 100.0
        self.gave_way: list[float | None] = []

    async def give_way(self, worked: float) -> None:
        self.gave_way[-1] = worked

    async def sweep(self) -> datetime | None:
        self.moment += 1
        return self.answers.pop(0)

    async def told(self) -> list[float | None]:
        courteous = second_to_the_door(self.sweep, self.give_way, lambda: NOON, lambda: self.moment)
        while self.answers:
            self.gave_way.append(None)
            await courteous()
        return self.gave_way


async def test_each_round_gives_way_for_as_long_as_the_last_one_worked() -> None:
    assert await Story(None, LATER, NOON, None).told() == [0, 1, 1, 1]


async def test_work_that_is_behind_for_seconds_goes_on_at_its_full_pace_until_it_has_caught_up() -> None:
    assert await Story(*[NOON] * 8, None, NOON).told() == [0, 1, 1, 1, 1, None, None, None, None, 1]
