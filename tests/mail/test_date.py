from datetime import UTC, datetime

import pytest

from mailgate.mail.date import read


@pytest.mark.parametrize(
    "value",
    [
        b"Fri, 20 Nov 2026 10:00:00 +0000",
        b"20 Nov 2026 12:00 +0200",
        b"Fri, 20 Nov 2026 02:00:00 PST",
        b"Fri,20 November 2026 10:00:00.123 GMT",
        b"20-Nov-26 10:00:00 Z",
        b"Fri, 20 Nov 2026 10:00:00 +0000 (UTC)",
        b"Fri, 20 Nov 2026 05:30:00 -04:30",
        b"Fri, 20 Nov 2026 11:00:00 CET",
        b"Fri, 20 Nov 2026 12:00:00 GMT+0200",
        b"Fri,20Nov 2026 10:00:00 +0000",
        b"Fri, 20 Nov 2026 10.00.00 +0000",
        b"Fri, 20 Nov 2026 1:00:00 PM +0300",
        b"Fri Nov 20 10:00:00 2026",
        b"Fri Nov 20 11:00:00 CET 2026",
        b"Fri Nov  20 12:00:00 2026 +0200",
        b"November 20, 2026 at 12:00:00 AM -1000",
        b"2026-11-20 12:00:00 +0200",
        b"2026-11-20T10:00:00.123Z",
    ],
)
def test_a_date_names_an_instant(value: bytes) -> None:
    """RFC 5322 sections 3.3 and 4.3"""
    assert read(value) == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"yesterday",
        b"32 Nov 2026 10:00:00 +0000",
        b"20 Xyz 2026 10:00 +0000",
        b"20 Nov 2026 25:00 +0000",
        b"\x80\xff",
        b"1 Jan 0001 00:00:00 +9999",
        b"7/2/2012 4:14:33 PM",
        b"2026-13-20 10:00:00",
    ],
)
def test_what_is_no_date_is_none(value: bytes) -> None:
    assert read(value) is None
