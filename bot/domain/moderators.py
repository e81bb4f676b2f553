"""How a moderator is named: most are members of Discord, one is whoever sits at the bot's machine. Pure."""

from __future__ import annotations

from bot.domain.audit import THE_SHELL
from bot.language import mark, tr

OPERATOR = mark("the operator of the bot's machine")


def moderator_mention(moderator_id: int) -> str:
    """Who answered, claimed, noted or asked for something, as Discord shows it: a mention, or who is no member."""
    return tr(OPERATOR) if moderator_id == THE_SHELL else f"<@{moderator_id}>"
