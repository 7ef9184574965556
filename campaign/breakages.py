"""Knows the deliberate breakages: each takes away one thing that a promise rests on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines of a file, and what stands there instead."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutation:
    """A breakage.

    Args:
        command: what must fail, after `python -m`.
        noticed_by: a pattern of the line in which it says why.
    """

    name: str
    command: tuple[str, ...]
    noticed_by: str
    edits: tuple[Edit, ...]


def _at(*failpoints: str, postgresql: bool = False) -> tuple[str, ...]:
    points = [word for point in failpoints for word in ("--at", point)]
    return ("campaign", *points, "--postgresql" if postgresql else "--sqlite", "--patience", "15")


def _rounds(count: int) -> tuple[str, ...]:
    return ("campaign", "--rounds", str(count), "--sqlite", "--patience", "15")


def _test(file: str, name: str) -> tuple[str, ...]:
    return ("pytest", "-q", f"tests/{file}", "-k", name)


_RED = r"^FAILED "

MUTATIONS = (
    Mutation(
        "reply_before_commit",
        _at("after_insert:kill:1", "after_insert:kill:2"),
        r"^I1: .* got its 250",
        (
            Edit(
                "mailgate/flows/spool.py",
                "                return await waiting.answer\n",
                "                return queued(0)\n",
            ),
        ),
    ),
    Mutation(
        "commit_not_flushed",
        _test("acceptance/test_durability.py", "on_the_disk_before_its_250"),
        _RED,
        (Edit("mailgate/store/unit.py", '    "synchronous": 2,\n', '    "synchronous": 1,\n'),),
    ),
    Mutation(
        "client_cancels",
        (*_rounds(4), "--calm"),
        r"^I1: .* was handed over whole",
        (
            Edit(
                "mailgate/listener/connection.py",
                "        asyncio.StreamReaderProtocol.eof_received(self)\n",
                "        asyncio.StreamReaderProtocol.eof_received(self)\n"
                "        self.task and self.task.cancel()\n",
            ),
            Edit(
                "mailgate/flows/spool.py",
                "        except TimeoutError:\n            self._waiting.pop(waiting, None)\n",
                "        except asyncio.CancelledError:\n"
                "            self._writing and self._writing.cancel()\n"
                "            raise\n"
                "        except TimeoutError:\n            self._waiting.pop(waiting, None)\n",
            ),
        ),
    ),
    Mutation(
        "deferred_begin",
        _test("store/test_unit.py", "programs_that_write"),
        _RED,
        (
            Edit(
                "mailgate/store/unit.py",
                'self._writer = _sqlite_engine(self.file, "BEGIN IMMEDIATE")',
                'self._writer = _sqlite_engine(self.file, "BEGIN")',
            ),
        ),
    ),
    Mutation(
        "known_by_message_id_alone",
        (*_rounds(3), "--calm"),
        r"^I2: .*, a second, was found to be duplicate",
        (
            Edit(
                "mailgate/core/intake.py",
                "    same = hearing.facts.same_identity\n",
                "    same = next(iter(hearing.facts.same_message_id), hearing.facts.same_identity)\n",
            ),
        ),
    ),
    Mutation(
        "never_known_again",
        (*_rounds(3), "--calm"),
        r"^I[25]: ",
        (
            Edit(
                "mailgate/core/intake.py",
                "    same = hearing.facts.same_identity\n",
                "    same = None\n",
            ),
        ),
    ),
    Mutation(
        "message_id_not_held",
        _test("store/test_facts.py", "one_message_id_the_second_waits"),
        _RED,
        (
            Edit(
                "mailgate/store/facts.py",
                "    if locked:\n        await claim_names(",
                "    if not locked:\n        await claim_names(",
            ),
        ),
    ),
    Mutation(
        "outbox_outside",
        _at("after_decision:kill:1", "after_decision:kill:2"),
        r"^I3: .* in the outbox, not ",
        (
            Edit(
                "mailgate/store/apply.py",
                "    await post(unit, now, [pair for change in changes for pair in _queued(change)])\n",
                "",
            ),
            Edit(
                "mailgate/flows/intake.py",
                "        reach(Failpoint.AFTER_DECISION)\n        return changes\n",
                "        reach(Failpoint.AFTER_DECISION)\n"
                "        from mailgate.store.apply import _queued, post\n"
                "        async with self.database.write() as unit:\n"
                "            pairs = [pair for change in changes for pair in _queued(change)]\n"
                "            await post(unit, self.now(), pairs)\n"
                "        return changes\n",
            ),
        ),
    ),
    Mutation(
        "sent_before_it_is_sent",
        _at("after_354:kill:1"),
        r"^I4: .* is said to be sent",
        (
            Edit(
                "mailgate/flows/relay.py",
                "            if claim.mail.content:\n",
                "            from mailgate.core.relay import Attempt, Ending\n"
                "            await self._settlement.settle(claim, Attempt(Ending.SENT))\n"
                "            if claim.mail.content:\n",
            ),
        ),
    ),
    Mutation(
        "uncertain_acknowledgement_again",
        (*_rounds(4), "--calm"),
        r"^I4: acknowledgement .* may at most once",
        (
            Edit(
                "mailgate/core/relay.py",
                "    if claim.mail.care is Care.AT_LEAST_ONCE and now < _given_up(claim):\n",
                "    if now < _given_up(claim):\n",
            ),
        ),
    ),
    Mutation(
        "left_behind_acknowledgement_again",
        _at("after_250:kill:1", "in_settle:kill:1"),
        r"^I4: acknowledgement .* may at most once",
        (
            Edit(
                "mailgate/core/relay.py",
                "    if claim.dot_at is not None and claim.mail.care is Care.AT_MOST_ONCE:\n",
                "    if claim.dot_at is None and claim.mail.care is Care.AT_MOST_ONCE:\n",
            ),
        ),
    ),
    Mutation(
        "dot_before_its_mark",
        _test("acceptance/test_durability.py", "before_the_final_dot"),
        _RED,
        (
            Edit(
                "mailgate/smarthost/dialog.py",
                "        if await before_dot():\n",
                '        self._session.wire.send(b".\\r\\n")\n        if await before_dot():\n',
            ),
            Edit(
                "mailgate/smarthost/dialog.py",
                '        self._session.wire.send(b".\\r\\n")  # raises if the connection is already gone\n',
                "",
            ),
        ),
    ),
    Mutation(
        "fault_is_for_good",
        _at("after_insert:raise:1"),
        r"^I1: .* was refused for good",
        (Edit("mailgate/core/reply.py", 'Reply(451, "4.3.0", "temp', 'Reply(554, "5.3.0", "temp'),),
    ),
    Mutation(
        "lease_without_end",
        _at("after_claim:kill:1"),
        r"^I5: .* still wait",
        (
            Edit(
                "mailgate/store/claims.py",
                '    .where(_WAITING, or_(_FREE, spool.c.leased_until <= bindparam("now")))\n',
                "    .where(_WAITING, _FREE)\n",
            ),
        ),
    ),
    Mutation(
        "claim_without_end",
        _at("after_outbox_claim:kill:1"),
        r"^I5: .* still wait",
        (
            Edit(
                "mailgate/flows/holdings.py",
                "lapsed = () if self._others_may_settle(now) else await outbox.lapsed(unit, now, limit)\n",
                "lapsed = ()\n",
            ),
        ),
    ),
    Mutation(
        "no_fence",
        _at("after_354:sleep:1", "after_354:sleep:2", postgresql=True),
        r"^I4: .* came out 2 times",
        (
            Edit(
                "mailgate/smarthost/dialog.py",
                "        if await before_dot():\n",
                "        if await before_dot() or True:\n",
            ),
        ),
    ),
)
