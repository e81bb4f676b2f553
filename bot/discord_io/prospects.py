"""What a policy comes to where it counts: told before it is published, and where it is shown."""

from __future__ import annotations

import discord

from bot.discord_io.places import parents_in
from bot.domain.lawbook import How, Lawbook, changed_laws, policy_of
from bot.domain.policy import Policy, PolicyError
from bot.domain.policy_compose import effect, next_number
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from bot.language import tr, trn


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
    said = []
    if done.added:
        said.append(
            trn(
                "It adds rule {rules} to what is in force around it.",
                "It adds rules {rules} to what is in force around it.",
                len(done.added),
                rules=", ".join(done.added),
            )
        )
    if done.replaced:
        said.append(
            trn(
                "Its rule {rules} takes the place of the one around it.",
                "Its rules {rules} take the place of those around it.",
                len(done.replaced),
                rules=", ".join(done.replaced),
            )
        )
    return " ".join(said)


def obstacle_note(guild: discord.Guild, book: Lawbook, draft: PolicyVersion) -> str:
    """A sentence on why a draft could not be published as it is; empty where it could."""
    try:
        changed_laws(book, book.with_live(draft), parents_in(guild))
    except PolicyError as error:
        return tr("It cannot be published like this. {error}", error=error)
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
    named = ", ".join(f"<#{one}>" for one in others[:10])
    if others[10:]:
        more = len(others) - 10
        return tr("It counts in {channels} and {more} more too, whose policies extend it.", channels=named, more=more)
    return trn(
        "It counts in {channels} too, whose policy extends it.",
        "It counts in {channels} too, whose policies extend it.",
        len(others),
        channels=named,
    )
