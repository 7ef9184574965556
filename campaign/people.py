"""Knows the people of a round: who writes what, when, and what each remembers of every mail.

Eight clients write at once. Each insists: the same bytes are sent again until their 250 is heard.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from campaign.client import Heard, hand_over
from campaign.letters import STAFF, Letter, Story, Way, Writer
from campaign.sink import Copy, Sink

_REST = 0.05  # seconds before a mail is sent again
_INSISTS = 120.0  # seconds
_LISTENS = 30.0  # seconds until a person gives up to hear from the desk


@dataclass(slots=True)
class Sent:
    """What became of a mail, as its sender knows it.

    Args:
        attempts: how often it was handed over, or that was tried.
        acknowledged: a 250 was heard.
        left: when its sender hung up after a final dot, without an answer.
        refused: replies that would have made a mail server give up.
        in_vain: it was sent again and again, and nobody ever said 250.
    """

    letter: Letter
    attempts: int = 0
    acknowledged: bool = False
    left: list[datetime] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    in_vain: bool = False


@dataclass
class People:
    """Everybody who writes.

    Args:
        ports: where the desk listens; every other attempt goes to the second node, if there is one.
        now: the time.
        sent: every mail so far, by its key.
    """

    ports: Sequence[int]
    sink: Sink
    now: Callable[[], datetime]
    sent: dict[str, Sent] = field(default_factory=dict)

    async def talk(self, clients: Sequence[Sequence[Story]], writer: Writer) -> None:
        """Lets the stories of each client happen, one after the other; all clients at once."""
        async with asyncio.TaskGroup() as group:
            for stories in clients:
                group.create_task(self._one_after_the_other(stories, writer))

    async def _one_after_the_other(self, stories: Sequence[Story], writer: Writer) -> None:
        for story in stories:
            await self._happens(story, writer)

    async def _happens(self, story: Story, writer: Writer) -> None:
        key = story.first[0].story
        for letter in story.first:
            if not await self.send(letter):
                return
        if story.staff is None:
            return
        notice = await self.sink.first(lambda copy: _is_about(copy, key, STAFF), _LISTENS)
        if notice is None:
            return
        answer = writer.reply(story.staff, key, STAFF, notice.reply_to, notice.message_id)
        if not await self.send(answer) or story.last is None:
            return
        person = story.first[0].reverse_path
        heard = await self.sink.first(lambda copy: _is_words(copy, key, person), _LISTENS)
        if heard is not None:
            await self.send(writer.reply(story.last, key, person, heard.reply_to, heard.message_id))

    async def send(self, letter: Letter) -> bool:
        """Sends it until its 250 is heard; False for one whose sender does not care."""
        sent = self.sent[letter.key] = Sent(letter)
        match letter.way:
            case Way.PLAIN:
                pass
            case Way.TWICE:
                await asyncio.gather(self._try(sent, Way.TWICE), self._try(sent, Way.TWICE))
            case way:
                for _ in range(letter.repeats):
                    await self._try(sent, way)
        if letter.way is Way.FORGETS:
            return False
        end = time.monotonic() + _INSISTS
        while not sent.acknowledged:
            if time.monotonic() > end:
                sent.in_vain = True
                return False
            if not await self._try(sent, Way.PLAIN):
                await asyncio.sleep(_REST)
        return True

    async def _try(self, sent: Sent, way: Way) -> bool:
        sent.attempts += 1
        port = self.ports[sent.attempts % len(self.ports)]
        heard: Heard = await hand_over(sent.letter, port, way)
        if heard.accepted:
            sent.acknowledged = True
        elif heard.handed_over and not heard.code:
            sent.left.append(self.now())
        if heard.code >= 500:
            sent.refused.append(heard.code)
        return heard.accepted


def _is_about(copy: Copy, story: str, reader: str) -> bool:
    return reader in copy.recipients and story in copy.subject.split()


def _is_words(copy: Copy, story: str, reader: str) -> bool:
    return _is_about(copy, story, reader) and not copy.automatic
