"""What a member is told of the server's ladder: what it brought this time, and what it brings next. Pure."""

from __future__ import annotations

import discord

from bot.discord_io.text import inert
from bot.domain.decision import Ahead
from bot.domain.policy import ActionKind
from bot.domain.standing import in_words
from bot.language import mark, tr

_NEXT = {
    ActionKind.WARN: mark("Another violation before {until} brings another warning."),
    ActionKind.TIMEOUT: mark("Another violation before {until} brings a timeout of {duration}."),
    ActionKind.KICK: mark("Another violation before {until} gets you removed from the server."),
    ActionKind.BAN: mark("Another violation before {until} gets you banned from the server."),
}
_NEXT_OF_RULE = {
    ActionKind.WARN: mark("Another violation of rule {rule} before {until} brings another warning."),
    ActionKind.TIMEOUT: mark("Another violation of rule {rule} before {until} brings a timeout of {duration}."),
    ActionKind.KICK: mark("Another violation of rule {rule} before {until} gets you removed from the server."),
    ActionKind.BAN: mark("Another violation of rule {rule} before {until} gets you banned from the server."),
}
_RULE = 20
_STEPPED = 150


def ladder_text(stepped: str, ahead: Ahead | None) -> str:
    """Up to two sentences of at most 300 characters in all, empty where there is nothing to tell.

    `stepped` is why more was done than the rule asks for, empty where there was not.
    """
    sentences = [tr("This is your {which_case}.", which_case=inert(stepped, _STEPPED))] if stepped else []
    if ahead is not None:
        sentences.append(_next(ahead))
    return " ".join(sentences)


def _next(ahead: Ahead) -> str:
    kind, duration = ahead.action.kind, ahead.action.duration
    parts = {"until": discord.utils.format_dt(ahead.until, "f"), "duration": in_words(duration) if duration else ""}
    if ahead.rule is None:
        return tr(_NEXT[kind], **parts)
    return tr(_NEXT_OF_RULE[kind], rule=inert(ahead.rule, _RULE), **parts)
