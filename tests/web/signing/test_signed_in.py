"""What a session lets somebody see and do, as Discord has it at that moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import discord
import pytest
from aiohttp import web

from bot.domain.access import AccessChange, Group, Use, Who
from bot.sandbox.permissions import MANAGE_MESSAGES, VIEW_CHANNEL
from bot.web.console.asked import Asked, Page
from bot.web.console.memberships import FRESH
from bot.web.console.times import written
from tests.stage import Scene, until
from tests.web.client import Browser
from tests.web.signed import Opened, Signed, signed_console

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


class Changing:
    """A section with something to look at and something to change."""

    path = "changing"
    title = "Changing"
    use = Use(Group.CASES, Who.MODERATORS)

    def pages(self) -> list[Page]:
        async def look(_: Asked) -> web.Response:
            return web.Response(text="looked")

        async def change(_: Asked) -> web.Response:
            return web.Response(text="changed")

        return [Page("GET", self.path, self.use, look), Page("POST", self.path, self.use, change)]


def role_of(signed: Signed, role_id: int) -> discord.Role | None:
    """A role as the bot knows it."""
    guild = signed.scene.stage.trial.app.client.get_guild(signed.scene.guild.id)
    return guild.get_role(role_id) if guild is not None else None


async def test_a_moderator_sees_their_servers_and_no_other(signed: Signed, browser: Browser, opened: Opened) -> None:
    elsewhere = await signed.scene.stage.scene()
    signed.scene.server.world.join(elsewhere.guild, signed.scene.moderator)
    await browser.sign_in(signed.scene.moderator)
    chosen = await browser.get("/console/")
    assert (chosen.status, chosen.location) == (303, f"/console/servers/{signed.scene.guild.id}/")
    shown = await browser.get(f"/console/servers/{elsewhere.guild.id}/now")
    unknown = await browser.get("/console/servers/1/now")
    assert (shown.status, unknown.status) == (404, 404)
    assert "There is no such server, or you may not look at it. The first page has those that you may." in shown.text
    assert "There is no such server, or you may not look at it. The first page has those that you may." in unknown.text
    nobody = opened()
    await nobody.sign_in(signed.scene.member)
    assert "There is no server here that you may look at:" in (await nobody.get("/console/")).text


async def test_rights_that_are_withdrawn_are_gone_with_the_next_change_and_soon_for_looking(scene: Scene) -> None:
    async with signed_console(scene, [Changing()]) as signed:
        browser = Browser(signed.address)
        await browser.sign_in(scene.moderator)
        token = (await browser.get("/console/servers/1/now")).token
        path = f"/console/servers/{scene.guild.id}/changing"
        assert (await browser.get(path)).text == "looked"
        assert (await browser.post(path, {"csrf": token})).text == "changed"
        scene.guild.members[scene.moderator.id].roles.clear()
        assert (await browser.post(path, {"csrf": token})).status == 404
        assert (await browser.get(path)).status == 404, "what the change learned holds for looking too"
        await browser.close()


@pytest.mark.parametrize("who", ["nobody here", "member"])
async def test_who_may_do_nothing_here_does_not_have_discord_asked_with_each_try(
    signed: Signed, browser: Browser, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord answers the bot only so often: whoever uses that up keeps it from moderating."""
    scene = signed.scene
    user = scene.member if who == "member" else scene.server.world.add_user("outsider")
    await browser.sign_in(user)
    token = (await browser.get("/console/servers/1/now")).token
    http = scene.stage.trial.app.client.http
    asked: list[object] = []
    get_member = http.get_member

    async def counted(*who: Any) -> Any:
        asked.append(who)
        return await get_member(*who)

    monkeypatch.setattr(http, "get_member", counted)
    for _ in range(20):
        answer = await browser.post(f"/console/servers/{scene.guild.id}/audit/check", {"csrf": token})
        assert answer.status == 404
    assert len(asked) == 1


async def test_what_is_known_of_a_member_holds_for_seconds(signed: Signed, browser: Browser) -> None:
    await browser.sign_in(signed.scene.moderator)
    assert (await browser.get(signed.page)).status == 200
    signed.scene.guild.members[signed.scene.moderator.id].roles.clear()
    signed.clock.now += FRESH + 0.1
    assert (await browser.get(signed.page)).status == 404


async def test_a_role_that_loses_its_permission_counts_at_once(signed: Signed, browser: Browser) -> None:
    await browser.sign_in(signed.scene.moderator)
    assert (await browser.get(signed.page)).status == 200
    role = signed.scene.guild.roles[signed.scene.moderator_role_id]
    role.permissions &= ~MANAGE_MESSAGES
    signed.scene.server.moderation.tell_role(signed.scene.guild, role, "UPDATE")

    async def is_known() -> bool:
        known = role_of(signed, role.id)
        return known is not None and not known.permissions.manage_messages

    await until(is_known)
    assert (await browser.get(signed.page)).status == 404


