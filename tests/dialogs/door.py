"""Knows the door that dialogues are held at: who is known there, and its certificate."""

import ssl
from pathlib import Path

from mailgate.core.reply import NO_SUCH_USER, QUEUED, RELAY_DENIED, Reply

HOSTNAME = "mail.vendor.test"
CERTIFICATE = Path(__file__).with_name("door.pem")  # for localhost, made for these tests
_DOMAIN = "vendor.test"
_KNOWN = {"acme", "globex", "postmaster", "abuse", "jörg"}


def doorman(recipient: str, _reverse_path: str) -> Reply:
    local, _, domain = recipient.lower().rpartition("@")
    if not local and domain == "postmaster":
        return QUEUED
    if domain != _DOMAIN:
        return RELAY_DENIED
    return QUEUED if local in _KNOWN else NO_SUCH_USER


def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context
