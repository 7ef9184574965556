"""Knows which files with a secret others may read although nothing refuses them: operators are warned."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from mailgate.config import Configuration
from mailgate.store.place import SECRET, parts

_READ_BY_OTHERS = 0o044


def exposed(configuration: Configuration) -> Iterator[str]:
    """Each of them, with what would be right: the key of TLS, and a configuration that holds a password."""
    settings = configuration.settings
    key = settings.listener.tls_key
    if key is not None and _is_open(key):
        yield f"{key}: others may read the key of TLS: chmod 600 {key}"
    database = settings.database.url
    secret = any(_holds_password(url) for url in settings.relay.url) or _opens_with_a_password(database)
    if secret and _is_open(configuration.file):
        file = configuration.file
        yield f"{file}: others may read it, and it holds a password: chmod 600 {file}"


def _is_open(file: Path) -> bool:
    return bool(file.stat().st_mode & _READ_BY_OTHERS)


def _opens_with_a_password(database: str) -> bool:
    return not database.startswith("sqlite:") and bool(SECRET & parts(database).keys())


def _holds_password(url: str) -> bool:
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        return False
