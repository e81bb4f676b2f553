"""What `/access` shows. Pure."""

from __future__ import annotations

from collections.abc import Collection

import discord

from bot.discord_io.limits import EMBED_FIELD_VALUE
from bot.domain.access import CONTENTS, TITLES, AccessChange, Group, RoleAccess, Who
from bot.domain.guild import GuildSettings
from cogs.render_watch import within

_DEFAULTS = {
    Who.MODERATORS: "Unless said otherwise: members who may manage messages, and the moderator roles of /settings.",
    Who.MANAGERS: "Unless said otherwise: members with the permission Manage Server.",
}
_HOW = (
    "Administrators always may. A role that was given a group has it, also where another of the member's roles was "
    "refused it. Discord shows a command to whom its own settings name: open it there too (Server Settings, "
    "Integrations) for a role that lacks the permission."
)


def access_embed(settings: GuildSettings, role_ids: Collection[int]) -> discord.Embed:
    """Each group of commands, what is in it, who may by default, and which roles it was given or refused."""
    embed = discord.Embed(title="Who may use what", description=_HOW)
    for group in Group:
        uses = CONTENTS[group]
        lines = [", ".join(name if name[0].isupper() else f"/{name}" for name in uses.names), _DEFAULTS[uses.who]]
        for is_given, word in ((True, "Given to"), (False, "Refused to")):
            said = sorted(one for one in settings.access if one.group is group and one.is_given is is_given)
            lines += [f"{word} {_role(one, role_ids)}" for one in said]
        embed.add_field(name=f"{group}: {TITLES[group]}", value=within(lines, EMBED_FIELD_VALUE), inline=False)
    return embed


def changed_text(change: AccessChange) -> str:
    """What holds for a role from now on."""
    role, commands = f"<@&{change.role_id}>", f"the commands for {TITLES[change.group]}"
    match change.is_given:
        case True:
            shown = "Discord shows them to whom its own settings name: see Server Settings, Integrations."
            return f"{role} may use {commands} from now on. {shown}"
        case False:
            return f"{role} may use {commands} no longer, unless another role of the member was given them."
        case None:
            return f"Nothing is said of {role} and {commands} any more: what holds by default does."


def _role(one: RoleAccess, role_ids: Collection[int]) -> str:
    gone = "" if one.role_id in role_ids else ", which is gone (deleted): /access reset takes it out by its id"
    return f"<@&{one.role_id}>{gone}"
