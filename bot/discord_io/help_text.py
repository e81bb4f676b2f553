"""The direct message that offers a member the server's help lines: kind, and blaming nobody. Pure."""

from __future__ import annotations

from bot.discord_io.text import inert
from bot.language import tr


def help_greeting(guild_name: str) -> str:
    """Its first line."""
    return tr("Hello, this is the bot of **{server}**, with a message for you alone.", server=inert(guild_name, 100))


def help_text(guild_name: str, help_lines: str, where: str) -> str:
    """The whole message, within Discord's limit; the help lines stand in it as the server wrote them.

    `where` is the address of what the member wrote, by which the message is found again.
    """
    offer = tr(
        "[Something you wrote]({where}) sounded as if you, or somebody you care about, may be having a very hard time. "
        "If so, you do not have to be alone with it. Here are people who listen and can help:",
        where=where,
    )
    ease = tr(
        "You have done nothing wrong, and nothing is held against you. If I misunderstood you, please just pass this "
        "over."
    )
    return f"{help_greeting(guild_name)}\n{offer}\n\n{help_lines}\n\n{ease}"
