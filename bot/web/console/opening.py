"""How the console is opened: to whoever sits at this machine, to those who sign in, or not at all. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.settings import Settings
from bot.web.console.guard import LOOPBACK


class Way(StrEnum):
    """Who gets in."""

    OPERATOR = "operator"
    SIGN_IN = "sign-in"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Opening:
    """Who gets in, and by which address. `address` is None where the port is not known before it is bound.

    `hosts` are the names that browsers may call it by. `advice` is one sentence for whoever runs the bot, or nothing.
    """

    way: Way
    address: str | None
    hosts: frozenset[str] = LOOPBACK
    advice: str = ""

    @property
    def is_secure(self) -> bool:
        """Whether browsers come over TLS."""
        return (self.address or "").startswith("https:")


def opening_of(settings: Settings) -> Opening:
    """What the settings say: nobody but who sits at the machine gets in without having signed in."""
    address = _address(settings)
    hosts = LOOPBACK if address is None else _hosts(address)
    if settings.oauth_client_secret is not None:
        if settings.web_url is None and not is_loopback(settings.web_host):
            return _closed("Set LAWSPEAKER_WEB_URL to the address under which people reach the console.")
        return Opening(Way.SIGN_IN, address, hosts, _of_plain_http(address))
    if not is_loopback(settings.web_host):
        return _closed(
            f"Others reach {settings.web_host}: set LAWSPEAKER_OAUTH_CLIENT_SECRET, so that moderators sign in with "
            "Discord, or LAWSPEAKER_WEB_HOST to 127.0.0.1, to use the console at this machine."
        )
    if address is not None and not is_loopback(_host(address)):
        return _closed(
            "Others reach the console by LAWSPEAKER_WEB_URL: set LAWSPEAKER_OAUTH_CLIENT_SECRET, so that moderators "
            "sign in with Discord."
        )
    return Opening(Way.OPERATOR, address, hosts | {settings.web_host})


def is_loopback(host: str) -> bool:
    """Whether a name or address leads to this machine and can be reached from no other."""
    if host in LOOPBACK:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _closed(advice: str) -> Opening:
    return Opening(Way.CLOSED, None, frozenset(), advice)


def _address(settings: Settings) -> str | None:
    if settings.web_url is not None:
        return str(settings.web_url).rstrip("/")
    if settings.web_port == 0 or not is_loopback(settings.web_host):
        return None
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return f"http://{host}:{settings.web_port}"


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _hosts(address: str) -> frozenset[str]:
    """The names of this machine are as good as one another; any other name stands for itself."""
    host = _host(address)
    return LOOPBACK | {host} if is_loopback(host) else frozenset({host})


def _of_plain_http(address: str | None) -> str:
    if address is None or address.startswith("https:") or is_loopback(_host(address)):
        return ""
    return "LAWSPEAKER_WEB_URL begins with http, so that others on the way read along: put a proxy with TLS before it."
