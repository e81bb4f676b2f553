"""What Discord's settings call permissions, in the language spoken."""

from __future__ import annotations

from bot.language import mark, tr

_NAMES = {
    "view_channel": mark("View Channel"),
    "read_message_history": mark("Read Message History"),
    "send_messages": mark("Send Messages"),
    "send_messages_in_threads": mark("Send Messages In Threads"),
    "embed_links": mark("Embed Links"),
    "attach_files": mark("Attach Files"),
    "manage_messages": mark("Manage Messages"),
    "moderate_members": mark("Moderate Members"),
    "kick_members": mark("Kick Members"),
    "ban_members": mark("Ban Members"),
    "manage_guild": mark("Manage Server"),
    "mention_everyone": mark("Mention Everyone"),
    "view_audit_log": mark("View Audit Log"),
}


def permission_name(permission: str) -> str:
    """A permission by its name in discord.py as Discord's settings call it; any other in English."""
    known = _NAMES.get(permission)
    return tr(known) if known is not None else permission.replace("_", " ").title()
