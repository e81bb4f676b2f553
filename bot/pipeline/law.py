"""The law as messages are judged by it: a published version, with what the server's moderators taught added.

Here alone what was learned is read and put together with a policy; whatever has a message judged takes it from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.domain.learned import with_learned
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from bot.store import Store

_POLICIES_KEPT = 256


@dataclass(frozen=True, slots=True)
class Law:
    """A version, which is what goes on record, and the policy that the judge is handed for it."""

    version: PolicyVersion
    policy: Policy


async def live_law(store: Store, guild_id: int) -> Law | None:
    """What a server's messages are judged by now; None where nothing is the law."""
    version = await store.policies.live(guild_id)
    return await law_of(store, version) if version is not None else None


async def law_of(store: Store, version: PolicyVersion) -> Law:
    """A version, or the draft, as messages are or would be judged by it. PolicyError where a draft cannot be read."""
    return Law(version, with_learned(published(version), await store.learned.of(version.guild_id)))


def published(version: PolicyVersion) -> Policy:
    """A version as moderators wrote it. PolicyError where a draft cannot be read."""
    return _parsed(version.source)


@lru_cache(maxsize=_POLICIES_KEPT)
def _parsed(source: str) -> Policy:
    """A published text, read once; what members wrote is not in it."""
    return parse_policy(source)
