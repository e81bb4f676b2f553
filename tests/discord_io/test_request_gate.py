"""When a request may be sent: Discord's answers are heeded by all requests, and its limits kept before they are hit."""

from __future__ import annotations

import discord
import pytest

from bot.discord_io.request_gate import (
    INVALID_SECONDS,
    LOGIN_SECONDS,
    LOGINS_AT_ONCE,
    LONGEST_SHUT_OUT_SECONDS,
    MOST_A_SECOND,
    MOST_CONNECTIONS,
    MOST_INVALID,
    SHUT_OUT_SECONDS,
    RequestGate,
    Window,
)

BASE = discord.http.Route.BASE
MESSAGES = f"{BASE}/channels/1/messages"
ANSWER = f"{BASE}/interactions/5/a-token/callback"
FOLLOW_UP = f"{BASE}/webhooks/5/a-token/messages/@original"
GATEWAY = "wss://gateway.discord.gg/?v=10"
FILE = "https://cdn.discordapp.com/attachments/1/2/a.png"
VIA = {"Via": "1.1 google"}


class Clock:
    """A clock that stands still until it is set on."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> RequestGate:
    return RequestGate(clock)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "999999999"}, LONGEST_SHUT_OUT_SECONDS),
        ({"Retry-After": "-7"}, 0.0),
        ({"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"}, SHUT_OUT_SECONDS),
        ({}, SHUT_OUT_SECONDS),
    ],
)
def test_while_the_proxy_shuts_the_bot_out_nothing_is_sent_to_the_api(
    gate: RequestGate, clock: Clock, headers: dict[str, str], seconds: float
) -> None:
    gate.heed("GET", MESSAGES, 429, headers)
    for url in (MESSAGES, f"{BASE}/users/@me", ANSWER, FOLLOW_UP):
        assert gate.left("POST", url) == seconds
    assert gate.left("GET", GATEWAY) == gate.left("GET", FILE) == 0.0
    clock.now += seconds
    assert gate.left("POST", MESSAGES) == 0.0


def test_a_shorter_wish_does_not_shorten_a_longer_one(gate: RequestGate) -> None:
    for headers in ({}, VIA | {"X-RateLimit-Scope": "global"}):
        gate.heed("GET", MESSAGES, 429, {"Retry-After": "90", **headers})
        gate.heed("GET", MESSAGES, 429, {"Retry-After": "1", **headers})
        assert gate.left("GET", f"{BASE}/users/@me") == 90.0


@pytest.mark.parametrize("how", [{"X-RateLimit-Scope": "global"}, {"X-RateLimit-Global": "true"}])
def test_the_limit_over_all_routes_holds_all_of_them_but_answers_to_interactions(
    gate: RequestGate, clock: Clock, how: dict[str, str]
) -> None:
    gate.heed("GET", MESSAGES, 429, {"Retry-After": "7", **VIA, **how})
    assert gate.left("DELETE", f"{BASE}/guilds/2/members/3") == 7.0
    assert gate.left("POST", ANSWER) == gate.left("PATCH", FOLLOW_UP) == 0.0
    clock.now += 7
    assert gate.left("DELETE", f"{BASE}/guilds/2/members/3") == 0.0


@pytest.mark.parametrize("scope", ["user", "shared"])
def test_a_bucket_that_is_used_up_holds_what_is_counted_with_it_and_nothing_else(gate: RequestGate, scope: str) -> None:
    gate.heed("DELETE", f"{MESSAGES}/8", 429, {"Retry-After": "7", **VIA, "X-RateLimit-Scope": scope})
    assert gate.left("DELETE", f"{MESSAGES}/9") == 7.0
    assert gate.left("GET", f"{MESSAGES}/9") == 0.0
    assert gate.left("DELETE", f"{BASE}/channels/2/messages/9") == 0.0
    assert gate.left("DELETE", MESSAGES) == 0.0


def test_a_bucket_that_an_answer_says_is_used_up_is_held_whatever_a_late_answer_says(
    gate: RequestGate, clock: Clock
) -> None:
    gate.heed("DELETE", f"{MESSAGES}/8", 204, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "3.5", **VIA})
    gate.heed("DELETE", f"{MESSAGES}/7", 204, {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset-After": "4", **VIA})
    gate.heed("DELETE", f"{MESSAGES}/6", 204, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "1", **VIA})
    assert gate.left("DELETE", f"{MESSAGES}/9") == 3.5
    assert gate.left("GET", f"{MESSAGES}/9") == 0.0
    clock.now += 3.5
    assert gate.left("DELETE", f"{MESSAGES}/9") == 0.0


@pytest.mark.parametrize("status", [401, 403, 429])
def test_the_bot_stops_long_before_so_many_refusals_that_discord_shuts_it_out(
    gate: RequestGate, clock: Clock, status: int
) -> None:
    assert MOST_INVALID * 3 < 10_000
    for _ in range(MOST_INVALID):
        assert gate.left("GET", MESSAGES) == 0.0
        gate.heed("GET", MESSAGES, status, VIA)
        clock.now += 0.01
    assert gate.left("GET", MESSAGES) == pytest.approx(INVALID_SECONDS - MOST_INVALID * 0.01)
    assert gate.left("POST", ANSWER) == 0.0
    clock.now += gate.left("GET", MESSAGES)
    assert gate.left("GET", MESSAGES) == 0.0
    gate.heed("GET", MESSAGES, status, VIA)
    assert gate.left("GET", MESSAGES) > 0.0, "one that is over makes room for one"


def test_what_counts_no_longer_is_forgotten() -> None:
    window = Window(3, 10.0)
    for now in (0.0, 1.0, 2.0):
        window.note(now)
    assert window.left(2.0) == 8.0
    window.note(100.0)
    assert window.left(100.0) == 0.0
    assert list(window._times) == [100.0]


@pytest.mark.parametrize(
    ("status", "headers"), [(404, {}), (500, {}), (200, {}), (429, {"X-RateLimit-Scope": "shared"})]
)
def test_what_discord_does_not_count_as_invalid_is_not_counted(
    gate: RequestGate, status: int, headers: dict[str, str]
) -> None:
    for _ in range(MOST_INVALID):
        gate.heed("GET", MESSAGES, status, {**VIA, **headers})
    assert gate.left("GET", f"{BASE}/users/@me") == 0.0


def test_no_more_is_sent_in_a_second_than_discord_takes(gate: RequestGate, clock: Clock) -> None:
    assert MOST_A_SECOND < 50
    for number in range(MOST_A_SECOND):
        url = f"{BASE}/channels/{number}/messages"
        assert gate.left("POST", url) == 0.0
        gate.sent(url)
        gate.sent(ANSWER)
    assert gate.left("POST", MESSAGES) == 1.0
    assert gate.left("POST", ANSWER) == 0.0
    clock.now += 1.0
    assert gate.left("POST", MESSAGES) == 0.0


def test_the_gateway_is_not_connected_to_without_a_pause_for_ever(gate: RequestGate, clock: Clock) -> None:
    for _ in range(MOST_CONNECTIONS):
        assert gate.left("GET", GATEWAY) == 0.0
        gate.sent(GATEWAY)
    assert gate.left("GET", GATEWAY) > 0.0
    assert gate.left("GET", MESSAGES) == 0.0
    clock.now += gate.left("GET", GATEWAY)
    assert gate.left("GET", GATEWAY) == 0.0


async def test_the_gateway_is_not_asked_for_so_many_sessions_that_discord_resets_the_token(
    gate: RequestGate, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.now += seconds

    monkeypatch.setattr("bot.discord_io.request_gate.asyncio.sleep", sleep)
    began, logins = clock.now, 0
    while clock.now < began + 86_400:
        await gate.before_login()
        logins += 1
        clock.now += 5
        assert logins > LOGINS_AT_ONCE or not slept
    assert 900 < logins < 1_000
    assert max(slept) <= LOGIN_SECONDS
