"""*Now*: what came in and what became of it, in figures and charts; nothing is done for pages nobody has open."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from bot.domain.access import AccessChange, Group
from bot.store.figures import FigureRepository
from bot.web.console import charts
from bot.web.console.charts import Series, nice
from bot.web.console.kept import Kept
from tests.stage import ASK, Scene
from tests.web.signed import signed_in

live = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


def address(scene: Scene, path: str = "now") -> str:
    return f"http://127.0.0.1:{scene.stage.trial.app.web.port}/console/servers/{scene.guild.id}/{path}"


class TestLive:
    pytestmark = live

    async def test_what_was_said_is_counted_and_drawn(self, scene: Scene, browser: aiohttp.ClientSession) -> None:
        for number in range(3):
            await scene.settled(scene.post(f"hello {number}"))
        async with browser.get(address(scene)) as response:
            shown = await response.text()
        assert "<dt>Messages in the last hour</dt><dd>3</dd>" in shown
        assert "left alone 3" in shown
        assert shown.count('role="img"') == 4
        assert "Where the time goes" in shown

    async def test_what_waits_for_a_human_is_said_to_who_may_answer_it_and_leads_there(self, scene: Scene) -> None:
        link = f'href="/console/servers/{scene.guild.id}/review">1 case waits<'
        async with signed_in(scene, scene.moderator) as moderator:
            assert link not in await moderator.get("now")
            await scene.break_rule("2", ASK)
            await scene.case(scene.post("is this one?"))
            assert link in await moderator.get("now")
            refused = AccessChange(scene.moderator_role_id, Group.CASES, False)
            await scene.store.guilds.set_access(scene.guild.id, refused)
        async with signed_in(scene, scene.moderator) as moderator:
            shown = await moderator.get("now")
            assert (shown.status, link in shown) == (200, False)

    async def test_the_part_that_is_fetched_anew_is_no_whole_page(
        self, scene: Scene, browser: aiohttp.ClientSession
    ) -> None:
        async with browser.get(address(scene)):
            pass
        async with browser.get(address(scene, "now/live"), headers={"HX-Request": "true"}) as response:
            shown = await response.text()
        assert "Messages in the last hour" in shown
        assert "<html" not in shown

    async def test_a_page_that_stands_still_asks_for_nothing(
        self, scene: Scene, browser: aiohttp.ClientSession
    ) -> None:
        async with browser.get(address(scene, "now?still")) as response:
            assert "every 3s" not in await response.text()
        async with browser.get(address(scene)) as response:
            assert "every 3s" in await response.text()

    async def test_nothing_is_read_while_nobody_looks_and_once_for_all_who_do(
        self, scene: Scene, browser: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = []
        read = FigureRepository.queue

        async def counted(self: FigureRepository, guild_id: int) -> object:
            asked.append(guild_id)
            return await read(self, guild_id)

        monkeypatch.setattr(FigureRepository, "queue", counted)
        await scene.settled(scene.post("hello"))
        assert asked == []

        async def look() -> None:
            async with browser.get(address(scene)) as response:
                assert response.status == 200

        await asyncio.gather(*(look() for _ in range(10)))
        assert asked == [scene.guild.id]


async def test_what_is_kept_is_made_anew_once_it_is_no_longer_fresh() -> None:
    now, made = [0.0], []

    async def make(key: str) -> int:
        made.append(key)
        return len(made)

    kept = Kept(make, 2.0, lambda: now[0])
    assert [await kept.get("a"), await kept.get("a"), await kept.get("b")] == [1, 1, 2]
    now[0] = 2.0
    assert await kept.get("a") == 3
    assert made == ["a", "b", "a"]


async def test_what_could_not_be_made_is_tried_again_by_the_next_who_asks() -> None:
    fails = [True]

    async def make(key: str) -> str:
        if fails.pop() if fails else False:
            raise OSError
        return key

    kept = Kept(make, 2.0)
    with pytest.raises(OSError, match=r"^$"):
        await kept.get("a")
    assert await kept.get("a") == "a"


@pytest.mark.parametrize(("most", "upper"), [(0, 1), (1, 1), (1.5, 2), (3, 4), (5, 6), (7, 10), (11, 20), (950, 1_000)])
def test_an_axis_ends_at_a_round_number(most: float, upper: float) -> None:
    assert nice(most) == upper


def test_a_chart_says_what_it_shows_and_shows_names_as_text() -> None:
    drawn = charts.lines("<b>Title</b>", "It & that.", ["then", "<now>"], [Series("a", "s0", [1.0, None, 3.0, 2.0])])
    assert "<b>" not in drawn
    assert "&lt;now&gt;" in drawn
    assert 'role="img"' in drawn
    assert drawn.count("<polyline") == 1
    assert drawn.count("<circle") == 1, "a value by itself is a dot"


def test_a_chart_of_nothing_is_drawn() -> None:
    assert "<svg" in charts.stacked("T", "t", ["a", "b"], [Series("a", "s0", [0, 0])])
    assert "<svg" in charts.lines("T", "t", ["a", "b"], [Series("a", "s0", [None, None])])
    assert "<svg" in charts.parts("T", "t", {"a": 0.0})
