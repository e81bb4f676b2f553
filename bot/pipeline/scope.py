"""Scope: whose messages are judged, and where. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.language import tr


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be known of a message to say whether it is judged.

    `parent_id` is a thread's channel, `category_id` the category of the channel, or of the thread's channel; None
    where there is none.
    """

    channel_id: int
    parent_id: int | None
    author_id: int
    is_bot: bool
    is_own: bool
    is_system: bool
    may_manage_messages: bool
    role_ids: frozenset[int]
    category_id: int | None = None


def out_of_scope(settings: GuildSettings, facts: Facts) -> str | None:
    """Why a message is not judged; None where it is."""
    if facts.is_own or facts.is_system:
        return tr("not a member's message")
    if settings.mode_in(facts.channel_id, facts.parent_id) is Mode.OFF:
        return tr("the channel is not watched")
    if not settings.exempt_channel_ids.isdisjoint({facts.channel_id, facts.parent_id}):
        return tr("the channel is exempt")
    if facts.category_id in settings.exempt_category_ids:
        return tr("the channel's category is exempt")
    if facts.is_bot and not settings.judge_bots:
        return tr("bots and webhooks are exempt")
    if facts.may_manage_messages and not settings.judge_moderators:
        return tr("moderators are exempt")
    if facts.author_id in settings.exempt_user_ids:
        return tr("the member is exempt")
    if facts.role_ids & (
        settings.exempt_role_ids | (frozenset() if settings.judge_moderators else settings.moderator_role_ids)
    ):
        return tr("a role of the member is exempt")
    return None
