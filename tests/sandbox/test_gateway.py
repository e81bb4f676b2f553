"""The sandbox's gateway: logging in, resuming, being told to come back, rate limits and faults."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from bot.discord_io.api import use_api
from bot.sandbox.faults import Effect
from bot.sandbox.link import RESUME
from bot.sandbox.ratelimit import Limit
from tests.sandbox.conftest import Client, Place

_SEND = ("POST", "/channels/{channel_id}/messages")


async def test_a_client_told_to_reconnect_resumes_and_misses_nothing(place: Place, client: Client) -> None:
    place.server.gateway.reconnect(place.application.bot)
    place.server.post(place.member, place.general, "while away")
    await client.told("resumed")
    assert place.server.gateway.resumes == 1
    assert place.server.gateway.identifies == 1
    assert [one.content for one in place.general.messages] == ["while away"]


async def test_a_message_sent_while_the_connection_was_cut_is_told_on_resuming(place: Place, client: Client) -> None:
    place.server.gateway.cut(place.application.bot, 1001)
    await client.told("disconnect")
    place.server.post(place.member, place.general, "while away")
    message = await client.told("message")
    assert isinstance(message, discord.Message)
    assert message.content == "while away"
    assert place.server.gateway.identifies == 1


async def test_an_invalid_session_makes_the_client_log_in_anew(place: Place, client: Client) -> None:
    place.server.gateway.invalidate(place.application.bot, resumable=False)
    await client.told("ready")
    assert place.server.gateway.identifies == 2


async def test_a_lost_session_is_not_resumed_and_nothing_told_again(place: Place, client: Client) -> None:
    place.server.gateway.lose(place.application.bot)
    place.server.post(place.member, place.general, "while away")
    await client.told("ready")
    assert (place.server.gateway.identifies, place.server.gateway.resumes) == (2, 0)
    place.server.post(place.member, place.general, "back again")
    message = await client.told("message")
    assert isinstance(message, discord.Message)
    assert message.content == "back again"


async def test_a_wrong_token_is_refused(place: Place) -> None:
    use_api(place.server.api_base, place.server.gateway_url)
    async with Client() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("nonsense")


async def test_an_intent_that_is_off_for_the_application_is_refused(place: Place) -> None:
    use_api(place.server.api_base, place.server.gateway_url)
    place.application.intents = 0
    async with Client() as bot:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await bot.start(place.application.token)


async def test_a_socket_that_speaks_before_it_logs_in_is_closed(place: Place) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(place.server.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 8, "d": {"guild_id": str(place.guild.id)}})
        await socket.receive()
        assert socket.close_code == 4003


async def test_too_many_requests_are_refused_until_the_window_ends_and_the_client_waits(
    place: Place, client: Client
) -> None:
    place.server.limits.limits[_SEND] = Limit(2, 0.3)
    channel = client.get_channel(place.general.id)
    assert isinstance(channel, discord.TextChannel)
    await asyncio.gather(*(channel.send(f"m{n}") for n in range(5)))
    assert len(place.general.messages) == 5
    headers = {"Authorization": f"Bot {place.application.token}"}
    url = f"{place.server.api_base}/channels/{place.general.id}/messages"
    async with aiohttp.ClientSession(headers=headers) as session:
        answers = [await session.post(url, json={"content": "x"}) for _ in range(3)]
        refused = answers[-1]
        assert refused.status == 429
        assert refused.headers["Via"]
        assert 0 < (await refused.json())["retry_after"] <= 0.3
        assert refused.headers["X-RateLimit-Remaining"] == "0"


async def test_a_fault_before_or_after_a_request_took_effect(place: Place, client: Client) -> None:
    channel = client.get_channel(place.general.id)
    assert isinstance(channel, discord.TextChannel)
    place.server.fail(*_SEND, status=503)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("lost")
    assert len(place.general.messages) == 0
    place.server.fail(*_SEND, status=503, after=True)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("kept")
    assert [one.content for one in place.general.messages] == ["kept"]


async def test_what_goes_wrong_with_a_frame_goes_wrong_once(place: Place, client: Client) -> None:
    gateway = place.server.gateway
    gateway.faults.add(0, Effect.REPEATED, "MESSAGE_CREATE")
    gateway.faults.add(0, Effect.WITHHELD, "MESSAGE_CREATE")
    for number in range(3):
        place.server.post(place.member, place.general, f"{number}")
    heard = [await client.told("message") for _ in range(3)]
    assert [one.content for one in heard if isinstance(one, discord.Message)] == ["0", "0", "2"]
    for effect in (Effect.TORN, Effect.CLOSED):
        gateway.faults.add(0, effect, "MESSAGE_CREATE")
        place.server.post(place.member, place.general, effect)
        await client.told("disconnect")
        message = await client.told("message")
        assert isinstance(message, discord.Message)
        assert message.content == effect, "it is told on resuming"
        await client.told("resumed")
    assert (gateway.identifies, gateway.resumes) == (1, 2)


async def test_a_resume_that_is_refused_makes_the_client_log_in_anew(place: Place, client: Client) -> None:
    place.server.gateway.faults.add(RESUME, Effect.REFUSED)
    place.server.gateway.reconnect(place.application.bot)
    await client.told("ready")
    assert (place.server.gateway.identifies, place.server.gateway.resumes) == (2, 0)


async def test_of_a_guild_with_an_outage_nothing_is_told_until_it_is_over(place: Place, client: Client) -> None:
    place.server.gateway.take_away(place.guild)
    await client.told("guild_unavailable")
    place.server.post(place.member, place.general, "unheard")
    place.server.gateway.give_back(place.guild)
    await client.told("guild_available")
    place.server.post(place.member, place.general, "heard")
    message = await client.told("message")
    assert isinstance(message, discord.Message)
    assert message.content == "heard"
