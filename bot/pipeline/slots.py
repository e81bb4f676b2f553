"""Room for backtests: one a server, a few in all, whoever began them."""

from __future__ import annotations

from bot.discord_io.refusal import RefusedError
from bot.language import tr

MOST_RUNNING = 2


class Slots:
    """What runs at the moment, by server."""

    def __init__(self) -> None:
        """Nothing runs."""
        self._taken: set[int] = set()

    def take(self, guild_id: int) -> None:
        """Take a server's slot; RefusedError where another may not begin there now."""
        if guild_id in self._taken:
            raise RefusedError(tr("A backtest is running on this server already: wait until it is done."))
        if len(self._taken) >= MOST_RUNNING:
            raise RefusedError(tr("Backtests of other servers are running: try again in some minutes."))
        self._taken.add(guild_id)

    def free(self, guild_id: int) -> None:
        """Give a server's slot back."""
        self._taken.discard(guild_id)
