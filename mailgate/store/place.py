"""Knows where a PostgreSQL database is, as its URL says it: one server, or several of which one takes writes.

Nothing of a URL is repeated when something is wrong with it: any part of it might be the password.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

SECRET = frozenset({"password", "sslpassword"})
_UNFIT = ("client_encoding", "replication")
_PORTS = range(1, 65536)


def parts(url: str) -> dict[str, Any]:
    """The parts of `postgresql://user@host:port,host:port/name?option=value`, in libpq's words.

    Raises:
        ValueError: mailgate cannot work with it; why, in words that go on after its key.
    """
    try:
        found = conninfo_to_dict(url)
    except (psycopg.ProgrammingError, UnicodeDecodeError) as fault:
        raise ValueError("is no URL of a PostgreSQL database") from fault
    wrong = next(_wrong(found), None)
    if wrong:
        raise ValueError(wrong)
    return found


def shown(url: str) -> str:
    """The URL for people, and for programs of PostgreSQL: all of it but passwords.

    Raises:
        ValueError: as `parts`.
    """
    found = {name: str(value) for name, value in parts(url).items() if name not in SECRET}
    user, name = (quote(found.pop(part, ""), safe="") for part in ("user", "dbname"))
    hosts, ports = _servers(found)
    places = ",".join(_place(*one) for one in zip(hosts, ports, strict=True))
    options = urlencode({part: found[part] for part in found.keys() - {"host", "port"}}, quote_via=quote)
    return f"postgresql://{user}{'@' if user else ''}{places}/{name}{'?' if options else ''}{options}"


def _wrong(found: Mapping[str, Any]) -> Iterator[str]:
    if any("@" in str(found.get(part, "")) for part in ("host", "dbname")):
        yield "has an @ behind its servers: in a password write %40 for @ and %2F for /"
    yield from (f"sets {name}, which is mailgate's own" for name in _UNFIT if name in found)
    hosts, ports = str(found.get("host", "")).split(","), str(found.get("port", "")).split(",")
    if not all(not port or (port.isascii() and port.isdigit() and int(port) in _PORTS) for port in ports):
        yield "has a port that is no number from 1 to 65535"
    if len(ports) not in {1, len(hosts)}:
        yield "has more servers than ports, or fewer: name one port, or one for each"
    if not all(host.startswith("/") or _is_name(host) for host in hosts):
        yield "names a server that there cannot be"


def _servers(found: Mapping[str, str]) -> tuple[list[str], list[str]]:
    hosts, ports = found.get("host", "").split(","), found.get("port", "").split(",")
    return hosts, ports * len(hosts) if len(ports) == 1 else ports


def _place(host: str, port: str) -> str:
    is_address = ":" in host and not host.startswith("/")
    name = f"[{host}]" if is_address else quote(host, safe="")
    return f"{name}:{port}" if port else name


def _is_name(host: str) -> bool:
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True
