"""Knows the keys of `mailgate.toml` and their defaults.

Units stand in the names. The starter configuration shows every key with its default.
"""

import ssl
from dataclasses import replace
from pathlib import Path
from typing import Self

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from mailgate.config.authentication import AuthenticationTable
from mailgate.config.dkim import DkimTable
from mailgate.config.fields import (
    Address,
    Addresses,
    BesideFile,
    Domain,
    Door,
    Line,
    ListenAt,
    Mode,
    Name,
    Network,
    Separator,
    TimeOfDay,
    Zone,
    absolute,
    secret_word,
)
from mailgate.config.notifiers import NotifyTable
from mailgate.config.problem import Problem
from mailgate.config.relay import RelayTable
from mailgate.config.rotas import RotaTable
from mailgate.config.toml import Document, Section, reject, validate
from mailgate.core.listening import COPIES, BareNewlines
from mailgate.store.place import parts

_MEGABYTE = 1024 * 1024
_SQLITE = "sqlite:///"
_SHORTEST_TOKEN = 24  # characters
_GUARDED_BY = "token_file, which `openssl rand -base64 32` can make, of mode 0600"


class DeskTable(Section):
    """`[service]`: who we are."""

    name: Line = Field(description="the support desk's name", examples=["Example Support"])
    domain: Domain = Field(description="the domain of the aliases", examples=["support.example.com"])
    secret_file: BesideFile = Field(default="../var/secret.key", validate_default=True)
    separator: Separator = "+"
    links: dict[str, str] = Field(default_factory=dict)


class ListenerTable(Section):
    """`[listener]`: mail in, and what one client may take of the machine (`behaviour.md` 1.4)."""

    smtp: tuple[ListenAt, ...] = Field(default=("127.0.0.1:2525",), validate_default=True)
    lmtp: tuple[Door, ...] = ()
    lmtp_socket_mode: Mode = Field(default="0660", validate_default=True)
    max_message_bytes: int = Field(default=25 * _MEGABYTE, ge=65536)
    max_recipients: int = Field(default=100, ge=100)  # RFC 5321 section 4.5.3.1.8: no less than 100
    max_sessions: int = Field(default=1000, ge=1)
    max_sessions_per_client: int = Field(default=20, ge=1)
    connections_per_client_per_minute: int = Field(default=300, ge=1)
    messages_per_client_per_minute: int = Field(default=300, ge=1)
    exempt_clients: tuple[Network, ...] = Field(default=("127.0.0.0/8", "::1/128"), validate_default=True)
    proxy_from: tuple[Network, ...] = ()
    max_errors: int = Field(default=20, ge=1)
    idle_seconds: int = Field(default=300, ge=1)  # RFC 5321 section 4.5.3.2.7: five minutes
    data_seconds: int = Field(default=1800, ge=1)
    bytes_in_flight: int = Field(default=256 * _MEGABYTE, ge=65536)
    bare_newlines: BareNewlines = BareNewlines.NORMALISE
    tls_certificate: BesideFile | None = None
    tls_key: BesideFile | None = None
    require_tls: bool = False

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if not self.smtp and not self.lmtp:
            raise reject("has neither smtp nor lmtp", "at least one address to listen on")
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise reject("has one of tls_certificate and tls_key", "both, or neither")
        if self.require_tls and self.tls_certificate is None:
            raise reject("require_tls without a certificate", "tls_certificate and tls_key as well")
        if self.tls_certificate is not None:
            _try_certificate(self.tls_certificate, self.tls_key)
        if self.bytes_in_flight < COPIES * self.max_message_bytes:
            wrong = "bytes_in_flight is less than twice max_message_bytes"
            raise reject(wrong, "room for one mail, which is checked and packed in a second copy")
        return self


class DatabaseTable(Section):
    """`[database]`: where everything is kept."""

    url: str = Field(default="sqlite:///../var/mailgate.db", validate_default=True, repr=False)
    min_free_bytes: int = Field(default=256 * _MEGABYTE, ge=0)

    @field_validator("url")
    @classmethod
    def _known(cls, url: str, known: ValidationInfo) -> str:
        if url.startswith("postgresql://"):
            _try_postgresql(url)
            return url
        path = url.removeprefix(_SQLITE)
        if path in {url, "", ":memory:"}:
            told = f'"{url}" ' if url.startswith("sqlite:") else ""  # or there might be a password in it
            right = "sqlite:///FILE or postgresql://user@host/name"
            raise reject(f"{told}is no database that keeps mail", right)
        return f"{_SQLITE}{absolute(path, known)}"


class DigestTable(Section):
    """`[digest]`: the daily mail to the operators; they also get what is sent to postmaster and abuse."""

    to: Addresses = Field(description="who runs the desk", examples=[["ops@example.com"]])
    at: TimeOfDay = Field(default="08:00", validate_default=True)
    timezone: Zone = "UTC"


class WebTable(Section):
    """`[web]`: health and metrics, for this machine alone or for who has the token."""

    listen: ListenAt = Field(default="127.0.0.1:8025", validate_default=True)
    token_file: BesideFile | None = None
    _token: str = PrivateAttr(default="")

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if self.token_file is not None:
            self._token = secret_word("token_file", self.token_file)
            if len(self._token) < _SHORTEST_TOKEN:
                raise reject(f"the token has fewer than {_SHORTEST_TOKEN} characters", _GUARDED_BY)
        elif not self.listen.is_loopback:
            raise reject(f"listens on {self.listen}, beyond this machine, without a token", _GUARDED_BY)
        return self

    @property
    def token(self) -> str:
        """What a reader of the pages must show; empty: nothing."""
        return self._token


class StaffTable(Section):
    """`[[staff]]`: a person who answers tickets."""

    name: Line = Field(description="the name that customers see", examples=["Sam Rivera"])
    email: Address = Field(description="where their notices go", examples=["sam@example.com"])


class Settings(Section):
    """`mailgate.toml` as a whole."""

    service: DeskTable
    listener: ListenerTable
    authentication: AuthenticationTable = Field(default_factory=AuthenticationTable)
    database: DatabaseTable
    relay: RelayTable
    digest: DigestTable
    web: WebTable
    staff: tuple[StaffTable, ...] = Field(default=(), description="who answers tickets")
    rotas: dict[Name, RotaTable] = Field(default={}, description="who takes turns to be on call")
    notify: dict[Name, NotifyTable] = Field(default={}, description="services that pages go to")
    dkim: tuple[DkimTable, ...] = Field(default=(), description="keys that sign what goes out")


def read_settings(document: Document) -> tuple[Settings | None, tuple[Problem, ...]]:
    """The settings of a `mailgate.toml`, or every mistake in it."""
    # A section that is left out takes its defaults, and misses its keys by their names.
    sections: dict[str, object] = {
        name: {} for name, wanted in Settings.model_fields.items() if wanted.is_required()
    }
    return validate(Settings, replace(document, tree=sections | dict(document.tree)))


def _try_certificate(certificate: Path, key: Path | None) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")  # or it would ask on the terminal
    except OSError as error:  # ssl.SSLError is one
        reason = str(getattr(error, "reason", "") or error.strerror or error).replace("_", " ").lower()
        wrong = f"tls_certificate {certificate} with tls_key {key}: {reason}"
        raise reject(wrong, "PEM files that belong together, the key without a password") from None


def _try_postgresql(url: str) -> None:
    try:
        parts(url)
    except ValueError as error:
        right = "postgresql://user@host/name, or postgresql://user@one:5432,two:5432/name for several servers"
        raise reject(str(error), right) from None
