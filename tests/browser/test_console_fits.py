"""What hardly fits on the console: long messages and names, many rules, other languages, small screens."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from bot.domain.decision import Thresholds, ThresholdTable
from bot.domain.records import CaseRecord, CaseStatus
from bot.web.console.keeping import COOKIE
from tests.browser.conftest import PageAt
from tests.browser.marks import BROWSER
from tests.browser.seeing import serious
from tests.cogs.cases.desk import read
from tests.cogs.scripted_stage import running_stage
from tests.stage import ASK, Scene
from tests.web.signed import signed_console

pytestmark = BROWSER
__all__ = ["running_stage"]

LINES = "\n".join(f"{number}. a line of a long message" for number in range(60))
MANY_RULES = "# The house\n\n" + "".join(
    f"{number}. No {'very ' * 20}bad things of kind {number}. [flag]\n" for number in range(1, 21)
)
PHONE = 390
PAGES = (
    *("now?still", "cases", "review", "audit", "policy", "policy/edit"),
    *("policy/versions", "policy/try", "policy/backtest", "policy/thresholds"),
)


def at(scene: Scene, path: str) -> str:
    return f"http://127.0.0.1:{scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/{path}"


async def doubtful(scene: Scene, *texts: str) -> list[CaseRecord]:
    """Cases that wait for a human, oldest first."""
    await scene.break_rule("2", ASK)
    return [await scene.case(scene.post(text)) for text in texts]


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def is_within(inner: Locator, outer: Locator) -> bool:
    """Whether one element is in sight in another, which scrolls."""
    small, box = await inner.bounding_box(), await outer.bounding_box()
    assert small is not None
    assert box is not None
    return small["y"] >= box["y"] and small["y"] + small["height"] <= box["y"] + box["height"]


async def test_a_long_name_leaves_room_for_what_its_owner_said(page_at: PageAt, scene: Scene) -> None:
    named = scene.server.world.add_user("W" * 32)
    scene.server.world.join(scene.guild, named)
    await scene.settled(scene.post("something that they said before", named))
    (case,) = await doubtful(scene, "come to my shop")
    for width, least in ((PHONE, 250), (1280, 300)):
        page = await page_at(at(scene, f"cases/{case.number}"), width=width)
        said = await page.locator(".before dd", has_text="something that they said").bounding_box()
        assert said is not None
        assert said["width"] >= least
        assert await fits(page)


async def test_what_a_verdict_quotes_of_a_long_message_is_in_sight(page_at: PageAt, scene: Scene) -> None:
    first, second = await doubtful(scene, "come to my shop", LINES)
    await scene.store.cases.explained(scene.guild.id, second.number, "It is long.", "55. a line of a long message")
    page = await page_at(at(scene, f"cases/{second.number}"))
    box = page.locator(".columns blockquote").first
    assert await is_within(box.locator("mark"), box)
    assert await page.evaluate("scrollY") == 0
    await page.goto(at(scene, "review"))
    await page.get_by_role("button", name="Begin").click()
    await expect(page.locator("#case-title")).to_contain_text(f"Case {first.number}")
    await page.keyboard.press("c")
    await expect(page.locator("#case-title")).to_contain_text(f"Case {second.number}")
    await expect(page.locator("#case-title")).to_be_focused()
    assert await is_within(box.locator("mark"), box)


@pytest.mark.parametrize("locale", ["en-US", "de-DE"])
async def test_on_a_phone_the_answers_are_under_the_thumb_wherever_one_scrolled_to(
    page_at: PageAt, scene: Scene, locale: str
) -> None:
    cases = await doubtful(scene, LINES, "another one", "a third", "a fourth")
    page = await page_at(at(scene, "review"), width=PHONE, height=844, locale=locale)
    await page.locator("[data-key=s]").click()
    buttons = page.locator("#review :is([data-key=c], [data-key=o], [data-key=s])")
    await expect(buttons).to_have_count(3)
    for place in ("0", "document.body.scrollHeight"):
        await page.evaluate(f"scrollTo(0, {place})")
        for button in await buttons.all():
            await expect(button).to_be_in_viewport(ratio=1)
            assert await button.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    card = await page.locator(".answers").bounding_box()
    assert card is not None
    for field in await page.locator(".answers :is(input:not([type=hidden]), select)").all():
        box = await field.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] < card["x"] + card["width"] - 10
    assert not await serious(page)
    assert await fits(page)
    for key, status in (("c", CaseStatus.CONFIRMED), ("o", CaseStatus.OVERTURNED), ("s", CaseStatus.OPEN)):
        case = cases.pop(0)
        await expect(page.locator("#review")).to_have_attribute("data-number", str(case.number))
        await page.locator(f"[data-key={key}]").click()
        await expect(page.locator("#review")).to_have_attribute("data-number", str(cases[0].number))
        assert (await read(scene, case)).status is status


async def test_of_twenty_rules_a_case_shows_those_that_count_and_the_others_when_asked(
    page_at: PageAt, scene: Scene
) -> None:
    await scene.publish(MANY_RULES)
    (case,) = await doubtful(scene, "come to my shop")
    await scene.store.guilds.update(scene.guild.id, thresholds=ThresholdTable(Thresholds(0.9, 0.8)))
    page = await page_at(at(scene, f"cases/{case.number}"))
    await expect(page.locator(".bars svg:visible")).to_have_count(3)
    await page.get_by_text("17 other rules").click()
    await expect(page.locator(".bars svg:visible")).to_have_count(20)


@pytest.mark.parametrize("width", [1280, PHONE])
async def test_what_would_change_is_in_sight_of_the_last_of_twenty_sliders(
    page_at: PageAt, scene: Scene, width: int
) -> None:
    await scene.publish(MANY_RULES)
    await doubtful(scene, "come to my shop")
    await scene.store.guilds.update(scene.guild.id, thresholds=ThresholdTable(Thresholds(0.9, 0.8)))
    page = await page_at(at(scene, "policy/thresholds"), width=width, height=844)
    last = page.get_by_role("group", name="kind 20")
    await last.get_by_role("checkbox").check()
    await last.get_by_role("spinbutton", name="acts from").fill("30")
    changed = page.locator("#reckoned")
    await expect(changed).to_have_text("1 message would be decided otherwise")
    await expect(last.get_by_role("spinbutton", name="acts from")).to_be_in_viewport(ratio=1)
    for one in (changed, page.get_by_role("button", name="Save")):
        await expect(one).to_be_in_viewport(ratio=1)
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#saved")).to_contain_text("Saved")
    await last.get_by_role("spinbutton", name="acts from").fill("95")
    await expect(page.locator("#saved")).to_be_empty()
    if width > PHONE:
        await expect(page.locator(".counts-table")).to_be_in_viewport(ratio=1)
    assert await fits(page)
    assert not await serious(page)


@pytest.mark.parametrize("locale", ["en-US", "de-DE", "fr-FR", "es-ES"])
async def test_on_a_phone_each_page_fits_in_each_language(page_at: PageAt, scene: Scene, locale: str) -> None:
    for name in ("a-channel-with-a-very-long-name-of-many-words-that-goes-on-and-on", "another"):
        scene.server.places.create(scene.guild, {"name": name})
    await doubtful(scene, "come to my shop")
    page = await page_at(at(scene, "now?still"), width=PHONE, height=844, locale=locale)
    for path in PAGES:
        await page.goto(at(scene, path))
        for folded in await page.locator("main details:not([open]) > summary").all():
            await folded.click()
        assert await fits(page), path
        await expect(page.locator(".top nav a").last).to_be_in_viewport(ratio=0.98)


@pytest.mark.parametrize("width", [1280, PHONE])
async def test_with_a_long_server_name_one_still_finds_the_way_out_beside_it(
    page_at: PageAt, scene: Scene, width: int
) -> None:
    guild = scene.stage.trial.app.client.get_guild(scene.guild.id)
    assert guild is not None
    guild.name = "The Grand Workshop of Everything and Then Some"
    async with signed_console(scene) as signed:
        page = await page_at(f"{signed.address}/console/sign-in", width=width, locale="fr-FR")
        cookie = {"name": COOKIE, "value": signed.session(scene.moderator).id, "url": signed.address}
        await page.context.add_cookies([cookie])
        await page.goto(signed.address + signed.page)
        brand, out = await page.locator(".brand").bounding_box(), await page.locator(".sign-out").bounding_box()
        assert brand is not None
        assert out is not None
        assert out["y"] < brand["y"] + brand["height"]
        assert await fits(page)
