"""What `/access` shows. Pure."""

from __future__ import annotations

from collections.abc import Collection

import discord

from bot.discord_io.limits import EMBED_FIELD_VALUE
from bot.discord_io.text import within
from bot.domain.access import CONTENTS, TITLES, AccessChange, Group, RoleAccess, Who
from bot.domain.guild import GuildSettings
from bot.language import mark, tr

_DEFAULTS = {
    Who.MODERATORS: mark(
        "Unless said otherwise: members who may manage messages, and the moderator roles of /settings."
    ),
    Who.MANAGERS: mark("Unless said otherwise: members with the permission Manage Server."),
}
_HOW = mark(
    "Administrators always may. A role that was given a group has it, also where another of the member's roles was "
    "refused it. Discord shows a command to whom its own settings name: open it there too (Server Settings, "
    "Integrations) for a role that lacks the permission."
)


def access_embed(settings: GuildSettings, role_ids: Collection[int]) -> discord.Embed:
    """Each group of commands, what is in it, who may by default, and which roles it was given or refused."""
    embed = discord.Embed(title=tr("Who may use what"), description=tr(_HOW))
    for group in Group:
        uses = CONTENTS[group]
        lines = [", ".join(name if name[0].isupper() else f"/{name}" for name in uses.names), tr(_DEFAULTS[uses.who])]
        said = sorted((one for one in settings.access if one.group is group), key=lambda one: not one.is_given)
        lines += [_said(one, role_ids) for one in said]
        embed.add_field(name=f"{group}: {tr(TITLES[group])}", value=within(lines, EMBED_FIELD_VALUE), inline=False)
    return embed


def changed_text(change: AccessChange) -> str:
    """What holds for a role from now on."""
    role, commands = f"<@&{change.role_id}>", tr(TITLES[change.group])
    match change.is_given:
        case True:
            return tr(
                "{role} may use the commands for {commands} from now on. Discord shows them to whom its own settings "
                "name: see Server Settings, Integrations.",
                role=role,
                commands=commands,
            )
        case False:
            return tr(
                "{role} may use the commands for {commands} no longer, unless another role of the member was given "
                "them.",
                role=role,
                commands=commands,
            )
        case None:
            return tr(
                "Nothing is said of {role} and the commands for {commands} any more: what holds by default does.",
                role=role,
                commands=commands,
            )


def _said(one: RoleAccess, role_ids: Collection[int]) -> str:
    role = f"<@&{one.role_id}>"
    if one.role_id not in role_ids:
        role = tr("{role}, which is gone (deleted): /access reset takes it out by its id", role=role)
    return tr("Given to {role}", role=role) if one.is_given else tr("Refused to {role}", role=role)
