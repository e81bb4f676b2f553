"""What a policy comes to where it counts: told before it is published, and where it is shown."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.domain.lawbook import How, Lawbook, changed_laws, policy_of
from bot.domain.policy import Policy, PolicyError
from bot.domain.policy_compose import effect, next_number
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from cogs.where import parents_in


def extended_by(guild: discord.Guild, book: Lawbook, place_id: int | None) -> Policy | None:
    """What the policy of a place extends; None where it extends nothing."""
    if place_id is None or book.places[place_id].how is not How.EXTEND:
        return None
    versions = book.around(place_id, parents_in(guild))
    try:
        return policy_of(versions) if versions else None
    except PolicyError:
        return None


def first_number(guild: discord.Guild, book: Lawbook, place_id: int | None) -> int:
    """The smallest number that a rule may have without taking the place of one that the policy extends."""
    base = extended_by(guild, book, place_id)
    return next_number(base) if base is not None else 1


def effect_note(guild: discord.Guild, book: Lawbook, version: PolicyVersion) -> str:
    """A sentence or two on what a version makes of the policy that it extends; empty where it extends none."""
    base = extended_by(guild, book, version.place_id)
    if base is None:
        return ""
    done = effect(base, parse_policy(version.source))
    said = [f"It adds {_rules(done.added)} to what is in force around it."] if done.added else []
    if len(done.replaced) == 1:
        said.append(f"Its rule {done.replaced[0]} takes the place of the one around it.")
    elif done.replaced:
        said.append(f"Its {_rules(done.replaced)} take the place of those around it.")
    return " ".join(said)


def obstacle_note(guild: discord.Guild, book: Lawbook, draft: PolicyVersion) -> str:
    """A sentence on why a draft could not be published as it is; empty where it could."""
    try:
        changed_laws(book, book.with_live(draft), parents_in(guild))
    except PolicyError as error:
        return f"It cannot be published like this. {error}"
    return ""


def extended_note(book: Lawbook, after: Lawbook, guild: discord.Guild, place_id: int | None) -> str:
    """A sentence that names the other places where a change counts too; empty where there are none."""
    parents = parents_in(guild)
    before = dict(book.everywhere(parents))
    others = [
        place
        for place, versions in after.everywhere(parents)
        if place not in {None, place_id} and versions != before.get(place)
    ]
    if not others:
        return ""
    named = ", ".join(f"<#{one}>" for one in others[:10]) + (f" and {len(others) - 10} more" if others[10:] else "")
    return f" It counts in {named} too, whose {'policy extends' if len(others) == 1 else 'policies extend'} it."


def _rules(keys: Sequence[str]) -> str:
    return f"{'rule' if len(keys) == 1 else 'rules'} {', '.join(keys)}"
