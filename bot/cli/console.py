"""What `lawspeaker doctor` says of the console: who gets in, and by which address."""

from __future__ import annotations

from bot.cli.finding import Finding
from bot.settings import Settings
from bot.web.console.opening import Way, opening_of

_NAME = "console"


def look_at_console(settings: Settings) -> Finding:
    """Whether it is served as far as settings for it were made; who made none may do without."""
    opening = opening_of(settings)
    where = opening.address or f"http://{settings.web_host}, at whichever port is free"
    match opening.way:
        case Way.OPERATOR:
            return Finding(_NAME, True, f"{where}/console/, for who sits at this machine")
        case Way.SIGN_IN:
            return Finding(_NAME, True, f"{where}/console/, for moderators, who sign in with Discord", opening.advice)
    was_wanted = any((settings.web_url, settings.oauth_client_id, settings.oauth_client_secret))
    return Finding(_NAME, not was_wanted, "not served", opening.advice)
