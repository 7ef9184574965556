"""Knows the numbers that are told to Prometheus, and their names.

No label is an address, a ticket or an account: their number has no bound.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest

from mailgate.store.levels import Levels

TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """What has happened since the start, and how much waits."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._counters = {
            "accepted": self._counter("accepted", "Mails that got their 250.", "door"),
            "decided": self._counter("decisions", "Decisions about mails, by what they came to.", "outcome"),
            "braked": self._counter(
                "braked", "Decisions to answer no more, by what they came to.", "outcome"
            ),
            "sent": self._counter("attempts", "Attempts to send a mail, by how they ended.", "ending"),
        }
        self._spooled = self._gauge("spool_waiting", "Mails accepted and not yet decided.")
        self._spooled_age = self._gauge("spool_oldest_seconds", "Age of the oldest of them.")
        self._outgoing = self._gauge("outbox", "Mails in the outbox that are no success yet.", "state")
        self._outgoing_age = self._gauge("outbox_oldest_seconds", "Age of the oldest one that waits to go.")
        self._away = self._gauge("smarthosts_away", "Mail servers that are left alone for now.")
        self._held = self._gauge("held", "Mails that wait for an operator.")
        self._overdue = self._gauge("clocks_overdue", "Targets that are past their due instant and not met.")
        self._tasks = self._gauge("tasks", "Things that this process has under way at once (asyncio tasks).")
        self._database_up = self._gauge(
            "database_up", "Whether the database answered when this was asked for."
        )

    def count(self, event: str, label: str) -> None:
        """Counts an event: `accepted`, `decided`, `braked` or `sent`, under its label."""
        self._counters[event].labels(label).inc()

    def watch_disk(self, free: Callable[[], float]) -> None:
        """Tells from now on how much of the disk is free."""
        self._gauge("disk_free_bytes", "Room on the disk that holds the database.").set_function(free)

    def page(self, levels: Levels | None, now: datetime) -> bytes:
        """Everything in Prometheus' text format; without levels, their gauges stand as they were last."""
        self._database_up.set(levels is not None)
        self._tasks.set(len(asyncio.all_tasks()))
        if levels:
            self._show(levels, now)
        return generate_latest(self._registry)

    def _show(self, levels: Levels, now: datetime) -> None:
        self._spooled.set(levels.spooled)
        self._spooled_age.set(_age(levels.oldest_spooled, now))
        for state, mails in levels.outgoing.items():
            self._outgoing.labels(state).set(mails)
        self._outgoing_age.set(_age(levels.oldest_outgoing, now))
        self._away.set(levels.away)
        self._held.set(levels.held)
        self._overdue.set(levels.overdue)

    def _counter(self, name: str, tells: str, label: str) -> Counter:
        return Counter(f"mailgate_{name}", tells, [label], registry=self._registry)

    def _gauge(self, name: str, tells: str, *labels: str) -> Gauge:
        return Gauge(f"mailgate_{name}", tells, labels, registry=self._registry)


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else (now - since).total_seconds()
