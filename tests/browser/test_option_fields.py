"""Options of every kind, and an application that does not respond: what is sent, and what is shown meanwhile."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seat import Seat, sit
from tests.browser.silent import NO_ANSWER, asking, silent
from tests.stage import Scene

pytestmark = BROWSER


def sent(seat: Seat) -> dict[str, Any]:
    """The values of the command that was posted last, by option."""
    data = seat.interactions(kind=2)[-1]["data"]
    return {one["name"]: one["value"] for one in data["options"]}


async def test_each_kind_of_option_is_sent_as_what_it_is(page_at: PageAt, scene: Scene) -> None:
    silent(scene)
    seat = await sit(page_at, scene, scene.member)
    await seat.begin("/order")
    await seat.press("Enter")
    await seat.field("size").fill("lar")
    await seat.press("Enter")
    await expect(seat.field("count")).to_be_focused()
    await seat.field("count").fill("3")
    typed = {"gift": "true", "for": "a-mod", "role": "manag", "whom": "moderators", "weight": "1.5", "note": "hello"}
    for name, text in typed.items():
        await seat.line.get_by_role("button", name=f"Add {name}:").click()
        await expect(seat.field(name)).to_be_focused()
        await seat.field(name).fill(text)
        if name not in ("weight", "note"):
            await expect(seat.options.first).to_have_attribute("aria-selected", "true")
            await seat.press("Tab")
    await seat.send()
    await expect(seat.note).to_contain_text(NO_ANSWER)
    managers = next(role for role in scene.guild.roles.values() if role.name == "Managers")
    assert sent(seat) == {
        "size": "l",
        "count": 3,
        "gift": True,
        "for": str(scene.moderator.id),
        "role": str(managers.id),
        "whom": str(scene.moderator_role_id),
        "weight": 1.5,
        "note": "hello",
    }
    # What was filled in stands there still, to be sent again.
    await expect(seat.field("note")).to_have_value("hello")


async def test_bounds_are_told_and_held(page_at: PageAt, scene: Scene) -> None:
    silent(scene)
    seat = await sit(page_at, scene, scene.member)
    await seat.begin("/order")
    await seat.press("Enter")
    await expect(seat.palette).to_contain_text("required · one of 2")
    await seat.options.filter(has_text="Small").click()
    await expect(seat.palette).to_contain_text("required · whole number · 1 to 5")
    await seat.field("count").fill("6")
    await seat.press("Enter")
    await expect(seat.palette.get_by_role("alert")).to_have_text("Write 5 or less.")
    await seat.field("count").fill("5")
    await seat.line.get_by_role("button", name="Add note:").click()
    await expect(seat.palette).to_contain_text("optional · text · 3 to 10 characters")
    await seat.field("note").fill("no")
    await seat.press("Enter")
    await expect(seat.palette.get_by_role("alert")).to_have_text("Write at least 3 characters.")
    # Backspace in an empty field takes the option out again.
    await seat.field("note").fill("")
    await seat.press("Backspace")
    await expect(seat.field("note")).to_have_count(0)
    assert not seat.interactions(kind=2)


async def test_what_the_server_finds_wrong_is_said_at_the_option(page_at: PageAt, scene: Scene) -> None:
    silent(scene)
    seat = await sit(page_at, scene, scene.member, allow=[r"status of 400 .*/interactions$"])
    await seat.begin("/order")
    await seat.press("Enter")
    await seat.options.filter(has_text="Small").click()
    await seat.field("count").fill("1")
    await seat.line.get_by_role("button", name="Add for:").click()
    await seat.field("for").fill("a-manager")
    await seat.press("Enter")
    del scene.server.world.users[scene.manager.id]
    await seat.send()
    scene.server.world.users[scene.manager.id] = scene.manager
    await expect(seat.field("for")).to_have_attribute("aria-invalid", "true")
    await expect(seat.palette.get_by_role("alert")).to_have_text("Nothing usable has this id.")


async def test_a_button_spins_while_it_waits_and_tells_when_nobody_answered(page_at: PageAt, scene: Scene) -> None:
    message = asking(scene, silent(scene))
    seat = await sit(page_at, scene, scene.member)
    button = seat.message(message).get_by_role("button", name="Press")
    await button.click()
    await expect(button).to_have_attribute("aria-busy", "true")
    await button.dispatch_event("click")
    await expect(seat.message(message).get_by_role("alert")).to_have_text(NO_ANSWER)
    await expect(button).not_to_have_attribute("aria-busy", "true")
    assert len(seat.interactions(kind=3)) == 1


async def test_several_members_are_picked_at_once(page_at: PageAt, scene: Scene) -> None:
    message = asking(scene, silent(scene))
    seat = await sit(page_at, scene, scene.member)
    await seat.message(message).get_by_role("combobox").click()
    for name in ("@a-member", "@a-moderator"):
        await seat.page.get_by_role("option", name=name).click()
    await seat.press("Tab")
    await expect(seat.message(message).get_by_role("alert")).to_have_text(NO_ANSWER)
    (posted,) = seat.interactions(kind=3)
    assert set(posted["data"]["values"]) == {str(scene.member.id), str(scene.moderator.id)}


async def test_commands_work_in_direct_messages(page_at: PageAt, scene: Scene) -> None:
    application = silent(scene)
    channel = scene.server.world.dm(scene.member, application.bot)
    scene.server.post(application.bot, channel, "Hello!")
    seat = await sit(page_at, scene, scene.member, channel)
    await seat.begin("/")
    await expect(seat.options).to_have_count(1)
    await expect(seat.options).to_contain_text("/help")
    await seat.press("Enter", "Enter")
    await expect(seat.note).to_contain_text(NO_ANSWER)
    (posted,) = seat.interactions(kind=2)
    assert "guild_id" not in posted
    assert posted["channel_id"] == str(channel.id)


async def test_choices_that_do_not_come_are_said_to_be_missing(page_at: PageAt, scene: Scene) -> None:
    silent(scene)
    seat = await sit(page_at, scene, scene.member)
    await seat.begin("/search")
    await seat.press("Enter")
    await expect(seat.palette).to_contain_text("Choices could not be loaded.")
    asked = seat.interactions(kind=4)[-1]["data"]["options"]
    assert asked == [{"type": 3, "name": "word", "value": "", "focused": True}]


async def test_what_a_server_took_from_its_members_is_refused_in_words(page_at: PageAt, scene: Scene) -> None:
    application = silent(scene)
    (command,) = (one for one in scene.server.commands.in_guild(scene.guild) if one["name"] == "help")
    everyone = {"id": str(scene.guild.id), "type": 1, "permission": False}
    scene.server.commands.permit(scene.guild, int(command["id"]), [everyone])
    seat = await sit(page_at, scene, scene.member, allow=[r"status of 403 .*/interactions$"])
    await seat.begin("/help")
    await expect(seat.palette.get_by_role("group", name=application.name)).to_be_visible()
    await seat.press("Enter", "Enter")
    await expect(seat.note).to_have_text("/help: You may not use this here.")
