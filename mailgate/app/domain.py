"""Knows how the world is asked about the domain of a configuration: what it publishes for mail in and out."""

import asyncio

from mailgate.app.dkim import PublicKey, published
from mailgate.authentication import organisations
from mailgate.config import Configuration
from mailgate.core import domain as records
from mailgate.core.dmarc import names
from mailgate.core.dnsrecord import ascii_name
from mailgate.core.domain import Finding
from mailgate.core.listening import Place
from mailgate.core.lookup import Answer, Found, Nothing, RecordType
from mailgate.core.route import SmarthostRoute
from mailgate.resolver import Resolver


async def findings(configuration: Configuration, resolver: Resolver) -> tuple[Finding, ...]:
    """How it stands with each record that the domain needs.

    Raises:
        ConfigurationError: a key of DKIM cannot be used.
    """
    domain = ascii_name(configuration.desk.domain)
    keys = published(configuration) if configuration.settings.dkim else ()
    asked = await asyncio.gather(  # at once: a DNS that does not answer is waited for but once
        _exchanges(domain, resolver),
        _sending(domain, resolver, _sends(configuration)),
        *(_key(one, resolver) for one in keys),
        _request(domain, resolver),
    )
    return tuple(asked)


def resolver(configuration: Configuration) -> Resolver:
    """Who is asked, by the configuration."""
    settings = configuration.settings.authentication
    return Resolver(settings.dns_servers, settings.dns_seconds)


async def _exchanges(domain: str, resolver: Resolver) -> Finding:
    answer = await resolver.ask(domain, RecordType.MX)
    hosts = answer.records if isinstance(answer, Found) else (domain,)
    found = await asyncio.gather(*(_addresses(host, resolver) for host in hosts))
    return records.exchanges(domain, answer, dict(zip(hosts, found, strict=True)))


async def _sending(domain: str, resolver: Resolver, sends: str) -> Finding:
    return records.sending(domain, await resolver.ask(domain, RecordType.TXT), sends)


async def _addresses(host: str, resolver: Resolver) -> Answer:
    """What is known of the addresses of a host, of either kind."""
    answers = [await resolver.ask(host, kind) for kind in (RecordType.A, RecordType.AAAA)]
    found = next((one for one in answers if isinstance(one, Found)), None)
    return found or next((one for one in answers if not isinstance(one, Nothing)), answers[0])


async def _request(domain: str, resolver: Resolver) -> Finding:
    places = names(domain, organisations())
    answers = await asyncio.gather(*(resolver.ask(place, RecordType.TXT) for place in places))
    return records.request(domain, answers)


async def _key(one: PublicKey, resolver: Resolver) -> Finding:
    return records.key(one.selector, one.name, one.record, await resolver.ask(one.name, RecordType.TXT))


def _sends(configuration: Configuration) -> str:
    """The mechanisms of SPF for whom mail goes out by; where that is this machine, the hosts of its MX."""
    hosts = [
        ascii_name(one.host)
        for one in configuration.settings.relay.routes
        if isinstance(one, SmarthostRoute) and one.host and not Place(one.host, one.port).is_loopback
    ]
    return " ".join(f"a:{host}" for host in hosts) or "mx"
