"""Knows when a priority promises nothing, a tag is not read as it is meant, or a cap never applies."""

from collections.abc import Iterator
from dataclasses import fields

from mailgate.config.doubt import Doubt, Rule, Weight
from mailgate.config.lint.subject import Subject
from mailgate.config.locate import KeyPath
from mailgate.core import subject as subject_line
from mailgate.core.cap import Cap, Condition
from mailgate.core.promise import Asked, asked


def no_target(subject: Subject) -> Iterator[Doubt]:
    """A priority of a plan that says nothing, not even best effort."""
    for row in subject.rows():
        if not row.targets:
            wrong = f"promises nothing to {row.priority.name}"
            yield subject.doubt(Rule.NO_TARGET, row.path, wrong, 'such as { response = "best effort" }')


def default_without_target(subject: Subject) -> Iterator[Doubt]:
    """A mail without a tag starts no clock, though others would."""
    default = subject.policy.default_priority
    for plan in subject.policy.plans.values():
        rows = [row for row in subject.rows() if row.plan is plan]
        with_clocks = {row.priority.name for row in rows if any(one.amount for one in row.targets)}
        if with_clocks and default not in with_clocks:
            wrong = f"a mail without a tag is {default}, for which plan {plan.name} starts no clock"
            right = (
                f"one of {', '.join(row.priority.name for row in rows if row.priority.name in with_clocks)}"
            )
            path = ("default_priority",)
            yield subject.doubt(Rule.DEFAULT_WITHOUT_TARGET, path, wrong, right, Weight.NOTE)


def hidden_tag(subject: Subject) -> Iterator[Doubt]:
    """A tag that is read as another one, or as none."""
    policy = subject.policy
    for path, tag, meant in _tags(subject):
        read = asked(policy, subject_line.tags(f"[{tag}]"))
        if read != meant:
            as_what = f"as {read.priority or read.role}" if read.priority or read.role else "as nothing"
            wrong = f"[{tag}] in a subject is read {as_what}"
            right = "a word that no other has, without brackets, comma, colon or dash behind it"
            yield subject.doubt(Rule.HIDDEN_TAG, path, wrong, right)


def idle_cap(subject: Subject) -> Iterator[Doubt]:
    """A cap that nothing is above, that contradicts itself, or that another one makes needless."""
    policy = subject.policy
    for place, cap in enumerate(policy.caps):
        why = _never_applies(cap)
        if policy.urgency(cap.priority) == 0:
            why = f"nothing is more urgent than {cap.priority}"
        stricter = [
            other
            for at, other in enumerate(policy.caps)
            if (other.when, other.lifted_by) == (cap.when, cap.lifted_by)
            and (policy.urgency(other.priority), -at) > (policy.urgency(cap.priority), -place)
        ]
        if stricter:
            why = f"another cap with the same condition leaves {stricter[0].priority} at most"
        if why:
            yield subject.doubt(Rule.IDLE_CAP, ("caps", place), f"never does anything: {why}", "take it away")


LOOKS = (no_target, default_without_target, hidden_tag, idle_cap)


def _tags(subject: Subject) -> Iterator[tuple[KeyPath, str, Asked]]:
    """Every word that means something in a subject, and what is meant by it."""
    for place, priority in enumerate(subject.policy.priorities):
        yield ("priorities", place, "name"), priority.name, Asked(priority.name)
        for at, tag in enumerate(priority.tags):
            yield ("priorities", place, "tags", at), tag, Asked(priority.name)
    for role, table in subject.document.tree.get("roles", {}).items():
        for at, tag in enumerate(table.get("tags", ())):
            yield ("roles", role, "tags", at), tag, Asked(role=role)


def _never_applies(cap: Cap) -> str:
    if set(cap.when.environments) and set(cap.when.environments) <= set(cap.when.environments_other_than):
        return "its environments are those that it leaves out"
    if any(_holds_wherever(one, cap.when) for one in cap.lifted_by):
        return "it is lifted wherever it holds"
    return ""


def _holds_wherever(weak: Condition, strong: Condition) -> bool:
    """Whether each part of the one condition is a part of the other."""
    nothing = Condition()
    names = [one.name for one in fields(Condition) if one.name != "environments"]
    if weak.environments and not 0 < len(strong.environments) == len(
        {*strong.environments} & {*weak.environments}
    ):
        return False
    return all(getattr(weak, name) in (getattr(nothing, name), getattr(strong, name)) for name in names)
