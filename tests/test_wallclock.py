from datetime import UTC, datetime

from mailgate.wallclock import now


def test_an_instant_is_in_utc_and_of_whole_milliseconds() -> None:
    before = datetime.now(UTC)  # noqa: TID251 - the clock to compare with
    instant = now()
    after = datetime.now(UTC)  # noqa: TID251

    assert instant.tzinfo is UTC
    assert instant.microsecond % 1000 == 0
    assert (before - instant).total_seconds() < 0.001
    assert instant <= after
