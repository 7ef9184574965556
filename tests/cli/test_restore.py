"""`mailgate db restore`: a backup takes the place of the database, or nothing is changed."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from mailgate.cli import run
from mailgate.core.outgoing import Care, MailKind
from mailgate.store.numbers import reserve
from mailgate.store.posting import post
from mailgate.store.registers import audits
from mailgate.store.tables import outbox, tickets
from mailgate.store.unit import Database
from tests.cli.test_db import configured
from tests.conftest import NEWEST, World
from tests.outgoing import ACKNOWLEDGEMENT
from tests.store.olddatabase import make

if TYPE_CHECKING:
    from tests.cli.conftest import Ask

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
REPLY = replace(
    ACKNOWLEDGEMENT,
    kind=MailKind.RELAYED_REPLY,
    care=Care.AT_LEAST_ONCE,
    cause="reply:1",
    message_id="r1@support.example.com",
)
PAGE = replace(REPLY, kind=MailKind.PAGE, cause="page:1", message_id="p1@support.example.com")


class Scene:
    """A configuration, its database with a ticket and mails that wait, and a backup of it."""

    def __init__(self, folder: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.file = configured(folder, url)
        self.url = url
        self.path = Path(url.removeprefix("sqlite:///"))
        self.copy = folder / "backup.db"
        self._capsys = capsys

    async def filled(self) -> None:
        database = Database(self.url)
        await World(database).opened(NOON, mails=(ACKNOWLEDGEMENT,))
        async with database.write() as unit:
            await post(unit, NOON, [(None, REPLY), (None, PAGE)])
        await database.close()
        assert (await self.db("backup", str(self.copy)))[0] == 0

    async def db(self, *words: str) -> tuple[int, str, str]:
        self._capsys.readouterr()
        code = await asyncio.to_thread(run, ["--config", str(self.file), "db", *words])
        shown = self._capsys.readouterr()
        return code, shown.out, shown.err

    def content(self) -> str:
        with closing(sqlite3.connect(self.path)) as connection:
            return "\n".join(connection.iterdump())

    def around(self) -> list[str]:
        """The database and what lies beside it."""
        return sorted(one.name for one in self.path.parent.iterdir() if self.path.name in one.name)


@pytest.fixture
async def scene(tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> Scene:
    made = Scene(tmp_path, sqlite_url, capsys)
    await made.filled()
    return made


async def states(url: str) -> dict[str, tuple[str, str]]:
    database = Database(url)
    async with database.read() as unit:
        rows = await unit.execute(select(outbox.c.kind, outbox.c.state, outbox.c.reply))
        found = {row.kind: (row.state, row.reply) for row in rows}
    await database.close()
    return found


async def test_a_backup_takes_the_place_and_what_was_there_is_kept(scene: Scene) -> None:
    with closing(sqlite3.connect(scene.path)) as connection:
        connection.execute("UPDATE tickets SET title = 'since then'")
        connection.commit()

    code, out, err = await scene.db("restore", str(scene.copy), "--force", "--json")

    told = json.loads(out)
    aside = Path(told["aside"])
    assert (code, err, told["schema"], told["was"], told["uncertain"]) == (0, "", NEWEST, NEWEST, 2)
    assert oct(scene.path.stat().st_mode) == "0o100600"
    assert "since then" not in scene.content()
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT title FROM tickets").fetchall() == [("since then",)]
    assert scene.around() == sorted([scene.path.name, aside.name])


async def test_where_there_is_no_database_yet_none_is_in_the_way(scene: Scene) -> None:
    scene.path.unlink()
    scene.path.with_name(f"{scene.path.name}-wal").write_bytes(b"of a database that is gone")

    code, out, err = await scene.db("restore", str(scene.copy))

    assert (code, err) == (0, "")
    assert out.startswith(f"{scene.path} is the backup {scene.copy} now, ")
    assert scene.around() == [scene.path.name]
    assert (await scene.db("check"))[0] == 0


async def test_what_may_have_been_sent_since_waits_for_the_operator(scene: Scene) -> None:
    """behaviour.md 5.4: automatic mail at most once, a person's words at least once"""
    await scene.db("restore", str(scene.copy), "--force")

    said = "put back from a backup: it may have been sent since"
    assert await states(scene.url) == {
        "acknowledgement": ("uncertain", said),
        "relayed_reply": ("waiting", ""),
        "page": ("uncertain", said),
    }


async def test_where_nothing_happened_since_what_waited_goes(scene: Scene) -> None:
    _, out, _ = await scene.db("restore", str(scene.copy), "--force", "--nothing-since")

    assert out.endswith("What waited to be sent is sent when the service starts.\n")
    assert set((await states(scene.url)).values()) == {("waiting", "")}


@pytest.mark.parametrize(("words", "number", "id_"), [((), 1002, 100_002), (("--nothing-since",), 2, 2)])
async def test_no_number_that_is_out_is_given_again(
    scene: Scene, words: tuple[str, ...], number: int, id_: int
) -> None:
    await scene.db("restore", str(scene.copy), "--force", *words)

    database = Database(scene.url)
    async with database.write() as unit:
        assert await reserve(unit, {"acme": 1}) == {"acme": ((id_, number),)}
    await database.close()


