"""The library's addresses of Discord, which are the whole process's."""

from __future__ import annotations

import discord
import pytest


def give_back_addresses(patch: pytest.MonkeyPatch) -> None:
    """Whatever a bot sets them to, another one finds its own again once `patch` is undone."""
    for owner, name in (
        (discord.http.Route, "BASE"),
        (discord.asset.Asset, "BASE"),
        (discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY"),
    ):
        patch.setattr(owner, name, getattr(owner, name))
