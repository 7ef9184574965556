"""Knows every number of the door and its default (`behaviour.md` 1.4). Sizes in bytes, times in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, one session and all of them together may do.

    Args:
        sessions, sessions_per_client: at the same time; a client is an IPv4 address or an IPv6 /64.
        connections_per_client, messages_per_client: in a minute.
        soft_errors: refused commands until each further one is answered `error_delay` later;
            `hard_errors` until the session ends. An accepted mail sets both to zero, as in Postfix.
        idle_commands: NOOP, RSET, VRFY, EHLO and their like until a mail is accepted.
        logins, logins_per_client: attempts to authenticate, which is not offered; in a session, in a minute.
        strangers: recipients that nobody here is, in a session that has named no other.
        recipient_overshoot: recipients over the limit that are answered 452 without counting as errors.
        command_bytes: RFC 5321 section 4.5.3.1.4 asks for 512, its extensions for a little more.
        greeting_delay: how long a client is watched for talking before it was greeted.
        idle, idle_crowded: of silence between commands; the other where most of the sessions are taken.
        proxy_header: how long a proxy is waited for to say who its client is.
        tls_handshake: how long all of a TLS handshake may take.
        data_idle, data_whole: between two pieces of a mail, and for all of it.
        data_rate, data_rate_grace: bytes per second that must come on average once the grace is over.
        text_line_bytes: RFC 5321 asks for 1000; real mail has longer lines.
        hops: Received fields; RFC 5321 section 6.3 wants at least 100.
        bytes_in_flight: of memory for mails in all sessions that are not yet in the spool; a mail takes
            twice its size.
        free_bytes: room on the disk under which no mail is taken.
    """

    message_bytes: int = 26_214_400
    recipients: int = 100
    recipient_overshoot: int = 1000
    sessions: int = 1000
    sessions_per_client: int = 20
    connections_per_client: int = 300
    messages_per_client: int = 300
    soft_errors: int = 10
    hard_errors: int = 20
    error_delay: float = 1.0
    idle_commands: int = 100
    logins: int = 3
    logins_per_client: int = 10
    strangers: int = 10
    command_bytes: int = 1024
    greeting_delay: float = 0.0
    proxy_header: float = 10.0
    idle: float = 300.0
    idle_crowded: float = 10.0
    tls_handshake: float = 30.0
    data_idle: float = 180.0
    data_whole: float = 1800.0
    data_rate: int = 500
    data_rate_grace: float = 30.0
    text_line_bytes: int = 65_536
    header_bytes: int = 262_144
    header_lines: int = 5_000
    hops: int = 100
    bytes_in_flight: int = 268_435_456
    free_bytes: int = 268_435_456
