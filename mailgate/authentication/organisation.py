"""Knows which domain somebody registered of which a domain is a part, by the list of public suffixes."""

from functools import cache

from publicsuffixlist import PublicSuffixList

from mailgate.core.dmarc import Organisation


def organisations() -> Organisation:
    """What says so, by the list that came with us: `mail.acme.co.uk` is `acme.co.uk`'s."""

    def organisation(domain: str) -> str:
        return _suffixes().privatesuffix(domain) or domain

    return organisation


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
