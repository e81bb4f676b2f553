"""What is known of servers: their settings and laws, kept for as long as they hold.

They are read from the database once, together with the server's stamp. The database gives a server another stamp in the
transaction that changes any of them, whoever writes it: a command, the shell, another program. So what was read holds
exactly as long as the stamp is the same, and asking for the stamp is enough. Whoever takes a message in, or decides on
it, asks: a change counts from the next message on.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.domain.guild import GuildSettings
from bot.domain.lawbook import Where
from bot.domain.records import Stamp
from bot.pipeline.law import Law, law_in
from bot.pipeline.turns import Turns
from bot.store import Store

_SERVERS_KEPT = 500


@dataclass(frozen=True, slots=True)
class Known:
    """What holds on a server under a stamp; of its laws those that were asked for."""

    stamp: Stamp
    settings: GuildSettings
    laws: dict[Where, Law | None] = field(default_factory=dict)


class KnownServers:
    """Keeps what it has read of the servers that were last asked about."""

    def __init__(self, store: Store) -> None:
        """Nothing is known yet."""
        self._store = store
        self._kept: OrderedDict[int, Known] = OrderedDict()
        self._reading = Turns()

    async def now(self, guild_id: int) -> Known:
        """What holds on a server at this moment."""
        return await self.under(await self._store.stamps.of(guild_id))

    async def last(self, guild_id: int) -> Known:
        """What was known last, which may hold no more: whoever goes by it has the database look at its stamp."""
        return self._kept.get(guild_id) or await self.now(guild_id)

    async def under(self, stamp: Stamp) -> Known:
        """What holds under a stamp, which was just read: in truth then, or later."""
        async with self._reading.of(stamp.guild_id):
            known = self._kept.get(stamp.guild_id)
            if known is None or known.stamp != stamp:
                # Read after its stamp: where it was changed between the two, it is not taken for current.
                known = Known(stamp, await self._store.guilds.get(stamp.guild_id))
                self._kept[stamp.guild_id] = known
                if len(self._kept) > _SERVERS_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(stamp.guild_id)
        return known

    async def law(self, known: Known, where: Where) -> Law | None:
        """The law in a place; None where nothing is in force there. NoAnswerError as in `law_of`."""
        async with self._reading.of(known.stamp.guild_id):
            if where not in known.laws:
                known.laws[where] = await law_in(self._store, known.stamp.guild_id, where)
        return known.laws[where]

    async def holds(self, known: Known) -> bool:
        """Whether it still does."""
        return await self._store.stamps.of(known.stamp.guild_id) == known.stamp

    def forget(self, guild_id: int) -> None:
        """Keep nothing of a server: what was learned there from its members is in its laws."""
        self._kept.pop(guild_id, None)
