"""What signing in rests on: attempts, limits, memberships, and who the console is opened to. No network."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from bot.discord_io.refusal import RefusedError
from bot.sandbox.oauth.grants import challenge_of
from bot.settings import SettingsError, load_settings
from bot.web.console.attempts import LASTS, MOST, Attempts, own_path
from bot.web.console.memberships import ABSENT, AFTER_ONE, FRESH, Memberships
from bot.web.console.opening import Way, opening_of
from bot.web.console.rate import Rate, RateLimit, address_of


@pytest.fixture(autouse=True)
def nothing_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is set where the tests run is not what they are about."""
    for name in [name for name in os.environ if name.startswith(("LAWSPEAKER_WEB_", "LAWSPEAKER_OAUTH_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LAWSPEAKER_DATA_DIR", str(tmp_path))


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


# -- attempts ------------------------------------------------------------------------------------------------


def test_a_sign_in_is_finished_by_the_browser_that_began_it_and_once() -> None:
    attempts = Attempts()
    mine, other = attempts.begin("/console/servers/1/now"), attempts.begin("")
    assert len({mine.browser, mine.state, mine.verifier, other.browser, other.state, other.verifier}) == 6
    assert attempts.finish(other.browser, mine.state) is None, "another browser's"
    assert attempts.finish("", mine.state) is None
    assert attempts.finish(mine.browser, mine.state) is mine
    assert attempts.finish(mine.browser, mine.state) is None, "it was used"


def test_a_wrong_state_ends_the_sign_in() -> None:
    attempts = Attempts()
    mine = attempts.begin("")
    assert attempts.finish(mine.browser, "guessed") is None
    assert attempts.finish(mine.browser, mine.state) is None


def test_a_sign_in_ends_by_itself_and_many_do_not_fill_the_memory() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    mine = attempts.begin("")
    clock.now += LASTS + 1
    assert attempts.finish(mine.browser, mine.state) is None
    first = attempts.begin("")
    for _ in range(MOST):
        attempts.begin("")
    assert attempts.finish(first.browser, first.state) is None


def test_the_challenge_is_the_verifiers() -> None:
    mine = Attempts().begin("")
    assert 43 <= len(mine.verifier) <= 128
    assert mine.challenge == challenge_of(mine.verifier)


@pytest.mark.parametrize("path", ["/console/", "/console/servers/17/cases?page=2&q=a+b", "/console/servers/17/cases/4"])
def test_after_signing_in_one_comes_to_the_page_one_wanted(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/healthz",
        "//evil.example/console/",
        "https://evil.example/console/",
        "/\\evil.example",
        "/console/\\evil.example",
        "/console/\r\nSet-Cookie: a=b",
        "/console/../healthz",
        "/console/%0d%0aX: 1\n",
        "\t//evil.example",
        "javascript:alert(1)",
        "/consoles/",
        "/console/sign-out",
        "/console/signed-in?code=1",
        "/console/é",
        "/console/" + "a" * 600,
    ],
)
def test_no_address_leads_anywhere_but_to_a_page_of_the_console(path: str) -> None:
    assert own_path(path) == "/console/"


# -- limits --------------------------------------------------------------------------------------------------


def test_so_many_at_once_and_then_one_after_the_other() -> None:
    clock = Clock()
    limit = RateLimit(Rate(burst=3, seconds=10), clock)
    assert [limit.wait("a") for _ in range(5)] == [0, 0, 0, 10, 10], "those that are refused take none"
    assert limit.wait("b") == 0, "another has their own"
    clock.now += 4
    assert limit.wait("a") == pytest.approx(6)
    clock.now += 6
    assert [limit.wait("a"), limit.wait("a")] == [0, 10]
    clock.now += 1_000
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 10]


