"""What people type into commands and modals, as any database takes it: cleaned once, before anything is made of it."""

from __future__ import annotations

from typing import Any

from bot.discord_io.odd_events import Parser
from bot.domain.storable import storable


def clean_interactions(parsers: dict[str, Parser]) -> None:
    """Let the library's parser of interactions, by the event's name, see only texts that can be kept."""
    parse = parsers["INTERACTION_CREATE"]
    parsers["INTERACTION_CREATE"] = lambda event: parse(_cleaned(event))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    return {key: _cleaned(one) for key, one in value.items()} if isinstance(value, dict) else value
