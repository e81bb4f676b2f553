"""The law: the policy that a message is judged by, where it stands, at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.domain.lawbook import Lawbook, Versions, Where
from bot.domain.policy import Policy, PolicyError
from bot.domain.policy_compose import compose
from bot.domain.policy_text import parse_policy
from bot.domain.submission import Submission
from bot.judge.interface import NoAnswerError
from bot.store import Store

_LAWS_KEPT = 256


@dataclass(frozen=True, slots=True)
class Law:
    """What is in force in a place: the versions, each extending the one before it, and what they come to."""

    versions: Versions
    policy: Policy

    @property
    def number(self) -> int:
        """The number of the innermost version; 0 where that is a draft."""
        return self.versions[-1].number

    @property
    def extends(self) -> tuple[int, ...]:
        """The numbers of the versions that it extends, that of the outermost first."""
        return tuple(version.number for version in self.versions[:-1])


def where_of(submission: Submission) -> Where:
    """Where a submission stands; of one from before categories were kept, only the channel is known."""
    return Where(submission.parent_id or submission.channel_id, submission.category_id)


def law_of(versions: Versions) -> Law | None:
    """What versions come to that are in force together; None where there are none.

    NoAnswerError where they do not fit together, as after a channel was moved into a category: a human then looks.
    """
    if not versions:
        return None
    try:
        return Law(versions, _composed(tuple(version.source for version in versions)))
    except PolicyError as error:
        raise NoAnswerError(f"The policies in force there do not fit together. {error}") from error


async def law_for(store: Store, submission: Submission) -> Law | None:
    """What a submission is judged by now; None where nothing is in force there. NoAnswerError as in `law_of`."""
    where = where_of(submission)
    return law_of((await store.policies.lawbook(submission.guild_id, where.place_ids)).in_force(where))


async def law_then(store: Store, guild_id: int, number: int | None, extends: tuple[int, ...]) -> Policy | None:
    """The policy that the versions with these numbers came to; None where there was none, or one is gone."""
    if number is None:
        return None
    versions = [await store.policies.version(guild_id, one) for one in (*extends, number)]
    if any(version is None for version in versions):
        return None
    return _composed(tuple(version.source for version in versions if version is not None))


def drafted(book: Lawbook, where: Where) -> Versions:
    """What would be in force in a place if the draft that counts there were published; nothing without one."""
    draft = book.draft_for(where)
    return book.with_live(draft).in_force(where) if draft is not None else ()


@lru_cache(maxsize=_LAWS_KEPT)
def _composed(sources: tuple[str, ...]) -> Policy:
    return compose([parse_policy(source) for source in sources])