async def test_who_left_and_who_is_timed_out_sees_nothing_more(
    signed: Signed, browser: Browser, opened: Opened
) -> None:
    scene, world = signed.scene, signed.scene.server.world
    timed_out = opened()
    timed_out.bring(signed.session(scene.manager))
    await browser.sign_in(scene.moderator)
    scene.guild.members[scene.manager.id].timed_out_until = world.now() + timedelta(hours=1)
    shown = await timed_out.get(signed.page)
    assert shown.status in (403, 404)
    assert "A server" not in shown.text
    scene.server.moderation.kick(scene.guild, scene.owner, scene.guild.members[scene.moderator.id], None)
    assert (await browser.get(signed.page)).status == 404


async def test_a_moderator_who_is_timed_out_is_told_so_and_until_when(signed: Signed, browser: Browser) -> None:
    scene, world = signed.scene, signed.scene.server.world
    browser.bring(signed.session(scene.moderator))
    member = scene.guild.members[scene.moderator.id]
    member.timed_out_until = until = world.now() + timedelta(hours=1)
    for path in (signed.page, f"/console/servers/{scene.guild.id}/"):
        shown = await browser.get(path)
        assert shown.status == 403
        assert "You are timed out on this server until" in shown.text
        assert written(until) in shown.text
        assert "A server" not in shown.text
    first = await browser.get("/console/")
    assert first.location.endswith(f"/servers/{scene.guild.id}/"), "the way there is not hidden either"
    token = signed.session(scene.moderator)
    browser.bring(token)
    path = f"/console/servers/{scene.guild.id}/audit/check"
    assert (await browser.post(path, {"csrf": token.csrf})).status == 403
    member.timed_out_until = world.now() - timedelta(seconds=1)
    signed.clock.now += FRESH + 0.1
    assert (await browser.get(signed.page)).status == 200


async def test_whoever_else_is_timed_out_is_told_no_more_than_of_a_server_that_there_is_not(
    signed: Signed, browser: Browser
) -> None:
    """Nobody finds out by a timeout that a server has a console: only who would be let in otherwise hears of it."""
    scene, world = signed.scene, signed.scene.server.world
    browser.bring(signed.session(scene.member))
    scene.guild.members[scene.member.id].timed_out_until = world.now() + timedelta(hours=1)
    here, nowhere = await browser.get(signed.page), await browser.get("/console/servers/1/now")
    assert (here.status, here.text) == (nowhere.status, nowhere.text)
    assert here.status == 404
    assert "no server here" in (await browser.get("/console/")).text


async def test_nobody_gets_in_while_discord_does_not_say_who_is_a_member(signed: Signed, browser: Browser) -> None:
    await browser.sign_in(signed.scene.moderator)
    signed.scene.server.fail("GET", "/guilds/{guild_id}/members/{user_id}", 403)
    shown = await browser.get(signed.page)
    assert shown.status == 409
    assert "Discord does not say" in shown.text


async def test_who_was_given_commands_by_the_server_sees_those_and_no_others(signed: Signed, browser: Browser) -> None:
    role = signed.scene.server.moderation.create_role(signed.scene.guild, "helpers")
    signed.scene.server.world.join(signed.scene.guild, signed.scene.member, [role])
    browser.bring(signed.session(signed.scene.member))
    assert (await browser.get(signed.page)).status == 404
    await signed.scene.store.guilds.set_access(signed.scene.guild.id, AccessChange(role.id, Group.STATS, True))

    async def is_known() -> bool:
        return role_of(signed, role.id) is not None

    await until(is_known)
    signed.clock.now += FRESH + 0.1
    assert (await browser.get(signed.page)).status == 200


async def test_who_signed_in_sees_what_they_see_on_discord_and_acts_in_their_own_name(
    signed: Signed, scene: Scene
) -> None:
    closed = [{"id": str(scene.guild.id), "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}]
    channel = scene.server.places.create(scene.guild, {"name": "closed", "permission_overwrites": closed})
    client = scene.stage.trial.app.client

    async def is_known() -> bool:
        return client.get_channel(channel.id) is not None

    await until(is_known)
    entry = await signed.session(scene.moderator).visitor.act(scene.guild.id)
    assert (entry.actor_id, entry.member.id) == (scene.moderator.id, scene.moderator.id)
    assert channel.id in entry.sight.hidden
    assert not await entry.sight.sees(channel.id)
    assert await entry.sight.sees(scene.general.id)
    owner = await signed.session(scene.owner).visitor.enter(scene.guild.id)
    assert await owner.sight.sees(channel.id)
