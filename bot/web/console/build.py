"""The console put together, as the settings open it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import discord
import structlog

from bot.settings import Settings
from bot.store import Store
from bot.web.console.asked import Section
from bot.web.console.console import Console
from bot.web.console.discord_oauth import DiscordOAuth, OAuthClient
from bot.web.console.door import Door
from bot.web.console.memberships import Memberships
from bot.web.console.moderator import Guilds
from bot.web.console.opening import Opening, Way, opening_of
from bot.web.console.operator import OpenDoor, Operator
from bot.web.console.sessions import Sessions
from bot.web.console.signing_in import SignInDoor

log = structlog.get_logger(__name__)


def build_console(
    settings: Settings, client: discord.Client, store: Store, sections: Sequence[Section], port: Callable[[], int]
) -> Console | None:
    """The console; None where nobody may reach it as things are set, which is logged.

    `port` tells the port that is bound.
    """
    opening = opening_of(settings)
    if opening.way is Way.CLOSED:
        log.warning("console_not_served", advice=opening.advice)
        return None
    if opening.advice:
        log.warning("console_in_the_clear", advice=opening.advice)
    door = _door(opening, settings, client, store, port)
    return Console(door, sections, Sessions(), own_hosts=opening.hosts, is_secure=opening.is_secure)


def _door(opening: Opening, settings: Settings, client: discord.Client, store: Store, port: Callable[[], int]) -> Door:
    if settings.oauth_client_secret is None:
        return OpenDoor(Operator(client, store))
    oauth = OAuthClient(
        lambda: settings.oauth_client_id or client.application_id,
        settings.oauth_client_secret.get_secret_value(),
        lambda: discord.http.Route.BASE,
        client.http.user_agent,
    )
    guilds = Guilds(client, store, Memberships())
    return SignInDoor(DiscordOAuth(oauth), guilds, lambda: opening.address or f"http://127.0.0.1:{port()}")
