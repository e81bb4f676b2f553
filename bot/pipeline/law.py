"""The law: the policy that a message is judged by, where it stands, at that moment.

It is what the versions in force there come to, with what the server's moderators taught added. Here alone what was
learned is read and put together with a policy; whatever has a message judged takes it from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.lawbook import Lawbook, Parents, Versions, Where
from bot.domain.learned import with_learned
from bot.domain.policy import Policy, PolicyError
from bot.domain.policy_compose import compose
from bot.domain.policy_text import parse_policy
from bot.domain.submission import Submission
from bot.judge.interface import NoAnswerError
from bot.language import tr
from bot.store import Store

_LAWS_KEPT = 256


@dataclass(frozen=True, slots=True)
class Law:
    """What is in force in a place: the versions, each extending the one before it, and what they come to.

    `written` is that as moderators wrote it, `policy` is what the judge is handed: with what was learned.
    """

    versions: Versions
    written: Policy
    policy: Policy

    @property
    def number(self) -> int:
        """The number of the innermost version; 0 where that is a draft."""
        return self.versions[-1].number

    @property
    def extends(self) -> tuple[int, ...]:
        """The numbers of the versions that it extends, that of the outermost first."""
        return self.numbers[:-1]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all its versions, that of the outermost first."""
        return tuple(version.number for version in self.versions)


def where_of(submission: Submission) -> Where:
    """Where a submission stands; of one from before categories were kept, only the channel is known."""
    return Where(submission.parent_id or submission.channel_id, submission.category_id)


def drafted(book: Lawbook, where: Where) -> Versions:
    """What would be in force in a place if the draft that counts there were published; nothing without one."""
    draft = book.draft_for(where)
    return book.with_live(draft).in_force(where) if draft is not None else ()


def written_by(versions: Versions) -> Policy:
    """What versions come to, as moderators wrote it.

    NoAnswerError where they do not fit together, as after a channel was moved into a category: a human then looks.
    """
    try:
        return _composed(tuple(version.source for version in versions))
    except PolicyError as error:
        raise NoAnswerError(tr("The policies in force there do not fit together. {problem}", problem=error)) from error


async def as_judged(store: Store, guild_id: int, policies: Iterable[Policy]) -> list[Policy]:
    """Policies of a server as its messages are or would be judged by them: with what was learned, in their order."""
    learned = await store.learned.of(guild_id)
    return [with_learned(policy, learned) for policy in policies]


async def law_of(store: Store, guild_id: int, versions: Versions) -> Law | None:
    """The law that versions are which are in force together; None where there are none.

    NoAnswerError as in `written_by`.
    """
    if not versions:
        return None
    written = written_by(versions)
    (policy,) = await as_judged(store, guild_id, [written])
    return Law(versions, written, policy)


async def law_for(store: Store, submission: Submission) -> Law | None:
    """What a submission is judged by now; None where nothing is in force there. NoAnswerError as in `law_of`."""
    return await law_in(store, submission.guild_id, where_of(submission))


async def law_in(store: Store, guild_id: int, where: Where) -> Law | None:
    """What a message there is judged by now; None where nothing is in force. NoAnswerError as in `law_of`."""
    book = await store.policies.lawbook(guild_id, where.place_ids)
    return await law_of(store, guild_id, book.in_force(where))


async def law_at(store: Store, guild_id: int, place_id: int | None, parents: Parents) -> Law | None:
    """The law by a place's own policy, or by the server's without a place; None where that policy is not in force.

    NoAnswerError as in `law_of`.
    """
    book = await store.policies.lawbook(guild_id)
    versions = book.in_force(book.where(place_id, parents))
    return await law_of(store, guild_id, versions) if versions and versions[-1].place_id == place_id else None


async def laws_somewhere(store: Store, guild_id: int, parents: Parents) -> list[Law]:
    """The laws that hold anywhere on a server, its own first; without those whose versions do not fit together."""
    found: dict[Versions, Policy] = {}
    for _, versions in (await store.policies.lawbook(guild_id)).everywhere(parents):
        if versions:
            with suppress(NoAnswerError):
                found[versions] = written_by(versions)
    policies = await as_judged(store, guild_id, found.values())
    return [Law(versions, written, policy) for (versions, written), policy in zip(found.items(), policies, strict=True)]


async def law_then(store: Store, guild_id: int, number: int | None, extends: tuple[int, ...]) -> Law | None:
    """The law that the versions with these numbers are; None where there was none, or one is gone.

    What is added to it is what is learned by now. NoAnswerError as in `law_of`.
    """
    return await law_of(store, guild_id, await _versions(store, guild_id, number, extends))


async def written_then(store: Store, guild_id: int, number: int | None, extends: tuple[int, ...]) -> Policy | None:
    """The same as moderators wrote it, for the words of its rules."""
    versions = await _versions(store, guild_id, number, extends)
    return written_by(versions) if versions else None


async def _versions(store: Store, guild_id: int, number: int | None, extends: tuple[int, ...]) -> Versions:
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
