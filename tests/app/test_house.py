"""A reload takes people on call and services along, all of them or none."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from mailgate.app import House
from mailgate.cli import run
from mailgate.config import load
from mailgate.keyfile import keys, rotate

SOON = 30.0  # seconds; a moment is what it takes
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROTA = '[rotas.on-call]\ntimezone = "UTC"\nstart = "2026-01-05"\npeople = ["sam@example.com"]\n'
TELEPHONES = '[notify.telephones]\nurl_file = "telephones.url"\n'


async def test_a_reload_takes_rotas_and_services_or_none_of_them(tmp_path: Path) -> None:
    """behaviour.md 6.4, 7.3"""
    run(["init", str(tmp_path)])
    file, secret = tmp_path / "config" / "mailgate.toml", tmp_path / "config" / "telephones.url"
    house = House(load(file), now=lambda: NOON)
    try:
        secret.touch(mode=0o600)
        secret.write_text("nosuch://hush")
        file.write_text(file.read_text("utf-8") + ROTA + TELEPHONES, "utf-8")
        house.reload()
        desk = house.configuration.desk
        assert (desk.rotas, desk.notifiers) == ({}, frozenset())

        secret.write_text("json://127.0.0.1/hush")
        house.reload()
        desk = house.configuration.desk
        assert (list(desk.rotas), list(desk.notifiers)) == (["on-call"], ["telephones"])
    finally:
        await house.stop()


async def test_a_reload_takes_new_signing_keys_and_none_from_a_file_that_is_gone(tmp_path: Path) -> None:
    """behaviour.md 3.2, 7.3"""
    run(["init", str(tmp_path)])
    secret = tmp_path / "var" / "secret.key"
    house = House(load(tmp_path / "config" / "mailgate.toml"), now=lambda: NOON)
    try:
        first = keys(secret, None)
        rotate(secret, NOON)
        assert house.signing == first
        house.reload()
        assert house.signing == keys(secret, None) != first

        secret.rename(tmp_path / "lost")
        house.reload()
        assert (house.signing.current, secret.exists()) == (2, False)
    finally:
        await house.stop()


async def test_a_reload_takes_new_keys_of_dkim_or_keeps_the_old(tmp_path: Path) -> None:
    """behaviour.md 5.6, 7.3"""
    run(["init", str(tmp_path)])
    file, key = tmp_path / "config" / "mailgate.toml", tmp_path / "var" / "dkim-mg1.key"
    house = House(load(file), now=lambda: NOON)
    try:
        run(["--config", str(file), "dkim", "keygen", "--algorithm", "ed25519", "--selector", "mg1"])
        table = f'[[dkim]]\nselector = "mg1"\nkey_file = "{key}"\n'
        file.write_text(file.read_text("utf-8") + table, "utf-8")
        house.reload()
        assert [one.selector for one in house._office.signers] == ["mg1"]

        key.chmod(0o644)
        house.reload()
        assert [one.selector for one in house._office.signers] == ["mg1"]
    finally:
        await house.stop()


async def test_a_mail_that_a_listener_process_took_is_counted_and_looked_for_at_once(tmp_path: Path) -> None:
    run(["init", str(tmp_path)])
    told: list[str] = []
    house = House(load(tmp_path / "config" / "mailgate.toml"), now=lambda: NOON, told=told.append)
    try:
        began = asyncio.get_running_loop().time()
        house.accepted_beside("smtp")
        await house.sweeps.intake_bell.rest(SOON)
        assert asyncio.get_running_loop().time() - began < SOON
        assert told == []  # it is told upwards, not around
    finally:
        await house.stop()
