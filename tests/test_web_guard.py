"""Who may read the pages, and that nobody may change anything by them."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.types import Message

from mailgate.app import House
from mailgate.cli import run
from mailgate.config import ConfigurationError, load
from mailgate.core.listening import Place
from mailgate.privatefile import put
from mailgate.web import Guard, Metrics, Web, pages
from mailgate.web.guard import GUESSES
from tests.test_web import known

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKEN = "a-token-of-thirty-one-character"
BEARER = f"Bearer {TOKEN}"
BASIC = "Basic " + b64encode(f"anybody:{TOKEN}".encode()).decode()
LISTENS = '[web]\nlisten = "{}"\n'


@asynccontextmanager
async def serving(token: str) -> AsyncIterator[Web]:
    web = Web(Place("127.0.0.1", 0), Guard(pages({}, Metrics(), known, lambda: NOON), lambda: token))
    await web.start()
    try:
        yield web
    finally:
        await web.stop()


async def ask(
    web: Web, authorization: str = "", method: str = "GET", path: str = "/metrics", more: str = ""
) -> tuple[int, dict[str, str]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", web.listening.port)
    shown = f"Authorization: {authorization}\r\n{more}" if authorization else more
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{shown}\r\n".encode("latin-1"))
    head = (await reader.read()).decode().partition("\r\n\r\n")[0]
    writer.close()
    status, *fields = head.split("\r\n")
    named = (field.partition(": ") for field in fields)
    return int(status.split()[1]), {name.lower(): body for name, _, body in named}


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"])
async def test_pages_are_only_read(method: str, path: str) -> None:
    async with serving("") as web:
        code, fields = await ask(web, BEARER, method, path)
        assert (code, fields["allow"]) == (405, "GET, HEAD")


async def test_without_a_token_nothing_is_demanded() -> None:
    async with serving("") as web:
        assert [(await ask(web))[0], (await ask(web, "", "HEAD"))[0]] == [200, 200]


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (BEARER, 200),
        (BASIC, 200),
        (f"bearer   {TOKEN}", 200),
        ("", 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        ("Bearer ", 401),
        (TOKEN, 401),
        (f"Basic {TOKEN}", 401),
        ("Basic \xff\xfe", 401),
        (BASIC[:-8], 401),
        ("Digest username=x", 401),
        ("Bearer \xfc\xe4", 401),
    ],
)
async def test_with_a_token_only_who_shows_it_reads(authorization: str, code: int) -> None:
    async with serving(TOKEN) as web:
        found, fields = await ask(web, authorization)
        assert (found, "www-authenticate" in fields) == (code, code == 401)


async def test_who_guesses_is_not_listened_to_for_a_while() -> None:
    async with serving(TOKEN) as web:
        assert [(await ask(web, f"Bearer guess-{at}"))[0] for at in range(GUESSES)] == [401] * GUESSES
        code, fields = await ask(web, BEARER)
        assert (code, fields["retry-after"]) == (429, "60")


async def test_who_guesses_is_known_by_the_address_and_not_by_what_they_say_of_it() -> None:
    """Anybody can write such a field, and another one each time."""
    async with serving(TOKEN) as web:
        for at in range(GUESSES):
            await ask(web, "Bearer guess", more=f"X-Forwarded-For: 192.0.2.{at}\r\n")
        assert (await ask(web, "Bearer guess", more="X-Forwarded-For: 192.0.2.99\r\n"))[0] == 429


@pytest.mark.parametrize(
    ("guesser", "other", "alike"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),  # both by one socket that takes IPv6 and IPv4
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
async def test_who_guesses_shuts_out_nobody_else(guesser: str, other: str, *, alike: bool) -> None:
    guard = Guard(pages({}, Metrics(), known, lambda: NOON), lambda: TOKEN)
    for _ in range(GUESSES):
        assert await asked(guard, guesser, "Bearer guess") == 401
    assert await asked(guard, other, BEARER) == (429 if alike else 200)


async def asked(guard: Guard, host: str, authorization: str) -> int:
    """The status that a client at that address gets."""
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/healthz",
        "query_string": b"",
        "headers": [(b"authorization", authorization.encode())],
        "client": (host, 1),
    }
    await guard(scope, receive, send)
    status: int = said[0]["status"]
    return status


async def test_who_shows_no_token_does_not_guess() -> None:
    async with serving(TOKEN) as web:
        assert {(await ask(web))[0] for _ in range(GUESSES + 5)} == {401}
        assert (await ask(web, BEARER))[0] == 200


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),  # noqa: S104
        ("::", False), ("192.0.2.1", False), ("2001:db8::1", False), ("mailgate.example", False),
        ("::ffff:192.0.2.1", False),
    ],
)  # fmt: skip
def test_which_places_nobody_but_this_machine_can_reach(host: str, *, alone: bool) -> None:
    assert Place(host, 8025).is_loopback is alone


@pytest.fixture
def file(tmp_path: Path) -> Path:
    run(["init", str(tmp_path)])
    return tmp_path / "config" / "mailgate.toml"


def listening(file: Path, place: str, more: str = "") -> Path:
    text = file.read_text("utf-8")
    file.write_text(text.replace("[web]\n", LISTENS.format(place) + more), "utf-8")
    return file


@pytest.mark.parametrize("place", ["0.0.0.0:8025", "[::]:8025", "192.0.2.1:80"])
def test_beyond_this_machine_nothing_starts_without_a_token(
    file: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    listening(file, place)
    assert run(["--config", str(file), "serve"]) == 2
    said = f"web: listens on {place}, beyond this machine, without a token: token_file, which `openssl rand"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("token", "mode", "wrong"),
    [
        ("short", 0o600, "the token has fewer than 24 characters"),
        (TOKEN, 0o644, "others may read it"),
        ("", 0o600, "is empty"),
    ],
)
def test_a_token_that_is_none_is_refused_and_not_shown(file: Path, token: str, mode: int, wrong: str) -> None:
    secret = file.parent / "web.token"
    secret.write_text(token)
    secret.chmod(mode)
    with pytest.raises(ConfigurationError) as told:
        load(listening(file, "0.0.0.0:8025", 'token_file = "web.token"\n'))
    assert wrong in str(told.value)
    assert not token or token not in str(told.value)


async def test_the_service_demands_the_token_and_takes_another_on_reload(file: Path) -> None:
    """behaviour.md 7.3"""
    put(file.parent / "web.token", TOKEN.encode())
    house = House(load(listening(file, "127.0.0.1:0", 'token_file = "web.token"\n')), now=lambda: NOON)
    try:
        await house.web.start()
        assert [
            (await ask(house.web, path="/healthz"))[0],
            (await ask(house.web, BEARER, path="/healthz"))[0],
        ] == [401, 200]
        (file.parent / "web.token").write_text(TOKEN[::-1])
        house.reload()
        shown = (BEARER, f"Bearer {TOKEN[::-1]}")
        assert [(await ask(house.web, one, path="/healthz"))[0] for one in shown] == [401, 200]
    finally:
        await house.stop()
