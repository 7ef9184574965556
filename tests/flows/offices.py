"""An office for tests of flows: the small desk of tests.core.desks with the shipped templates."""

from pathlib import Path

from mailgate.config.policies import restored
from mailgate.core.account import Account
from mailgate.core.letterhead import Letterhead
from mailgate.core.verification import Difference
from mailgate.flows.office import Office
from mailgate.flows.verification import proofs
from mailgate.mail.render import Look
from mailgate.store.unit import Database
from tests.core.desks import ACME, KEYS, desk

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def office(account: Account = ACME) -> Office:
    one = desk(account)
    return Office(Letterhead(one, KEYS), Look(one.name, one.domain, TEMPLATES), restored)


async def disproved(database: Database) -> list[Difference]:
    """Where what is stored of a ticket is not what its journal says: nowhere, whatever has happened."""
    return [one async for proof in proofs(database, restored) for one in proof.differences]
