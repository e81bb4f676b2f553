"""Checking a store's chains, for tests."""

from __future__ import annotations

from bot.domain.chain import Finding
from bot.store import Store


async def findings(store: Store) -> list[Finding]:
    """All that is wrong with the chains of all servers."""
    key = store.chain_key.key()
    return [one for guild_id in await store.chain.servers() async for one in store.chain.findings(guild_id, key, _pass)]


def _pass(links: int) -> None: ...
