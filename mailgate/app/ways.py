"""Knows that what goes out has two ways: mail by the mail's courier, a page to a service by the pager."""

from mailgate.core.outgoing import Outgoing
from mailgate.core.relay import Attempt, BeforeDot, Courier


class Ways:
    """A courier that gives each mail to the courier of its way."""

    def __init__(self, mail: Courier, pager: Courier) -> None:
        self._mail = mail
        self._pager = pager

    async def carry(self, mail: Outgoing, before_dot: BeforeDot) -> Attempt:
        """As the courier of its way does."""
        courier = self._pager if mail.via else self._mail
        return await courier.carry(mail, before_dot)

    async def close(self) -> None:
        """Both give back their connections."""
        await self._mail.close()
        await self._pager.close()
