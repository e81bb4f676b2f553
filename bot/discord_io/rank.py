"""Whether a moderator may have an action done: it needs what doing it by hand on Discord would need."""

from __future__ import annotations

import discord

from bot.discord_io.permission_names import permission_name
from bot.discord_io.places import channel_of
from bot.discord_io.refusal import NotAllowedError, RefusedError
from bot.domain.policy import Action, ActionKind
from bot.domain.records import CaseRecord
from bot.domain.submission import NOBODY
from bot.language import tr

NEEDED = {
    ActionKind.DELETE: "manage_messages",
    ActionKind.TIMEOUT: "moderate_members",
    ActionKind.KICK: "kick_members",
    ActionKind.BAN: "ban_members",
}
"""The permission each action takes on Discord; a warning takes none but to be a moderator."""

_REACHES_MEMBERS_ONLY = frozenset({ActionKind.TIMEOUT, ActionKind.KICK})
_TAKES_RANK_OF_BOT = frozenset({ActionKind.TIMEOUT, ActionKind.KICK, ActionKind.BAN})


async def require_may_act(member: discord.Member, case: CaseRecord, action: Action) -> None:
    """NotAllowedError where the moderator lacks the permission or the rank; RefusedError where the bot does.

    The author is looked up on Discord now; of one who was forgotten nothing is known. One who has left has no rank:
    they can be banned, and the message deleted.
    """
    guild, kind = member.guild, action.kind
    if case.submission.author_id == NOBODY:
        raise RefusedError(tr("Nothing was done: the author was forgotten at their wish, and is not known any more."))
    mine, bots = await _permissions(member, case), await _permissions(guild.me, case)
    if (needed := NEEDED.get(kind)) is not None:
        named = permission_name(needed)
        if not getattr(mine, needed):
            raise NotAllowedError(
                tr("Nothing was done: this needs your own permission {permission}.", permission=named)
            )
        if not getattr(bots, needed):
            raise RefusedError(
                tr(
                    "Nothing was done: the bot lacks the permission {permission}; grant it to the bot's role.",
                    permission=named,
                )
            )
    try:
        author = await guild.fetch_member(case.submission.author_id)
    except discord.NotFound:
        if kind in _REACHES_MEMBERS_ONLY:
            raise RefusedError(tr("Nothing was done: the author has left the server.")) from None
        return
    if author.id == guild.owner_id or (member.id != guild.owner_id and member.top_role <= author.top_role):
        raise NotAllowedError(tr("Nothing was done: your highest role must stand above the author's."))
    if kind in _TAKES_RANK_OF_BOT and guild.me.top_role <= author.top_role:
        raise RefusedError(
            tr(
                "Nothing was done: the author ranks above the bot; move the bot's role above the roles it shall "
                "moderate."
            )
        )
    if kind is ActionKind.TIMEOUT and author.guild_permissions.administrator:
        raise RefusedError(tr("Nothing was done: Discord does not time out administrators."))


async def _permissions(member: discord.Member, case: CaseRecord) -> discord.Permissions:
    """A member's permissions in the channel of the message, or on the server where the channel is gone."""
    channel = await channel_of(member.guild, case.submission.channel_id)
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    return channel.permissions_for(member) if channel is not None else member.guild_permissions
