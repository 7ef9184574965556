"""A policy that uses every part of the language, for the tests of what a policy promises."""

from dataclasses import replace

from mailgate.core.amount import amount
from mailgate.core.cap import Cap, Condition
from mailgate.core.clock import TargetKind
from mailgate.core.plan import Plan
from mailgate.core.policy import Policy, Priority, Region
from mailgate.core.target import Target
from tests.core.calendars import always, weekdays

BERLIN = "Europe/Berlin"


def target(kind: TargetKind, words: str, calendar: str = "", lowering_to: str = "") -> Target:
    """A target whose amount is written as in a policy file."""
    return Target(kind, None if words == "best effort" else amount(words), calendar, lowering_to)


CRITICAL = (
    target(TargetKind.RESPONSE, "15 minutes"),
    target(TargetKind.RESOLUTION, "2 days", lowering_to="P2"),
)
HIGH = (target(TargetKind.RESPONSE, "4 business hours"), target(TargetKind.RESOLUTION, "2 business days"))
NORMAL = (
    target(TargetKind.RESPONSE, "1-2 business days"),
    target(TargetKind.RESOLUTION, "best effort"),
)
ON_CALL = (target(TargetKind.ESCALATION, "1 hour", calendar="24x7"),)

FULL = Plan(
    "full",
    "Full",
    {
        "support": {"P1": CRITICAL, "P2": HIGH, "P3": NORMAL},
        "on-call": dict.fromkeys(("P1", "P2", "P3"), ON_CALL),
    },
)
WEB_ONLY = Plan(
    "web-only",
    "Web only",
    {"support": {"P1": CRITICAL, "P2": HIGH, "P3": NORMAL}},
    channels=("web",),
    channel_note="Open a ticket on the web for one with response times.",
)
NONE = Plan("none", "None", {}, not_included="The plan None includes chat only.")

VENDOR = Policy(
    name="vendor",
    title="A Vendor",
    calendars={
        "office": replace(weekdays(BERLIN, "09:00-17:00", holidays="2026-12-25"), name="office"),
        "24x7": always(),
    },
    regions={"europe": Region("europe", "Europe", "office"), "moon": Region("moon", "Moon", "24x7")},
    default_region="europe",
    priorities=(
        Priority("P1", "Critical", tags=("Critical",), pages=True, availability="Please be available."),
        Priority("P2", "High", tags=("High",)),
        Priority("P3", "Normal", tags=("Normal",)),
    ),
    default_priority="P3",
    plans={"full": FULL, "web-only": WEB_ONLY, "none": NONE},
    caps=(
        Cap(
            "P2",
            "development is P2 at most",
            Condition(environments=("development", "test")),
            lifted_by=(Condition(security_incident=True),),
        ),
        Cap(
            "P3",
            "other environments are P3 at most",
            Condition(environments_other_than=("production", "development", "test")),
        ),
        Cap("P2", "old versions are P2 at most", Condition(version_of="Device OS", supported_majors=(5, 6))),
    ),
    role_tags={"on-call": "on-call"},
)
