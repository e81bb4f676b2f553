"""What versions come to as moderators wrote it, those in force now and those that something was judged by."""

from __future__ import annotations

from functools import lru_cache

from bot.domain.lawbook import Versions
from bot.domain.policy import Policy, PolicyError
from bot.domain.policy_compose import compose
from bot.domain.policy_text import parse_policy
from bot.judge.interface import NoAnswerError
from bot.language import tr
from bot.store import Store

_LAWS_KEPT = 256


def written_by(versions: Versions) -> Policy:
    """What versions come to, as moderators wrote it.

    NoAnswerError where they do not fit together, as after a channel was moved into a category: a human then looks.
    """
    try:
        return _composed(tuple(version.source for version in versions))
    except PolicyError as error:
        raise NoAnswerError(tr("The policies in force there do not fit together. {problem}", problem=error)) from error


async def written_then(store: Store, guild_id: int, number: int | None, extends: tuple[int, ...]) -> Policy | None:
    """What the versions with these numbers came to, for the words of its rules; None as in `versions_then` empty."""
    versions = await versions_then(store, guild_id, number, extends)
    return written_by(versions) if versions else None


async def versions_then(store: Store, guild_id: int, number: int | None, extends: tuple[int, ...]) -> Versions:
    """The versions with these numbers; empty where there was none, or one is gone."""
    if number is None:
        return ()
    found = [await store.policies.version(guild_id, one) for one in (*extends, number)]
    versions = tuple(one for one in found if one is not None)
    return versions if len(versions) == len(found) else ()


@lru_cache(maxsize=_LAWS_KEPT)
def _composed(sources: tuple[str, ...]) -> Policy:
    """What published texts come to, read once; what members wrote is not among them."""
    return compose([parse_policy(source) for source in sources])
