"""The lawbook: a server's own policy, those of its channels and categories, and which are in force where. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.domain.policy import Policy, PolicyError, Rule
from bot.domain.policy_compose import compose
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from bot.language import tr

Versions = tuple[PolicyVersion, ...]
"""Versions that are in force together: each extends the one before it."""

Parents = Mapping[int, int | None]
"""The category of each channel of a server, as far as known."""


class How(StrEnum):
    """What the policy of a channel or category is to the one around it."""

    EXTEND = "extend"
    REPLACE = "replace"
    NONE = "none"


class PlaceKind(StrEnum):
    """What can have a policy of its own; a thread goes by its channel's."""

    CHANNEL = "channel"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a message stands: its channel, of a thread the channel it is in, and the category of that."""

    channel_id: int | None
    category_id: int | None = None

    @property
    def place_ids(self) -> tuple[int, ...]:
        """The places whose policies count there, the outer one first."""
        return tuple(one for one in (self.category_id, self.channel_id) if one is not None)


THE_SERVER = Where(None)
"""No channel: what the server's own policy says alone."""


@dataclass(frozen=True, slots=True)
class PlacePolicy:
    """The policy of a channel or category: what is live of it, what is being written, and what it is to the others."""

    place_id: int
    kind: PlaceKind
    how: How
    live: PolicyVersion | None = None
    draft: PolicyVersion | None = None


@dataclass(frozen=True, slots=True)
class Lawbook:
    """All policies of a server; `live` and `draft` are the server's own."""

    live: PolicyVersion | None = None
    draft: PolicyVersion | None = None
    places: Mapping[int, PlacePolicy] = field(default_factory=dict)

    def in_force(self, where: Where) -> Versions:
        """The versions that a message there is judged by; empty where there are none.

        The channel's own policy, else its category's, else the server's: one that extends goes on from what is in
        force around it, one that replaces stands alone.
        """
        found: Versions = (self.live,) if self.live else ()
        for place_id in where.place_ids:
            place = self.places.get(place_id)
            if place is None or place.live is None or place.how is How.NONE:
                continue
            found = (*found, place.live) if place.how is How.EXTEND else (place.live,)
        return found

    def around(self, place_id: int, parents: Parents) -> Versions:
        """What is in force around a place: what its policy extends, if it does."""
        if place_id not in self.places or self.places[place_id].kind is PlaceKind.CATEGORY:
            return self.in_force(THE_SERVER)
        return self.in_force(Where(None, parents.get(place_id)))

    def where(self, place_id: int | None, parents: Parents) -> Where:
        """Where the policy of a place is the innermost that counts; without a place the server's own does alone."""
        if place_id is None:
            return THE_SERVER
        place = self.places.get(place_id)
        if place is not None and place.kind is PlaceKind.CATEGORY:
            return Where(None, place_id)
        return Where(place_id, parents.get(place_id))

    def draft_for(self, where: Where) -> PolicyVersion | None:
        """The draft of the innermost policy that counts there and has one."""
        for place_id in reversed(where.place_ids):
            place = self.places.get(place_id)
            if place is None or place.how is How.NONE:
                continue
            if place.draft is not None or (place.live is not None and place.how is How.REPLACE):
                return place.draft
        return self.draft

    def with_live(self, version: PolicyVersion) -> Lawbook:
        """The same as if a version were live where it belongs."""
        if version.place_id is None:
            return replace(self, live=version)
        place = replace(self.places[version.place_id], live=version)
        return replace(self, places={**self.places, version.place_id: place})

    def without(self, place_ids: Collection[int]) -> Lawbook:
        """The same but for the policies of these places, as for somebody who cannot see them."""
        return replace(self, places={one: place for one, place in self.places.items() if one not in place_ids})

    def with_how(self, place_id: int, how: How) -> Lawbook:
        """The same as if the policy of a place were something else to the others."""
        return replace(self, places={**self.places, place_id: replace(self.places[place_id], how=how)})

    def everywhere(self, parents: Parents) -> Iterator[tuple[int | None, Versions]]:
        """What is in force on the server, and in each place with a policy of its own, by the place's id."""
        yield None, self.in_force(THE_SERVER)
        for place_id, place in self.places.items():
            if place.live is None or place.how is How.NONE:
                continue
            yield place_id, self.in_force(self.where(place_id, parents))


def policy_of(versions: Versions) -> Policy:
    """The policy that versions come to which are in force together; PolicyError where they do not fit together."""
    return compose([parse_policy(version.source) for version in versions])


def rules_somewhere(book: Lawbook, parents: Parents) -> tuple[Rule, ...]:
    """The rules that hold anywhere on a server, the server's own first; of those with one key the first only."""
    found: dict[str, Rule] = {}
    for _, versions in book.everywhere(parents):
        with suppress(PolicyError):
            for rule in policy_of(versions).rules if versions else ():
                found.setdefault(rule.key, rule)
    return tuple(found.values())


def changed_laws(before: Lawbook, after: Lawbook, parents: Parents) -> list[Policy]:
    """The policies that come to be in force somewhere by a change, each once.

    Raises PolicyError, which names the place, where one of them would be too large or unclear. What was so before is
    not this change's fault.
    """
    was = dict(before.everywhere(parents))
    found: dict[str, Policy] = {}
    for place_id, versions in after.everywhere(parents):
        if not versions or versions == was.get(place_id):
            continue
        policy = _fitting(versions, place_id)
        found[policy.digest] = policy
    return list(found.values())


def _fitting(versions: Versions, place_id: int | None) -> Policy:
    try:
        return policy_of(versions)
    except PolicyError as error:
        if place_id is None or len(versions) == 1:
            raise
        raise PolicyError(
            tr("The policy of {channel} extends another, and would not fit. {why}", channel=f"<#{place_id}>", why=error)
        ) from error
