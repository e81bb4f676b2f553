"""What a member is told of the server's ladder: what it brought this time, and what it brings next. Pure."""

from __future__ import annotations

import discord

from bot.discord_io.text import inert
from bot.domain.decision import Ahead
from bot.domain.policy import Action, ActionKind
from bot.domain.standing import in_words

_BRINGS = {
    ActionKind.WARN: "brings another warning",
    ActionKind.KICK: "gets you removed from the server",
    ActionKind.BAN: "gets you banned from the server",
}
_RULE = 20
_STEPPED = 150


def ladder_text(stepped: str, ahead: Ahead | None) -> str:
    """Up to two sentences of at most 300 characters in all, empty where there is nothing to tell.

    `stepped` is why more was done than the rule asks for, empty where there was not.
    """
    sentences = [f"This is your {inert(stepped, _STEPPED)}."] if stepped else []
    if ahead is not None:
        of_rule = f" of rule {inert(ahead.rule, _RULE)}" if ahead.rule is not None else ""
        until = discord.utils.format_dt(ahead.until, "f")
        sentences.append(f"Another violation{of_rule} before {until} {_brings(ahead.action)}.")
    return " ".join(sentences)


def _brings(action: Action) -> str:
    if action.duration is not None:
        return f"brings a timeout of {in_words(action.duration)}"
    return _BRINGS[action.kind]
