"""The tour of the sandbox's page: four steps that notice by themselves that they were done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.async_api import Locator, expect

from bot.domain.decision import Outcome
from bot.domain.records import Judgement
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seat import COMPILING_MS, Seat, sit
from tests.browser.seeing import serious, shot
from tests.stage import Scene

pytestmark = BROWSER


@contextmanager
def marking(scene: Scene) -> Iterator[None]:
    """Put a mark on each message of a scene that is settled, as who runs a sandbox does."""

    async def settled(judgement: Judgement) -> None:
        channel = scene.guild.channels.get(judgement.submission.channel_id)
        message = channel.messages.get(judgement.submission.message_id) if channel is not None else None
        if message is not None:
            is_fine = judgement.decision.outcome is Outcome.ALLOW
            scene.server.mark(message, "allowed" if is_fine else "flagged", "good" if is_fine else "warning")

    heard = scene.stage.trial.app.pipeline.on_settled
    heard.append(settled)
    try:
        yield
    finally:
        heard.remove(settled)


def card(seat: Seat) -> Locator:
    """The tour's card."""
    return seat.page.get_by_role("complementary", name="Tour")


async def at_step(seat: Seat, title: str) -> None:
    """Wait until the tour is at a step."""
    await expect(card(seat).get_by_role("heading")).to_have_text(title)


async def at_part(seat: Seat, text: str) -> None:
    """Wait until a part of a step is what is to be done."""
    await expect(card(seat).locator("[aria-current=step]")).to_contain_text(text)


async def say(seat: Seat, text: str) -> None:
    """Write a message as who is logged in."""
    await seat.composer.fill(text)
    await seat.composer.press("Enter")


async def become(seat: Seat, name: str) -> None:
    """Switch to another account."""
    await seat.page.get_by_role("button", name="Switch account").click()
    await seat.page.get_by_role("menuitemradio", name=name).click()


async def visit(seat: Seat, channel: str) -> None:
    """Open a channel by the list."""
    await seat.page.get_by_role("navigation", name="Channels").get_by_role("link", name=channel).click()


async def test_each_step_is_noticed_when_it_was_done(page_at: PageAt, scene: Scene) -> None:
    with marking(scene):
        seat = await sit(page_at, scene, scene.member, tour=True, others=[scene.moderator])
        await at_step(seat, "Write as a member")
        await expect(seat.page.locator(".tour-ring")).to_be_visible()
        assert await serious(seat.page) == []
        await shot(seat.page, "tour")
        await say(seat, "good morning")
        await at_step(seat, "Break a rule")
        await scene.break_rule("2")
        await say(seat, "buy my things")
        await at_step(seat, "Be the moderator")
        await become(seat, "a-moderator")
        await at_part(seat, "Open the mod log.")
        await visit(seat, "mod-log")
        await at_part(seat, "Press a button of the case.")
        await seat.page.get_by_role("button", name="Confirm").click()
        await at_step(seat, "Change the law")
        await visit(seat, "general")
        await seat.begin("/policy edit")
        await seat.press("Enter")
        await seat.send()
        await at_part(seat, "Change a rule in the form, or add one")
        await seat.dialog.get_by_label("Rules in plain language").fill("1. No spam, please. [flag]")
        await seat.dialog.get_by_role("button", name="Submit").click()
        await at_part(seat, "Publish the new version")
        await seat.answer.get_by_role("button", name="Publish").click()
        await at_part(seat, "Switch back to the member")
        await become(seat, "a-member")
        await expect(seat.page.get_by_role("button", name="You are a-member")).to_be_visible()
        await say(seat, "buy my other things")
        await expect(card(seat)).to_contain_text("You have seen how it works", timeout=COMPILING_MS)
    await card(seat).get_by_role("button", name="Close").click()
    await expect(card(seat)).to_be_hidden()


async def test_a_step_of_somebody_elses_is_not_taken_for_ones_own(page_at: PageAt, scene: Scene) -> None:
    with marking(scene):
        seat = await sit(page_at, scene, scene.member, tour=True)
        other = scene.post("good morning", author=scene.moderator)
        scene.server.mark(other, "allowed", "good")
        await expect(seat.message(other)).to_contain_text("allowed")
        await at_step(seat, "Write as a member")


