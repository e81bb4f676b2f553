"""Modals: how long the library keeps one, and what was sent off with one that it does not keep.

The library is not told that a modal was closed: it would keep each that was opened for as long as the bot runs. One
that was stopped before it is opened it does not keep at all; what is sent off comes to a cog by the modal's id.
"""

from __future__ import annotations

from typing import Any, cast

from cogs.answers import Interaction

KEPT_SECONDS = 3_600.0
"""How long somebody may take over a modal that knows what was there when it was opened."""


def modal_id(interaction: Interaction) -> str:
    """The id of a modal that was sent off."""
    return str(_data(interaction).get("custom_id", ""))


def typed_in(interaction: Interaction) -> list[str]:
    """The texts of a modal that was sent off, in the order of its inputs."""
    parts: list[Any] = _data(interaction).get("components", [])
    inputs = [child for part in parts for child in (part.get("components") or [part.get("component")]) if child]
    by_id = {str(child.get("custom_id")): str(child.get("value") or "") for child in inputs}
    return [by_id[key] for key in sorted(by_id)]


def _data(interaction: Interaction) -> dict[str, Any]:
    """What came with an interaction."""
    return cast(dict[str, Any], interaction.data or {})
