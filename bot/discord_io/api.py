"""Which server the Discord library talks to: Discord itself, or any other that speaks its protocol."""

from __future__ import annotations

import discord
import yarl


def use_api(api_base: str | None, gateway: str | None) -> None:
    """Point the library at another REST base and gateway, before the client is made; None leaves Discord's.

    `api_base` is as `http://127.0.0.1:9000/api/v10`, `gateway` as `ws://127.0.0.1:9001/`.
    """
    if api_base:
        base = api_base.rstrip("/")
        discord.http.Route.BASE = base
        discord.asset.Asset.BASE = str(yarl.URL(base).with_path("/cdn"))
    if gateway:
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
