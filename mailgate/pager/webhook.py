"""Knows how a page is posted as signed JSON, and what an answer means.

Signed as the Standard Webhooks specification has it (https://www.standardwebhooks.com): an HMAC-SHA256 over
the id, the moment of the attempt and the body. The id stays the same over all attempts.
"""

import asyncio
import hmac
import logging
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2

from mailgate.core.instant import ticks
from mailgate.core.notifier import Webhook
from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import Attempt, Ending

AGAIN = frozenset({408, 425, 429})
"""Answers below 500 that are about the moment, not the page (RFC 9110 section 15.5.9, RFC 8470, RFC 6585)."""

_SERVER_ERROR = 500
_LONGEST_REST = timedelta(hours=1)  # however long the service would like to be left alone
_READ = 200  # octets of an answer that are kept, for the operator
_CONNECTIONS = 20


class Webhooks:
    """Posts pages; connections are used again."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._client: httpx2.AsyncClient | None = None

    async def post(self, webhook: Webhook, mail: Outgoing) -> Attempt:
        """One attempt: sent on a 2xx, refused on what will never succeed, deferred on everything else."""
        header = signed(webhook.secret, page_id(mail), self._now(), mail.content)
        try:
            async with (
                asyncio.timeout(webhook.timeout),
                self._open().stream("POST", webhook.url, content=mail.content, headers=header) as answer,
            ):
                said = await _beginning(answer)
                return _outcome(answer, said, self._now())
        except TimeoutError:
            return Attempt(Ending.DEFERRED, f"no answer within {webhook.timeout:g} seconds")
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
            return Attempt(Ending.REFUSED, "its URL cannot be used")
        except (httpx2.HTTPError, OSError) as fault:
            return Attempt(Ending.DEFERRED, str(fault) or type(fault).__name__)

    async def close(self) -> None:
        """Closes every connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _open(self) -> httpx2.AsyncClient:
        """The client, made at the first page: reading the system's certificates takes a moment."""
        if self._client is None:
            for library in ("httpx2", "httpcore2"):
                # Below a warning, they write URLs with their tokens.
                logging.getLogger(library).setLevel(logging.WARNING)
            self._client = httpx2.AsyncClient(
                timeout=None,  # `post` says how long the whole may take
                limits=httpx2.Limits(max_connections=_CONNECTIONS),
                follow_redirects=False,  # a page goes where the operator said, and nowhere else
                trust_env=False,
            )
        return self._client


def signed(secret: bytes, id_: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The header fields of a page: what it is, its id, when it was sent, and the signature of all three."""
    timestamp = str(ticks(at) // 1000)
    content = b".".join((id_.encode(), timestamp.encode(), body))
    return {
        "Content-Type": "application/json",
        "User-Agent": "mailgate",
        "webhook-id": id_,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{b64encode(hmac.digest(secret, content, 'sha256')).decode()}",
        "Idempotency-Key": id_,
    }


def page_id(mail: Outgoing) -> str:
    """What a page is called in every attempt."""
    return mail.message_id.partition("@")[0]


async def _beginning(answer: httpx2.Response) -> str:
    """The first words of an answer, on one line."""
    read = b""
    async for part in answer.aiter_raw():
        read += part
        if len(read) >= _READ:
            break
    words = " ".join(read[:_READ].decode("utf-8", "replace").split())
    return "".join(one if one.isprintable() else "?" for one in words)


def _outcome(answer: httpx2.Response, said: str, now: datetime) -> Attempt:
    status = answer.status_code
    reply = f"HTTP {status} {said}".rstrip()
    if answer.is_success:
        return Attempt(Ending.SENT, reply)
    if answer.is_redirect:
        return Attempt(Ending.REFUSED, f"HTTP {status}: it points to another place, which is not followed")
    if status in AGAIN or status >= _SERVER_ERROR:
        return Attempt(Ending.DEFERRED, reply, rest=_rest(answer.headers.get("Retry-After", ""), now))
    return Attempt(Ending.REFUSED, reply)


def _rest(retry_after: str, now: datetime) -> timedelta | None:
    """How long the service asks to be left alone: seconds, or a date (RFC 9110 section 10.2.3)."""
    if retry_after.isascii() and retry_after.isdecimal():
        return min(timedelta(seconds=int(retry_after[:9])), _LONGEST_REST)
    with suppress(ValueError):
        until = parsedate_to_datetime(retry_after)
        asked = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
        return max(timedelta(0), min(asked, _LONGEST_REST))
    return None
