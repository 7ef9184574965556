"""Where a PostgreSQL database is, in a URL: one server or several; what is wrong with it, what is shown."""

import pytest

from mailgate.store.place import SECRET, parts, shown


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://", "postgresql:///"),
        ("postgresql://mailgate:hush@db/m", "postgresql://mailgate@db/m"),
        ("postgresql://mailgate@[::1]:1,two/m", "postgresql://mailgate@[::1]:1,two/m"),
        ("postgresql://one,two/m?port=5433", "postgresql://one:5433,two:5433/m"),
        ("postgresql://mail%40gate@db/m", "postgresql://mail%40gate@db/m"),
        (
            "postgresql:///m?host=/var/run/postgresql&password=hush&sslmode=verify-full",
            "postgresql://%2Fvar%2Frun%2Fpostgresql/m?sslmode=verify-full",
        ),
    ],
)
def test_a_url_is_shown_without_its_password_and_means_the_same(url: str, told: str) -> None:
    assert shown(url) == told
    assert shown(told) == told
    meant = {part: value for part, value in parts(url).items() if part not in SECRET | {"port"}}
    assert {part: value for part, value in parts(told).items() if part != "port"} == meant


def test_several_servers_are_told_to_the_driver_in_their_order() -> None:
    found = parts("postgresql://mailgate@[::1]:5432,two/m?sslmode=require")
    assert found == {
        "user": "mailgate",
        "host": "::1,two",
        "port": "5432,",
        "dbname": "m",
        "sslmode": "require",
    }


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("postgresql://u:1%hush@one/m", "is no URL"),
        ("postgresql://u:hu%FFsh@one/m", "is no URL"),
        ("postgresql://one/m?hush=1", "is no URL"),
        ("postgresql://u:12/hush@one:5432/m", "has an @ behind its servers"),
        ("postgresql://u:hu@sh@one/m", "has an @ behind its servers"),
        ("postgresql://u:hush@one:x/m", "has a port that is no number from 1 to 65535"),
        ("postgresql://u:hush@one:65536/m", "has a port that is no number from 1 to 65535"),
        ("postgresql://u:hush@one:0/m", "has a port that is no number from 1 to 65535"),
        ("postgresql://u:hush@one:٥٤٣٢/m", "has a port that is no number from 1 to 65535"),
        ("postgresql://one,two,three/m?port=1,2", "has more servers than ports"),
        ("postgresql://one..example/m", "names a server that there cannot be"),
        ("postgresql://one/m?replication=true", "sets replication, which is mailgate's own"),
        ("postgresql://one/m?client_encoding=EUC_TW", "sets client_encoding, which is mailgate's own"),
    ],
)
def test_what_mailgate_cannot_work_with_is_refused_and_not_repeated(url: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{wrong}") as told:
        parts(url)
    assert "hush" not in str(told.value)
