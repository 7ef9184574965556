"""The same on PostgreSQL: the schema comes by command, then a mail becomes a ticket and is answered."""

from pathlib import Path

import pytest

from tests.acceptance.installation import Installation, wait_for
from tests.acceptance.test_first_mail import SOON, mails_to, send

pytestmark = pytest.mark.postgresql


def test_a_service_on_postgresql_wants_its_schema_then_takes_mail(
    tmp_path: Path, empty_postgresql_url: str
) -> None:
    desk = Installation(tmp_path, database=empty_postgresql_url)
    desk.write()
    refused = desk.run("serve")
    assert refused.returncode == 2
    assert "run `mailgate db upgrade`" in refused.stderr
    assert desk.run("db", "upgrade").returncode == 0
    desk.start()
    try:
        send(desk, "Bob <bob@acme.example>", "acme@support.example.com", "[P2] Hello", "Is anybody there?")
        wait_for(lambda: bool(mails_to(desk, "bob@acme.example", "Hello")), SOON, desk.log)
        assert [ticket["number"] for ticket in desk.json("tickets")] == ["ACME-1"]
    finally:
        desk.stop()