async def test_it_is_skipped_remembered_and_begun_again(page_at: PageAt, scene: Scene) -> None:
    seat = await sit(page_at, scene, scene.member, tour=True)
    await card(seat).get_by_role("button", name="Skip this step").click()
    await at_step(seat, "Break a rule")
    await expect(card(seat).get_by_role("heading")).to_be_focused()
    await expect(seat.page.locator("#announcer")).to_contain_text("Tour, step 2: Break a rule.")
    await seat.page.reload()
    await at_step(seat, "Break a rule")
    await card(seat).get_by_role("button", name="End the tour").click()
    await expect(card(seat)).to_be_hidden()
    await seat.page.reload()
    await expect(seat.composer).to_be_enabled()
    await expect(card(seat)).to_be_hidden()
    await seat.page.get_by_role("button", name="Start the tour").click()
    await at_step(seat, "Write as a member")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 780)])
async def test_it_covers_nothing_that_it_points_at(page_at: PageAt, scene: Scene, width: int, height: int) -> None:
    seat = await sit(page_at, scene, scene.member, tour=True, width=width, height=height)
    await at_step(seat, "Write as a member")
    ring = await seat.page.locator(".tour-ring").bounding_box()
    over = await card(seat).bounding_box()
    assert ring is not None
    assert over is not None
    assert over["y"] + over["height"] <= ring["y"]
    # A press on what the ring is around goes through it.
    await seat.composer.click()
    await expect(seat.composer).to_be_focused()


async def test_on_a_phone_it_leads_through_the_drawer_to_the_mod_log(page_at: PageAt, scene: Scene) -> None:
    await scene.break_rule("2")
    await scene.case(scene.post("buy my things"))
    phone = {"width": 390, "height": 780}
    seat = await sit(page_at, scene, scene.member, tour=True, others=[scene.moderator], **phone)
    for title in ("Break a rule", "Be the moderator"):
        await card(seat).get_by_role("button", name="Skip this step").click()
        await at_step(seat, title)
    drawer = seat.page.get_by_role("button", name="Channels")
    await drawer.click()
    await become(seat, "a-moderator")
    await at_part(seat, "Open the mod log.")
    await visit(seat, "mod-log")
    await at_part(seat, "Press a button of the case.")
    await seat.page.get_by_role("button", name="More").last.click()
    await at_step(seat, "Change the law")


async def test_on_a_phone_no_ring_lies_over_the_drawer(page_at: PageAt, scene: Scene) -> None:
    seat = await sit(page_at, scene, scene.member, tour=True, width=390, height=780)
    await at_step(seat, "Write as a member")
    ring = seat.page.locator(".tour-ring")
    await expect(ring).to_be_visible()
    await seat.page.get_by_role("button", name="Channels").click()
    await expect(ring).to_be_hidden()
    await seat.press("Escape")
    await expect(ring).to_be_visible()


async def test_what_one_wrote_counts_also_when_one_is_somebody_else_by_then(page_at: PageAt, scene: Scene) -> None:
    seat = await sit(page_at, scene, scene.member, tour=True, others=[scene.moderator])
    await card(seat).get_by_role("button", name="Skip this step").click()
    await say(seat, "buy my things")
    await expect(seat.answer).to_contain_text("buy my things")
    message = list(scene.general.messages)[-1]
    await become(seat, "a-moderator")
    await expect(seat.page.get_by_role("button", name="You are a-moderator")).to_be_visible()
    await at_step(seat, "Break a rule")
    scene.server.mark(message, "flagged", "warning")
    await at_step(seat, "Be the moderator")


async def test_what_was_judged_while_nobody_was_connected_counts(page_at: PageAt, scene: Scene) -> None:
    seat = await sit(page_at, scene, scene.member, tour=True)
    await card(seat).get_by_role("button", name="Skip this step").click()
    await say(seat, "buy my things")
    await expect(seat.answer).to_contain_text("buy my things")
    scene.server.gateway.lose(scene.member)
    await expect(seat.page.locator("body")).to_have_attribute("data-connection", "away")
    scene.server.mark(list(scene.general.messages)[-1], "flagged", "warning")
    await at_step(seat, "Be the moderator")


AROUND = """() => {
  const places = [".tour-ring", "#composer .field"].map((one) => document.querySelector(one));
  const [ring, field] = places.map((one) => one.getBoundingClientRect());
  return ring.left < field.left && ring.right > field.right && Math.abs(ring.top + 4 - field.top) < 1;
}"""


async def test_the_ring_follows_what_it_is_around(page_at: PageAt, scene: Scene) -> None:
    seat = await sit(page_at, scene, scene.member, tour=True)
    await at_step(seat, "Write as a member")
    await seat.page.wait_for_function(AROUND)
    await seat.page.set_viewport_size({"width": 900, "height": 600})
    await seat.page.wait_for_function(AROUND)
    await seat.composer.fill("one\ntwo\nthree")
    await seat.page.wait_for_function(AROUND)
    await seat.page.get_by_role("button", name="End the tour").click()
    await expect(seat.page.locator(".tour-ring")).to_be_hidden()
