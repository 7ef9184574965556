"""Knows who may ask the pages, and how: nobody may change anything, and a token shuts out who has none.

Wrong tokens are counted by client and minute; from one that guesses no more are looked at, right or wrong,
so that guessing takes longer than anybody lives.
"""

import asyncio
import hmac
from base64 import b64decode
from binascii import Error as BadBase64
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

GUESSES = 10  # wrong tokens from one client in one minute; then it is told to wait
_MINUTE = 60
_READING = frozenset({"GET", "HEAD"})
_MOST_CLIENTS = 10_000  # that are counted; as many as guess in one minute
_log = structlog.get_logger()


class Guard:
    """The pages, for those who may read them.

    Args:
        token: gives what is demanded today; empty: nothing is. A reload may change it.
    """

    def __init__(self, pages: ASGIApp, token: Callable[[], str]) -> None:
        self._pages = pages
        self._token = token
        self._minute = 0
        self._wrong: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: the page, or why not."""
        refused = self._refusal(Request(scope)) if scope["type"] == "http" else None
        await (refused or self._pages)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in _READING:
            return PlainTextResponse("only GET and HEAD\n", 405, {"Allow": ", ".join(sorted(_READING))})
        token = self._token()
        if not token:
            return None
        client = _client(request)
        if self._guessed(client) >= GUESSES:
            return PlainTextResponse("too many wrong tokens\n", 429, {"Retry-After": str(_MINUTE)})
        shown = _shown(request.headers.get("authorization", ""))
        if shown and hmac.compare_digest(shown, token.encode()):
            return None
        if shown:
            self._count(client)
        asks = 'Basic realm="mailgate", charset="UTF-8", Bearer'
        return PlainTextResponse("a token is needed\n", 401, {"WWW-Authenticate": asks})

    def _guessed(self, client: str) -> int:
        """How often the client was wrong in this minute."""
        minute = int(asyncio.get_running_loop().time()) // _MINUTE
        if minute != self._minute:
            self._minute, self._wrong = minute, Counter()
        # Who comes after the most that are counted is one of many, and they are counted as one.
        return self._wrong[client if client in self._wrong or len(self._wrong) < _MOST_CLIENTS else ""]

    def _count(self, client: str) -> None:
        known = client in self._wrong or len(self._wrong) < _MOST_CLIENTS
        self._wrong[client if known else ""] += 1
        if self._wrong[client] == GUESSES:
            _log.warning("A client guesses at the token of the pages.", what="token_guessed", client=client)


def _client(request: Request) -> str:
    """An IPv4 address, in IPv6 clothes or not, or the /64 of an IPv6 address: who has one of it has all."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    mapped = getattr(address, "ipv4_mapped", None)
    if isinstance(address, IPv6Address) and mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(mapped or address)


def _shown(authorization: str) -> bytes:
    """The token of a Bearer (RFC 6750 section 2.1) or the password of a Basic (RFC 7617 section 2) header."""
    scheme, _, given = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            return given.strip().encode("latin-1", "replace")
        case "basic":
            try:
                return b64decode(given.strip(), validate=True).partition(b":")[2]
            except (BadBase64, ValueError):
                return b"?"
        case _:
            return b""
