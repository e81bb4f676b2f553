"""The part of `lawspeaker db check` that follows servers' chains."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cli.common import CliError, existing_store, say
from bot.cli.stage import bar
from bot.domain.chain import HASH_BYTES
from bot.settings import Settings
from bot.store import Store


def read_head(text: str) -> bytes:
    """A hash as it was posted; CliError where it is none."""
    try:
        read = bytes.fromhex(text.strip().strip("`"))
    except ValueError:
        read = b""
    if len(read) != HASH_BYTES:
        raise CliError(f"{text[:40]!r} is no hash of a chain: copy all {2 * HASH_BYTES} characters from the mod log.")
    return read


async def check_chains(settings: Settings, heads: Sequence[bytes]) -> bool:
    """Print each server's head, and a line for each thing that is wrong; whether nothing is. CliError, StoreError."""
    async with existing_store(settings) as store:
        servers = await store.chain.servers()
        good = await _has_all(store, heads)
        if not servers:
            print("No chain has begun yet.")
            return good
        key = store.chain_key.existing()
        if key is None:
            raise CliError(
                f"The chain's key {store.chain_key.path} is not there: put it back from a backup, or say in "
                "LAWSPEAKER_CHAIN_KEY_FILE where it is."
            )
        with bar("links", await store.chain.links()) as passed:
            for guild_id in servers:
                async for finding in store.chain.findings(guild_id, key, passed):
                    good = False
                    say(str(finding))
                await _print_head(store, guild_id)
    return good


async def _has_all(store: Store, heads: Sequence[bytes]) -> bool:
    missing = [one for one in heads if not await store.chain.has(one)]
    for one in missing:
        say(f"No link has the hash {one.hex()}: the chain that had it was rewritten, or its end cut off.")
    return not missing


async def _print_head(store: Store, guild_id: int) -> None:
    covered = await store.chain.covered(guild_id)
    if covered is None:
        print(f"Server {guild_id}: no links.")
        return
    head, since = covered.head, covered.since.strftime("%Y-%m-%d %H:%M")
    print(
        f"Server {guild_id}: {head.sequence} links since {since} UTC, {covered.erased} of them erasures; "
        f"head {head.hash.hex()}"
    )