async def test_a_database_put_back_by_other_means_is_told_so(
    world: World, database: Database, database_url: str, ask: "Ask"
) -> None:
    await world.opened(NOON, mails=(ACKNOWLEDGEMENT,))
    await database.close()

    code, out, err = await ask("db", "restored")

    assert (code, err) == (0, "")
    assert out.startswith("Mails that may have been sent since and are uncertain now: 1;")
    assert (await states(database_url))["acknowledgement"][0] == "uncertain"
    async with database.write() as unit:
        ((id_, number),) = (await reserve(unit, {"acme": 1}))["acme"]
        assert (id_ > 100_000, number) == (True, 1002)
        noted = (await unit.execute(select(audits.c.action, audits.c.details))).one()
    assert tuple(noted) == ("db_restore", {"uncertain": 1, "nothing_since": False})


async def test_of_a_database_at_work_nothing_is_said_to_be_uncertain(scene: Scene) -> None:
    with closing(sqlite3.connect(scene.path)) as service:
        service.execute("SELECT count(*) FROM outbox").fetchone()

        code, out, err = await scene.db("restored")

    assert (code, out) == (2, "")
    assert err == f"mailgate: a program has {scene.path} open: stop the service first\n"
    assert set((await states(scene.url)).values()) == {("waiting", "")}


async def test_an_older_backup_is_brought_up_to_date(scene: Scene, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    database = Database(f"sqlite:///{old / 'first.db'}")
    await make(database, old)
    async with database.write() as unit:
        await unit.execute(text("PRAGMA user_version = 7"))
    await database.close()

    code, out, err = await scene.db("restore", str(old / "first.db"), "--force")

    assert (code, err) == (0, "")
    assert "Its schema was 0001.\n" in out
    assert (await scene.db("check"))[0] == 0


async def test_a_running_service_is_not_touched(scene: Scene) -> None:
    service = Database(scene.url)
    async with service.read() as unit:
        await unit.execute(select(tickets.c.id))
    before = scene.content()

    code, out, err = await scene.db("restore", str(scene.copy), "--force")

    said = f"mailgate: a program has {scene.path} open: stop the service first\n"
    assert (code, out, err) == (2, "", said)
    async with service.read() as unit:
        assert await unit.scalar(select(tickets.c.title)) == "Help"
    await service.close()
    assert scene.content() == before
    assert scene.around() == [scene.path.name]


async def test_a_damaged_database_makes_room_too(scene: Scene) -> None:
    scene.path.write_bytes(b"no database" * 1000)

    code, _, err = await scene.db("restore", str(scene.copy), "--force")

    assert (code, err) == (0, "")
    assert (await scene.db("check"))[0] == 0
    (aside,) = (one for one in scene.around() if "before" in one)
    assert scene.path.with_name(aside).read_bytes() == b"no database" * 1000


def wrong_backups(scene: Scene, kind: str) -> tuple[Path, str]:
    """A file that is no good backup, and what is said of it."""
    file = scene.copy.with_name(f"{kind}.db")
    if kind == "missing":
        return file, f"there is no file {file}"
    if kind == "text":
        file.write_bytes(b"no database" * 1000)
        return file, f"mailgate: {file}: file is not a database"
    file.write_bytes(scene.copy.read_bytes())
    if kind == "torn":
        file.write_bytes(scene.copy.read_bytes()[: scene.copy.stat().st_size // 2])
        return file, f"mailgate: {file}: database disk image is malformed"
    if kind == "in use":
        file.with_name(f"{file.name}-wal").write_bytes(b"more")
        return file, "that is a database in use, or a copy of one"
    with closing(sqlite3.connect(file)) as connection:
        if kind == "newer":
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        elif kind == "broken":
            connection.execute("DELETE FROM raw_mails")
        else:
            connection.execute("DROP TABLE alembic_version")
        connection.commit()
    said = {"newer": "the database has schema 9999", "broken": "the copy is not whole"}
    return file, said.get(kind, f"{file} is no database of mailgate, and nothing was changed")


@pytest.mark.parametrize("kind", ["missing", "text", "torn", "in use", "newer", "broken", "other"])
async def test_a_backup_that_is_not_good_changes_nothing(scene: Scene, kind: str) -> None:
    file, said = wrong_backups(scene, kind)
    before = scene.content()

    code, out, err = await scene.db("restore", str(file), "--force")

    assert (code, out, said in err, "Traceback" in err) == (2, "", True, False), err
    assert scene.content() == before
    assert scene.around() == [scene.path.name]


async def test_a_database_that_is_there_is_not_put_aside_by_mistake(scene: Scene) -> None:
    said = f"mailgate: {scene.path} exists, and nothing was changed: --force puts it aside\n"
    assert await scene.db("restore", str(scene.copy)) == (2, "", said)


async def test_a_second_restoration_in_one_second_overwrites_nothing(scene: Scene) -> None:
    for _ in range(3):
        code, _, _ = await scene.db("restore", str(scene.copy), "--force")
        assert code == 0
    assert len(scene.around()) == 4


async def test_a_restoration_is_in_the_trail_of_what_was_restored(scene: Scene) -> None:
    await scene.db("restore", str(scene.copy), "--force")

    with closing(sqlite3.connect(scene.path)) as connection:
        rows = connection.execute("SELECT action, subject FROM audits ORDER BY id").fetchall()
    assert rows == [("db_restore", str(scene.copy))]


@pytest.mark.postgresql
async def test_postgresql_takes_its_own_back(
    tmp_path: Path, postgresql_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(tmp_path, postgresql_url)
    capsys.readouterr()
    code = await asyncio.to_thread(run, ["--config", str(file), "db", "restore", "x.dump"])
    assert (code, "pg_restore" in capsys.readouterr().err) == (2, True)
