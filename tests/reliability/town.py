"""Members who write whatever happens, and moderators who let everybody in again whom the bot puts out."""

from __future__ import annotations

import asyncio
import random

from bot.sandbox.model import User
from bot.sandbox.moderation import BAN, KICK
from tests.reliability.house import MARK, House, Place

WORDS = ("hello", "hello", "hello", "rule 1", "rule 1", "rule 2", "rule 3", "rule 4", "rule 5", "rule 6", "perhaps 1")


class Town:
    """The people of some places; `lifted` counts the bans that moderators lifted."""

    def __init__(self, house: House, places: list[Place], chance: random.Random) -> None:
        self.house = house
        self.places = places
        self.chance = chance
        self.people: dict[int, list[User]] = {
            place.guild.id: [house.member(place) for _ in range(6)] for place in places
        }
        self.lifted = 0

    def says_something(self) -> None:
        """A message, and now and then an edit of an earlier one."""
        chance = self.chance
        place = chance.choice(self.places)
        author, channel = chance.choice(self.people[place.guild.id]), chance.choice(place.channels)
        said = self.house.says(place, chance.choice(WORDS), author, channel)
        fine = [one.message for one in self.house.said if one.rule is None]
        if fine and chance.random() < 0.2:
            edited = chance.choice(fine)
            if edited.channel.messages.get(edited.id) is not None:
                self.house.server.posting.edit(edited, {"content": f"hello again {MARK} {said.id}"})

    async def talk(self, each_second: float, most_open: int) -> None:
        """Say something for ever, so many times in a second on average, unless so many cases are open already.

        How fast a machine writes to its disk must not look as if something grew.
        """
        while True:
            if len(await self.house.store.journal.judged()) < most_open:
                self.says_something()
            await asyncio.sleep(self.chance.expovariate(each_second))

    async def moderate(self) -> None:
        """Lift every ban, and let in again whoever was put out, as soon as that is seen."""
        seen = {place.guild.id: 0 for place in self.places}
        while True:
            for place in self.places:
                log = place.guild.audit_log
                for entry in log[seen[place.guild.id] :]:
                    if entry.action in {KICK, BAN} and entry.target_id is not None:
                        self._let_in(place, self.house.world.users[entry.target_id])
                seen[place.guild.id] = len(log)
            await asyncio.sleep(0.01)

    def _let_in(self, place: Place, user: User) -> None:
        moderation = self.house.server.moderation
        if user.id in place.guild.bans:
            moderation.unban(place.guild, place.moderator, user, None)
            self.lifted += 1
        if user.id not in place.guild.members:
            moderation.join(place.guild, user)
