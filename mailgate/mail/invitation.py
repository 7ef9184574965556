"""Knows what an invitation to a meeting says, for a mail that is nothing else (RFC 5545, RFC 5546)."""

import re

from mailgate.mail import limits

_FOLD = re.compile(r"\n[ \t]")
_PROPERTY = re.compile(r'([A-Za-z-]{1,40})((?:;[^:"]*(?:"[^"]*"[^:"]*)*)?):(.*)')
_ESCAPE = re.compile(r"\\([\\;,nN])")
_INSTANT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_ZONE = re.compile(r';TZID="?([^;":\n]{1,80})', re.IGNORECASE)
_NAME = re.compile(r';CN=(?:"([^"]{1,200})|([^;":]{1,200}))', re.IGNORECASE)
_METHODS = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Another time is proposed",
}
_ANSWER = re.compile(r";PARTSTAT=([A-Za-z-]{1,40})", re.IGNORECASE)
_ANSWERS = {"ACCEPTED": "accepts", "DECLINED": "declines", "TENTATIVE": "accepts tentatively"}

_Properties = dict[str, tuple[str, str]]


def text(calendar: str) -> str:
    """The first event of the calendar in words; empty if there is none."""
    unfolded = _FOLD.sub("", calendar[: limits.TEXT_CHARS])
    method, event = _read(unfolded)
    if not event:
        return ""
    rows = [
        (_METHODS.get(method, "Event"), _said(event, "SUMMARY")),
        ("When", _when(event)),
        ("Where", _said(event, "LOCATION")),
        ("Organizer", _person(event.get("ORGANIZER"))),
        ("Answer", _answer(event) if method == "REPLY" else ""),
    ]
    told = "\n".join(f"{label}: {value}" for label, value in rows if value)
    description = _said(event, "DESCRIPTION") or _said(event, "COMMENT")
    return f"{told}\n\n{description}" if description else told


def _read(calendar: str) -> tuple[str, _Properties]:
    """What is to be done with the event, and its properties; those of alarms and time zones are others'."""
    method = ""
    event: _Properties = {}
    inside: list[str] = []
    for found in filter(None, map(_PROPERTY.match, calendar.split("\n"))):
        name, value = found[1].upper(), found[3].strip()
        match name:
            case "BEGIN":
                inside.append(value.upper())
            case "END":
                del inside[-1:]
                if value.upper() == "VEVENT":
                    break
            case "METHOD" if not event:
                method = value.upper()
            case _ if inside[-1:] == ["VEVENT"]:
                event.setdefault(name, (found[2], value))
            case _:
                pass
    return method, event


def _said(event: _Properties, name: str) -> str:
    words = event.get(name, ("", ""))[1]
    return _ESCAPE.sub(lambda escape: "\n" if escape[1] in "nN" else escape[1], words).strip()


def _when(event: _Properties) -> str:
    start, end = _instant(event.get("DTSTART")), _instant(event.get("DTEND"))
    return f"{start} to {end}" if start and end and start != end else start or end


def _instant(told: tuple[str, str] | None) -> str:
    """`2026-11-23 19:00 Europe/Berlin`: as it is written, nothing is reckoned."""
    found = _INSTANT.match(told[1]) if told else None
    if not (told and found):
        return ""
    day = "-".join(found.groups()[:3])
    if not found[4]:
        return day
    zone = _ZONE.search(told[0])
    return f"{day} {found[4]}:{found[5]}" + (" UTC" if found[6] else f" {zone[1]}" if zone else "")


def _person(told: tuple[str, str] | None) -> str:
    if not told:
        return ""
    name = _NAME.search(told[0])
    address = re.sub("^mailto:", "", told[1], flags=re.IGNORECASE)
    shown = (name[1] or name[2]).strip() if name else ""
    return f"{shown} <{address}>" if shown not in {"", address} else address


def _answer(event: _Properties) -> str:
    told = event.get("ATTENDEE")
    answer = _ANSWER.search(told[0]) if told else None
    if not answer:
        return ""
    return f"{_person(told)} {_ANSWERS.get(answer[1].upper(), answer[1].lower())}"
