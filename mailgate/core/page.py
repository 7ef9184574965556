"""Knows what a notification service is told of a page: JSON with the facts, and words for a telephone.

The requester's address and the customer's words are not part of it: they stay in the mail.
"""

import json

from mailgate.core.instant import written
from mailgate.core.localtime import told_brief
from mailgate.core.notice import Page
from mailgate.core.outgoing import Draft, Outgoing


def notification(draft: Draft) -> Outgoing:
    """The page that a draft is, in its final bytes.

    Raises:
        TypeError: it is another kind of mail; those go by mail alone.
    """
    page = draft.context
    if not isinstance(page, Page):
        raise TypeError(f"a {draft.kind} does not go by a notification service")
    summary = _summary(page)
    return draft.outgoing(summary, _content(draft, page, summary), tuple(one.address for one in draft.to))


def _summary(page: Page) -> str:
    ticket = page.ticket
    return f"{ticket.name} {ticket.priority} {ticket.company}: {ticket.title}"


def _content(draft: Draft, page: Page, summary: str) -> bytes:
    ticket = page.ticket
    told = {
        "type": "page",
        "id": draft.message_id.partition("@")[0],
        "timestamp": written(draft.date),
        "summary": summary,
        "text": "\n".join(_lines(page)),
        "ticket": ticket.name,
        "account": draft.account,
        "company": ticket.company,
        "priority": ticket.priority,
        "title": ticket.title,
        "status": ticket.status.value,
        "assignee": ticket.assignee or None,
        "reason": page.reason,
        "step": page.step,
        "steps": page.steps,
        "paged": page.paged,
        "missing": page.missing,
        "targets": [
            {"kind": clock.kind.value, "state": clock.state.value, "due": written(clock.due)}
            for clock in ticket.clocks
            if clock.is_open
        ],
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _lines(page: Page) -> list[str]:
    ticket = page.ticket
    lines = [f"{_capital(page.reason)}."]
    lines += [
        f"{_capital(clock.kind.replace('_', ' '))} {clock.state}, due {told_brief(clock.due, ticket.zone)}"
        for clock in ticket.clocks
        if clock.is_open
    ]
    if page.paged:
        lines.append(f"Paged: {', '.join(page.paged)}")
    if page.missing:
        lines.append(f"Not said, and asked for: {', '.join(page.missing)}")
    return lines


def _capital(words: str) -> str:
    """The words as a sentence begins."""
    return words[:1].upper() + words[1:]