@pytest.mark.parametrize(
    ("remote", "forwarded", "counted"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "not an address", "127.0.0.1"),
        ("::ffff:192.0.2.7", "", "192.0.2.7"),
    ],
)
def test_whoever_makes_up_where_they_come_from_is_counted_where_they_do(
    remote: str, forwarded: str, counted: str
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/", headers=headers).clone(remote=remote)
    assert address_of(request) == counted


def test_of_several_lines_about_where_it_comes_from_the_last_counts() -> None:
    lines = CIMultiDict([("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "198.51.100.1")])
    assert address_of(make_mocked_request("GET", "/", headers=lines).clone(remote="127.0.0.1")) == "198.51.100.1"


def test_one_network_of_ipv6_counts_as_one_address() -> None:
    def counted(remote: str) -> str:
        return address_of(make_mocked_request("GET", "/").clone(remote=remote))

    assert counted("2001:db8:1:2::1") == counted("2001:db8:1:2:ffff::9")
    assert counted("2001:db8:1:2::1") != counted("2001:db8:1:3::1")


# -- memberships ---------------------------------------------------------------------------------------------


class Server:
    """A server whose members Discord is asked for; `gate` holds the answers back."""

    def __init__(self, guild_id: int = 1) -> None:
        self.id = guild_id
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.answer: Any = SimpleNamespace(id=7, guild=self)

    async def fetch_member(self, user_id: int) -> Any:
        self.asked += 1
        answer = self.answer
        await self.gate.wait()
        if isinstance(answer, Exception):
            raise answer
        return answer


def gone() -> Exception:
    response = SimpleNamespace(status=404, reason="")
    return discord.NotFound(cast(aiohttp.ClientResponse, response), {"code": 10007, "message": ""})


async def test_pages_that_ask_within_seconds_share_an_answer_and_changes_do_not() -> None:
    clock, server = Clock(), Server()
    members, guild = Memberships(clock), cast(discord.Guild, server)
    for _ in range(5):
        assert await members.look(guild, 7) is server.answer
    assert server.asked == 1
    await members.look(guild, 8)
    assert server.asked == 2, "of another user"
    server.answer = gone()
    assert await members.ask(guild, 7) is None
    assert await members.look(guild, 7) is None, "what a change learned holds for pages too"
    clock.now += FRESH + 0.1
    server.answer = SimpleNamespace(id=7, guild=server)
    assert await members.look(guild, 7) is server.answer


async def test_pages_that_ask_at_the_same_time_ask_once_and_one_that_goes_away_takes_nothing_along() -> None:
    server = Server()
    server.gate.clear()
    members, guild = Memberships(), cast(discord.Guild, server)
    first, *others = [asyncio.create_task(members.look(guild, 7)) for _ in range(4)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    server.gate.set()
    assert await asyncio.gather(*others) == [server.answer] * 3
    assert server.asked == 1


async def test_discord_is_not_asked_without_end_whoever_changes_things_and_others_do_not_wait_for_them() -> None:
    clock, server = Clock(), Server()
    members, guild = Memberships(clock), cast(discord.Guild, server)
    for _ in range(AFTER_ONE.burst):
        await members.ask(guild, 7)
    with pytest.raises(RefusedError, match="within seconds"):
        await members.ask(guild, 7)
    assert server.asked == AFTER_ONE.burst
    assert await members.ask(guild, 8) is server.answer
    clock.now += AFTER_ONE.seconds
    assert await members.ask(guild, 7) is server.answer


async def test_nobody_gets_in_while_discord_does_not_answer() -> None:
    clock, server = Clock(), Server()
    members, guild = Memberships(clock), cast(discord.Guild, server)
    await members.look(guild, 7)
    clock.now += FRESH + 0.1
    server.answer = OSError("no network")
    with pytest.raises(RefusedError):
        await members.look(guild, 7)
    with pytest.raises(RefusedError):
        await members.ask(guild, 7)
    assert await members.among([guild], 7) == []


async def test_of_many_servers_those_are_found_where_somebody_is_a_member() -> None:
    clock = Clock()
    servers = [Server(number) for number in range(1, 30)]
    for server in servers[3:]:
        server.answer = gone()
    members, guilds = Memberships(clock), [cast(discord.Guild, server) for server in servers]
    assert await members.among(guilds, 7) == [server.answer for server in servers[:3]]
    clock.now += FRESH + 0.1
    await members.among(guilds, 7)
    assert [server.asked for server in servers[:4]] == [2, 2, 2, 1], "who is no member is not asked after each time"
    clock.now += ABSENT
    servers[5].answer = SimpleNamespace(id=7, guild=servers[5])
    assert servers[5].answer in await members.among(guilds, 7)


# -- to whom the console is opened ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "way", "address"),
    [
        ({}, Way.OPERATOR, "http://127.0.0.1:8710"),
        ({"web_host": "127.0.0.2", "web_port": 1}, Way.OPERATOR, "http://127.0.0.2:1"),
        ({"web_port": 0}, Way.OPERATOR, None),
        ({"web_host": "0.0.0.0"}, Way.CLOSED, None),
        ({"web_host": "mod.example"}, Way.CLOSED, None),
        ({"web_url": "https://mod.example"}, Way.CLOSED, None),
        ({"web_url": "http://localhost:9000"}, Way.OPERATOR, "http://localhost:9000"),
        ({"oauth_client_secret": "s"}, Way.SIGN_IN, "http://127.0.0.1:8710"),
        ({"oauth_client_secret": "s", "web_host": "0.0.0.0"}, Way.CLOSED, None),
        ({"oauth_client_secret": "s", "web_url": "https://mod.example/"}, Way.SIGN_IN, "https://mod.example"),
        (
            {"oauth_client_secret": "s", "web_host": "0.0.0.0", "web_url": "https://mod.example:8443"},
            Way.SIGN_IN,
            "https://mod.example:8443",
        ),
    ],
)
def test_nobody_from_elsewhere_gets_in_without_signing_in(given: dict[str, Any], way: Way, address: str | None) -> None:
    opening = opening_of(load_settings(**given))
    assert (opening.way, opening.address) == (way, address)
    assert (way is Way.CLOSED) <= ("LAWSPEAKER_" in opening.advice)
    assert opening.is_secure is bool(address and address.startswith("https:"))


def test_the_console_answers_to_the_name_that_was_set_and_to_no_other() -> None:
    assert opening_of(load_settings(oauth_client_secret="s", web_url="https://mod.example")).hosts == {"mod.example"}
    assert "mod.example" not in opening_of(load_settings()).hosts


def test_an_address_without_tls_is_warned_of_where_others_can_read_along() -> None:
    assert "TLS" in opening_of(load_settings(oauth_client_secret="s", web_url="http://mod.example")).advice
    assert not opening_of(load_settings(oauth_client_secret="s", web_url="http://127.0.0.1:1")).advice


@pytest.mark.parametrize(
    "given",
    [
        {"web_url": "https://mod.example/lawspeaker"},
        {"web_url": "https://user:password@mod.example"},
        {"web_url": "ftp://mod.example"},
        {"web_url": "mod.example"},
        {"oauth_client_secret": "two words"},
        {"oauth_client_id": 0},
        {"oauth_client_id": "x"},
    ],
)
def test_settings_that_make_no_sense_are_one_sentence(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(**given)
    assert "password" not in str(caught.value)
    assert "two words" not in str(caught.value)
