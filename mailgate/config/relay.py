"""Knows the keys of `[relay]`: by which mail servers mail goes out, and how they are spoken to."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from mailgate import privatefile
from mailgate.config.fields import absolute
from mailgate.config.toml import Section, reject
from mailgate.core.route import MaildirRoute, Route, SmarthostRoute, Tls, read_route

_URLS = 'a URL, such as "smtp://mx.example.com:587", or a list of them in the order in which they are tried'
_FILES = "a path, or a list of them: one for each url, empty where it needs none"


@dataclass(frozen=True, slots=True)
class Password:
    """What a file of a password holds; empty where there is none."""

    text: str = field(default="", repr=False)


class RelayTable(Section):
    """`[relay]`: mail out."""

    url: tuple[str, ...] = Field(default="maildir:../var/sent", validate_default=True, repr=False)
    password_file: tuple[Password, ...] = ()
    tls: Tls = Tls.OFFERED
    connections: int = Field(default=10, ge=1, le=100)
    mails_per_connection: int = Field(default=100, ge=1)
    timeout_seconds: int = Field(default=60, ge=1)
    lease_seconds: int = Field(default=30, ge=1, le=300)
    suppress_days: int = Field(default=60, ge=0, le=3650)

    @field_validator("url", mode="plain")
    @classmethod
    def _in_order(cls, value: object, known: ValidationInfo) -> tuple[str, ...]:
        return _urls(value, known)

    @field_validator("password_file", mode="plain")
    @classmethod
    def _read(cls, value: object, known: ValidationInfo) -> tuple[Password, ...]:
        return _passwords(value, known)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.password_file and not any(
            isinstance(route, SmarthostRoute) and route.username for route in self.routes
        ):
            raise reject("has a password_file, and no url names a user", "smtp://user@host:port")
        return self

    @property
    def routes(self) -> tuple[Route, ...]:
        """Where mail goes out, in order: a folder, or one server or more."""
        routes = [read_route(url, self.tls) for url in self.url]
        files = self.password_file if len(self.password_file) > 1 else self.password_file * len(routes)
        return tuple(
            _with_password(route, password)
            for route, password in zip(routes, files or [Password()] * len(routes), strict=True)
        )


def _with_password(route: Route, password: Password) -> Route:
    if isinstance(route, MaildirRoute) or not route.username or route.password:
        return route
    return replace(route, password=password.text)


def _urls(value: object, known: ValidationInfo) -> tuple[str, ...]:
    urls = _texts(value, _URLS)
    if not urls:
        raise reject("is empty", _URLS)
    read = tuple(_absolute(url, known) for url in urls)
    if len(read) > 1 and any(url.startswith("maildir:") for url in read):
        raise reject("names a maildir among others", "one maildir alone: it takes everything")
    return read


def _absolute(url: str, known: ValidationInfo) -> str:
    try:
        route = read_route(url)
    except ValueError as error:
        wrong, _, right = str(error).partition("; ")
        raise reject(wrong, right) from None
    match route:
        case MaildirRoute(folder):
            return f"maildir:{absolute(folder, known)}"
        case SmarthostRoute(socket=socket) if socket:
            return f"lmtp:unix:{absolute(socket, known)}"
        case SmarthostRoute():
            return url


def _passwords(value: object, known: ValidationInfo) -> tuple[Password, ...]:
    files = _texts(value, _FILES)
    urls = known.data.get("url")
    if urls is not None and len(files) > 1 and len(files) != len(urls):
        raise reject(f"has {len(files)} files for {len(urls)} urls", _FILES)
    return tuple(_password(absolute(file, known)) if file else Password() for file in files)


def _password(file: Path) -> Password:
    try:
        return Password(privatefile.word(file))
    except privatefile.PrivateFileError as fault:
        raise reject(f"{file}: {fault.wrong}", fault.right) from None


def _texts(value: object, right: str) -> tuple[str, ...]:
    values = value if isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(one, str) for one in values):
        raise reject("is no text", right)
    return tuple(values)
