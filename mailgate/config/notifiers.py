"""Knows the tables `[notify.NAME]`: notification services that pages go to, and where their secrets lie.

What is secret stands in a file of its own or in the environment, and is never shown.
"""

import os
from base64 import b64decode
from binascii import Error as BadBase64
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, model_validator

from mailgate.config.fields import BesideFile, secret_word
from mailgate.config.toml import Section, reject
from mailgate.core.notifier import Messenger, Notifier, Webhook

_PREFIX = "whsec_"  # of the Standard Webhooks specification: the rest is base64
_WEB = frozenset({"http", "https"})
_URL_TO_BE = "such as https://hooks.example.com/mailgate"
_SHORTEST = 24  # octets; that specification asks for 24 to 64
_MAKE_ONE = "secret_file, which `openssl rand -base64 32` can make, or secret_environment"


class NotifyTable(Section):
    """`[notify.NAME]`: `http:` and `https:` URLs are webhooks, all others are Apprise's."""

    url: str = Field(
        default="", description="of a webhook", examples=["https://hooks.example.com/mailgate"], repr=False
    )
    url_file: BesideFile | None = None
    url_environment: str = ""
    secret_file: BesideFile | None = None
    secret_environment: str = ""
    timeout_seconds: int = Field(default=10, ge=1, le=60)
    _address: str = PrivateAttr(default="")
    _secret: bytes = PrivateAttr(default=b"")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = [bool(self.url), self.url_file is not None, bool(self.url_environment)]
        if sum(given) != 1:
            raise reject("has none or several of url, url_file and url_environment", "one of them")
        self._address = self.url or _word("url", self.url_file, self.url_environment)
        if _scheme(self._address) in _WEB:
            self._secret = _key(_word("secret", self.secret_file, self.secret_environment))
        elif self.url:
            wrong = "a URL of Apprise holds the keys of your account there"
            raise reject(wrong, "url_file or url_environment instead of url")
        elif self.secret_file is not None or self.secret_environment:
            raise reject("only a webhook is signed", "neither secret_file nor secret_environment")
        return self

    def notifier(self, name: str) -> Notifier:
        """The service as the rest of mailgate sees it."""
        if self._secret:
            return Webhook(name, self._address, self._secret, self.timeout_seconds)
        return Messenger(name, self._address, self.timeout_seconds)


def _scheme(address: str) -> str:
    """The scheme; what follows one of Apprise's is for Apprise alone to read."""
    scheme, colon, _ = address.partition("://")
    if not (scheme and colon):
        raise reject("its URL names no place", _URL_TO_BE)
    if scheme.lower() in _WEB:
        try:
            parts = urlsplit(address)
            names_a_place = parts.hostname and parts.port != 0
        except ValueError:
            raise reject("its URL cannot be read", _URL_TO_BE) from None
        if not names_a_place:
            raise reject("its URL names no place", _URL_TO_BE)
    return scheme.lower()


def _word(what: str, file: Path | None, variable: str) -> str:
    """What a file or a variable says, without the line's end."""
    if (file is None) == (not variable):
        wrong = f"a webhook is signed: one of {what}_file and {what}_environment is needed"
        raise reject(wrong, _MAKE_ONE)
    if file:
        return secret_word(f"{what}_file", file)
    word = os.environ.get(variable, "").strip()
    if not word:
        raise reject(f"{what}: the environment variable {variable} is empty", f"the {what} on one line")
    return word


def _key(word: str) -> bytes:
    """The octets that sign: decoded where the word says so, else the word itself."""
    try:
        key = (
            b64decode(word.removeprefix(_PREFIX), validate=True)
            if word.startswith(_PREFIX)
            else word.encode()
        )
    except BadBase64:
        key = b""
    if len(key) < _SHORTEST:
        raise reject(f"its secret has fewer than {_SHORTEST} octets", _MAKE_ONE)
    return key
