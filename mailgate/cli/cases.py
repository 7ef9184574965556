"""Knows how a case for `sla due` and its answer are written in JSON (`contract.md`)."""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NoReturn

from mailgate.core.account import AliasRole
from mailgate.core.case import Case
from mailgate.core.instant import read, written
from mailgate.core.policy import Policy
from mailgate.core.promise import Promise, promised

CHANNELS = ("email", "web")
_LONGEST_NUMBER = 20  # digits
ROLES = tuple(role.value for role in AliasRole)


class CaseError(ValueError):
    """A case that does not say what it must, or says it wrongly."""


def answer(line: bytes, policies: Mapping[str, Policy]) -> dict[str, Any]:
    """The answer to a line of JSON Lines; of a bad line, what is wrong with it."""
    asked: Any = None
    try:
        asked = json.loads(line.strip(), parse_constant=_no_number, parse_int=_number)
        policy, case, received = _read(asked, policies)
        promise = promised(policy, case, received)
    except RecursionError:
        return {"id": None, "error": "the line is nested too deeply"}
    except (ValueError, OverflowError) as error:  # bad JSON and bad UTF-8 are ValueErrors too
        return {"id": _id(asked), "error": _one_line(error)}
    return {"id": _id(asked), **plain(promise)}


def plain(promise: Promise) -> dict[str, Any]:
    """A promise as the contract writes it."""
    return {
        "priority": promise.priority,
        "entitled": promise.entitled,
        "targets": [
            {"kind": target.kind.value, "due": written(target.due) if target.due else None}
            for target in promise.targets
        ],
    }


def full(promise: Promise) -> dict[str, Any]:
    """A promise with all that is known of it."""
    return {
        **plain(promise),
        "asked": promise.asked,
        "because": promise.because,
        "pages": promise.pages,
        "notes": list(promise.notes),
        "missing": list(promise.missing),
        "targets": [
            {
                "kind": target.kind.value,
                "due": target.due,
                "within": target.words,
                "expected_from": target.expected_from,
                "warn_at": target.warn_at,
                "calendar": target.calendar or None,
                "timezone": target.zone,
                "met_by": target.met_by or None,
            }
            for target in promise.targets
        ],
    }


def _read(asked: Any, policies: Mapping[str, Policy]) -> tuple[Policy, Case, datetime]:
    if not isinstance(asked, dict):
        raise CaseError("a case is a JSON object")
    name = _text(asked, "policy", required=True)
    if name not in policies:
        raise CaseError(f"there is no policy '{name}'; there is {', '.join(policies)}")
    case = Case(
        plan=_text(asked, "plan", required=True),
        region=_text(asked, "region"),
        asked=_text(asked, "priority"),
        channel=_one_of(asked, "channel", CHANNELS),
        role=_one_of(asked, "role", ROLES),
        environment=_text(asked, "environment"),
        fields=_fields(asked.get("fields")),
        security_incident=_truth(asked, "security_incident"),
        projects=_texts(asked, "projects") if asked.get("projects") is not None else None,
        launches=tuple(map(_date, _texts(asked, "launches"))),
        options=_texts(asked, "options"),
    )
    return policies[name], case, read(_text(asked, "received", required=True))


def _text(asked: Mapping[str, Any], key: str, *, required: bool = False) -> str:
    value = asked.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise CaseError(f"{key} is missing" if value is None else f"{key} is a text")
    return value


def _one_of(asked: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str:
    value = _text(asked, key) or known[0]
    if value not in known:
        raise CaseError(f"{key} '{value}' is not known; it is one of {', '.join(known)}")
    return value


def _truth(asked: Mapping[str, Any], key: str) -> bool:
    value = asked.get(key)
    if value is not None and not isinstance(value, bool):
        raise CaseError(f"{key} is true or false")
    return bool(value)


def _fields(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str | int | float) for one in value.values()):
        raise CaseError("fields is an object of texts")
    return {name: str(one) for name, one in value.items()}


def _texts(asked: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = asked.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise CaseError(f"{key} is a list of texts")
    return tuple(value)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CaseError(f"'{text}' is no date; write one like 2026-12-01") from None


def _id(asked: Any) -> Any:
    """The caller's own name for the case, given back: a text or a number."""
    value = asked.get("id") if isinstance(asked, dict) else None
    if isinstance(value, float) and not math.isfinite(value):  # 1e999 is JSON, infinity is not
        return None
    return value if isinstance(value, str | int | float) else None


def _number(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise CaseError("a number in the line is too long")
    return int(digits)


def _no_number(constant: str) -> NoReturn:
    raise CaseError(f"{constant} is no JSON")


def _one_line(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"the line is no JSON: {error.msg} at column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "the line is not UTF-8"
    return " ".join(str(error).split())
