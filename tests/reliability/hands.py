"""Hands: what moderators and members press, choose, send off and ask for, one thing after another, at random.

Nothing is insisted on: while faults are injected much of it comes to nothing, which they take as it is.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

import aiohttp

from bot.domain.records import CaseRecord, CaseStatus
from bot.sandbox.answer import Answer, MemberError
from bot.sandbox.member import MemberClient
from bot.sandbox.model import User
from tests.reliability.house import MARK, POLICY, House, Place

_NOTHING_CAME = (MemberError, TimeoutError, LookupError, aiohttp.ClientError, OSError)
Act = Callable[[], Awaitable[bool]]
"""Whether something came of it."""
LONGEST_ACT = 20.0
"""Seconds after which somebody gives up."""
_LOOKED_AT = ("queue", "health", "stats", "case list", "settings", "watch list", "policy show", "policy history")
# Not what the policy itself may have done in the same words: to tell somebody twice is then a moderator's wish.
_ASKED_FOR = ("delete", "timeout 10m", "ban")
_RECENT = 15


def policy(edition: int) -> str:
    """The house's policy in other words: what moderators answered under earlier ones says nothing of these."""
    return POLICY.replace(". [", f", as edition {edition} says. [")


class Hands:
    """The moderator of a place, and those of its members who have an app; `counts` says how often what worked."""

    def __init__(self, house: House, place: Place, members: Sequence[User], chance: random.Random) -> None:
        self._house = house
        self._place = place
        self._members = members
        self._chance = chance
        self._editions = 1
        self.counts: Counter[str] = Counter()
        # How often each is done, beside the others.
        self.acts: dict[str, tuple[int, Act]] = {
            "looked at": (5, self._looks),
            "pressed": (6, self._presses),
            "chosen": (2, self._chooses),
            "taken from the queue": (2, self._takes_the_next),
            "noted": (1, self._notes),
            "appealed": (4, self._appeals),
            "modals closed": (2, self._closes_a_modal),
            "deleted by members": (2, self._deletes),
            "published": (1, self._publishes),
        }

    async def work(self, pause: float) -> None:
        """Look at everything once, so that all that is loaded for it is there; then go on for ever, with pauses."""
        for path in _LOOKED_AT:
            await self._try("looked at", partial(self._looks_at, path))
        while True:
            (name,) = self._chance.choices(list(self.acts), [often for often, _ in self.acts.values()])
            await self._try(name, self.acts[name][1])
            await asyncio.sleep(self._chance.expovariate(1 / pause))

    async def _try(self, name: str, act: Act) -> None:
        with suppress(*_NOTHING_CAME):
            async with asyncio.timeout(LONGEST_ACT):
                self.counts[name] += await act()

    # -- moderators ------------------------------------------------------------------------------------------

    async def _moderator(self) -> MemberClient:
        return await self._house.client(self._place.moderator)

    async def _slash(self, path: str, **options: object) -> Answer:
        return await (await self._moderator()).slash(self._place.guild.id, self._place.general.id, path, **options)

    async def _case(self, *statuses: CaseStatus) -> CaseRecord | None:
        """One of the newest cases, with these statuses if any are named."""
        cases = await self._house.store.cases.list(self._place.guild.id, limit=_RECENT)
        found = [one for one in cases if one.log_message_id and (not statuses or one.status in statuses)]
        return self._chance.choice(found) if found else None

    async def _looks(self) -> bool:
        if self._chance.random() < 0.2 and (case := await self._case()) is not None:
            return bool((await self._slash("case view", number=case.number)).message)
        return await self._looks_at(self._chance.choice(_LOOKED_AT))

    async def _looks_at(self, path: str) -> bool:
        return bool((await self._slash(path)).message)

    async def _presses(self) -> bool:
        case = await self._case(CaseStatus.OPEN)
        moderator = await self._moderator()
        if case is None or case.log_message_id is None:
            return False
        post = await moderator.message(self._place.log.id, case.log_message_id)
        label = self._chance.choice(("Confirm", "Overturn", "Overturn", "Claim", "Release", "More"))
        return post is not None and bool((await moderator.press(post, label)).message)

    async def _chooses(self) -> bool:
        case = await self._case(CaseStatus.OPEN)
        moderator = await self._moderator()
        if case is None or case.log_message_id is None:
            return False
        post = await moderator.message(self._place.log.id, case.log_message_id)
        if post is None:
            return False
        action = self._chance.choice(_ASKED_FOR)
        return bool((await moderator.select(post, f"lawspeaker:case:act:{case.number}", [action])).message)

    async def _takes_the_next(self) -> bool:
        queue = await self._slash("queue")
        return bool((await (await self._moderator()).press(queue.shown, "Next")).message)

    async def _notes(self) -> bool:
        case = await self._case()
        return case is not None and bool(
            (await self._slash("case note", number=case.number, text=f"Seen. {MARK}")).message
        )

    async def _publishes(self) -> bool:
        self._editions += 1
        shown = await self._slash("policy import", file=("policy.md", policy(self._editions).encode()))
        return bool((await (await self._moderator()).press(shown.shown, "Publish")).message)

    async def _closes_a_modal(self) -> bool:
        """A modal is opened, and closed without anything being sent: of that the bot is never told."""
        return (await self._slash("policy edit")).modal is not None

    # -- members ---------------------------------------------------------------------------------------------

    async def _appeals(self) -> bool:
        """Or the modal for it is closed again."""
        member = await self._house.client(self._chance.choice(self._members))
        channel = await member.dm_channel(self._house.bot.id)
        letters = [one for one in await member.messages(channel["id"]) if one.get("components")]
        if not letters:
            return False
        asked = await member.press(self._chance.choice(letters), "Appeal")
        if asked.modal is None or self._chance.random() < 0.3:
            return False
        return bool((await member.submit(asked.modal, {"text": f"It was a joke. {MARK}"})).message)

    async def _deletes(self) -> bool:
        """A message that was judged: of one that goes before the bot was told of it nobody can know."""
        house, guild = self._house, self._place.guild
        said = self._chance.choice([one for one in house.said if one.message.channel.guild is guild])
        judged = await house.store.journal.judgement(guild.id, said.message.id)
        if judged is None or judged.submission.revision != said.revision or said.rule is not None:
            return False
        if said.message.channel.messages.get(said.message.id) is None:
            return False
        house.server.posting.delete(said.message)
        return True
