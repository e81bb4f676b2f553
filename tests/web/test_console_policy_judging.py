"""*Policy* on the console: the try-out box, backtests and thresholds, judged as the messages ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.domain.access import AccessChange, Group
from bot.domain.audit import THE_SHELL
from bot.domain.decision import Mode, Thresholds, ThresholdTable
from bot.domain.records import ReviewKind
from bot.sandbox.model import Message
from tests.cogs.live import hand
from tests.stage import Scene, until
from tests.web.client import Pages, operator
from tests.web.graded import Graded, grading
from tests.web.hidden import secret_channel
from tests.web.signed import signed_in

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

LAW = "1. No spam. [delete]\n2. No cats. [flag]\n"
DRAFT = "1. No spam. [delete]\n2. No dogs. [flag]\n"


@pytest_asyncio.fixture(loop_scope="session")
async def reader(scene: Scene) -> AsyncIterator[Pages]:
    async with operator(scene) as made:
        yield made


@pytest.fixture
def judge(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Graded:
    return grading(scene, monkeypatch)


async def said(scene: Scene, *texts: str) -> list[Message]:
    """Messages under the usual thresholds, each settled."""
    await scene.publish(LAW)
    await scene.store.guilds.update(scene.guild.id, thresholds=ThresholdTable(), mode=Mode.SHADOW)
    posted = [scene.post(text) for text in texts]
    for one in posted:
        await scene.settled(one)
    return posted


async def case_of(scene: Scene, word: str) -> int:
    """The number of the case that a message with this word became."""
    cases = await scene.store.cases.list(scene.guild.id)
    return next(case.number for case in cases if word in case.submission.text)


async def ended(reader: Pages) -> str:
    """The page once the backtest is over."""
    shown = ""

    async def over() -> bool:
        nonlocal shown
        shown = await reader.get("policy/backtest/run")
        return "every 1s" not in shown

    await until(over)
    return shown


# -- the try-out box -------------------------------------------------------------------------------------


async def test_a_text_is_tried_under_the_law_and_the_draft_with_a_bar_for_each_rule(
    scene: Scene, reader: Pages, judge: Graded
) -> None:
    await said(scene)
    await scene.store.policies.save_draft(scene.guild.id, DRAFT, 0)
    shown = await reader.post("policy/try", text="dоgs 0.9", channel=str(scene.general.id))
    told = shown.words
    assert "Live: version 2 left alone Would be done: nothing: the message is fine" in told
    assert "The draft acted on Would be done: nothing, as the mode is shadow; when enforced: flag" in told
    assert "2 No dogs. 90.0 % (acts from 85 %, asks from 50 %; the decision rests on it)" in told
    assert shown.text.count('<svg class="bar"') == 4
    assert "Reason It says what rule 2 forbids." in told
    assert "As written dоgs 0.9 As the judge reads it dogs 0.9" in told
    assert not await scene.store.cases.list(scene.guild.id)


async def test_what_cannot_be_tried_is_one_sentence(scene: Scene, reader: Pages, judge: Graded) -> None:
    assert "Give a text to try" in (await reader.post("policy/try", text=" \r\n ")).words
    assert "Give at most 4,000 characters" in (await reader.post("policy/try", text="x" * 4_001)).words
    assert "There is no such channel" in (await reader.post("policy/try", text="x", channel="1")).words
    judge.away = "The judge is restarting: try again."
    assert "Not judged: The judge is restarting: try again." in (await reader.post("policy/try", text="x")).words


# -- the backtest ----------------------------------------------------------------------------------------


async def test_a_backtest_says_what_changes_and_draws_precision_and_recall(
    scene: Scene, reader: Pages, judge: Graded
) -> None:
    await said(scene, "cats 0.9 <b>here</b>", "dogs 0.8", "hello", "spam 0.95")
    for case in await scene.store.cases.list(scene.guild.id):
        kind = ReviewKind.CONFIRM if "spam" in case.submission.text else ReviewKind.OVERTURN
        await scene.store.reviews.answer(scene.guild.id, case.number, kind, scene.moderator.id)
    await scene.store.policies.save_draft(scene.guild.id, DRAFT, 0)
    assert "0 of 4 messages" in (await reader.post("policy/backtest", messages="100")).words
    shown = await ended(reader)
    told = shown.words
    assert "The draft against version 2 4 stored messages were judged by both." in told
    assert "Newly caught 1 Let go 1 Reviewed cases 2" in told
    assert "The draft agrees with 100% · precision 100% · recall 100%" in told
    assert "In force agrees with 50% · precision 50% · recall 100%" in told
    caught = await case_of(scene, "cats")
    assert f"cats 0.9 <b>here</b> Case {caught} acted on, rule 2 (90%) fine (2%) fine" in told
    assert f'href="/console/servers/{scene.guild.id}/cases/{caught}"' in shown
    assert "dogs 0.8 Message on Discord fine" in told
    assert "<b>here" not in shown
    assert 'aria-label="Precision and recall over the threshold. the draft: from 85% on precision is 100%' in shown
    assert "85% 100% 100% 50% 100%" in told


async def test_a_second_backtest_waits_whoever_began_the_first_and_one_can_be_stopped(
    scene: Scene, reader: Pages, judge: Graded, monkeypatch: pytest.MonkeyPatch
) -> None:
    await said(scene, "hello")
    await scene.store.policies.save_draft(scene.guild.id, DRAFT, 0)
    never = asyncio.Event()

    async def hang(*_: Any) -> None:
        await never.wait()

    monkeypatch.setattr(scene.stage.trial.app.judge, "classify", hang)
    await reader.post("policy/backtest", messages="10")
    assert "A backtest is running on this server already" in (await reader.post("policy/backtest", messages="10")).words
    answer = await (await hand(scene, scene.moderator)).slash("policy backtest")
    assert answer.content == "A backtest is running on this server already: wait until it is done."
    assert "It was stopped. Nothing was changed." in (await reader.post("policy/backtest/stop")).words
    monkeypatch.setattr(scene.stage.trial.app.judge, "classify", judge.classify)
    await reader.post("policy/backtest", messages="10")
    assert "1 stored message was judged by both." in (await ended(reader)).words


async def test_a_backtest_is_about_messages_that_who_began_it_sees_and_only_they_see_which(
    scene: Scene, judge: Graded
) -> None:
    await said(scene, "dogs 0.9")
    await scene.settled(scene.post("dogs 0.8", channel=await secret_channel(scene)))
    await scene.store.policies.save_draft(scene.guild.id, DRAFT, 0)
    async with signed_in(scene, scene.moderator) as moderator, signed_in(scene, scene.manager) as manager:
        await moderator.post("policy/backtest", messages="10")
        shown = await ended(moderator)
        assert "dogs 0.9" in shown
        assert "dogs 0.8" not in shown
        shown = await manager.get("policy/backtest")
        assert "a-moderator ran a backtest; only they see which messages it was about." in shown.words
        assert "dogs 0.9" not in shown


async def test_a_backtest_that_cannot_begin_or_go_on_is_one_sentence(
    scene: Scene, reader: Pages, judge: Graded
) -> None:
    assert "There is no draft to try: write one first." in (await reader.get("policy/backtest")).words
    for messages in ("0", "x", "1001", "", "9" * 40):
        assert "Give a whole number of messages" in (await reader.post("policy/backtest", messages=messages)).words
    await said(scene, "hello")
    await scene.store.policies.save_draft(scene.guild.id, DRAFT, 0)
    judge.away = "The judge is restarting: try again."
    await reader.post("policy/backtest", messages="10")
    assert "The judge is restarting: try again." in (await ended(reader)).words


# -- thresholds ------------------------------------------------------------------------------------------


async def test_other_thresholds_show_at_once_what_they_would_make_of_the_last_messages(
    scene: Scene, reader: Pages, judge: Graded
) -> None:
    await said(scene, "cats 0.9", "cats 0.6 <i>x</i>", "cats 0.3", "hello")
    asked = len(judge.prepared)
    shown = (await reader.get("policy/thresholds")).words
    assert "Of the last 4 judged messages" in shown
    assert "As saved 1 1 2 As set here 1 1 2" in shown
    shown = await reader.post("policy/thresholds/preview", act__="55", review__="25")
    assert "As saved 1 1 2 As set here 2 +1 1 1 -1" in shown.words
    assert "2 messages would be decided otherwise" in shown.words
    assert "cats 0.6 <i>x</i> asks a human → becomes acted on rule 2, 60.0 %" in shown.words
    assert "<i>" not in shown
    own = {"own__2": "yes", "act__2": "99", "review__2": "95"}
    shown = await reader.post("policy/thresholds/preview", act__="85", review__="50", **own)
    assert "As set here 0 -1 0 -1 4 +2" in shown.words
    assert (await scene.store.guilds.get(scene.guild.id)).thresholds == ThresholdTable()
    assert len(judge.prepared) == asked


async def test_a_message_that_moves_leads_to_its_case_for_who_may_see_cases(scene: Scene, judge: Graded) -> None:
    await said(scene, "cats 0.9", "spam 0.4")
    number = await case_of(scene, "cats")
    refused = AccessChange(scene.moderator_role_id, Group.CASES, False)
    for link, words_of_it in ((f"/cases/{number}", f"Case {number}"), ("", "Message on Discord")):
        async with signed_in(scene, scene.moderator) as moderator:
            shown = await moderator.post("policy/thresholds/preview", act__="95", review__="35")
            assert f"cats 0.9 acted on → becomes asks a human rule 2, 90.0 % · {words_of_it}" in shown.words
            assert "spam 0.4 left alone → becomes asks a human rule 1, 40.0 % · Message on Discord" in shown.words
            assert (f"/cases/{number}" in shown) is bool(link)
        await scene.store.guilds.set_access(scene.guild.id, refused)


async def test_saving_changes_what_differs_and_is_put_on_record(scene: Scene, reader: Pages, judge: Graded) -> None:
    await said(scene)
    seen = (await reader.get("policy/thresholds")).field("seen")
    given = {"act__": "70.5", "review__": "40", "own__2": "yes", "act__2": "90", "review__2": "60"}
    shown = await reader.post("policy/thresholds", seen=seen, **given)
    assert "Saved: it counts from the next message on." in shown.words
    wanted = ThresholdTable(Thresholds(0.705, 0.4), {"2": Thresholds(0.9, 0.6)})
    assert (await scene.store.guilds.get(scene.guild.id)).thresholds == wanted
    changes = {one.what: one for one in await scene.store.audit.settings(scene.guild.id, 2)}
    assert set(changes) == {"thresholds", "thresholds.2"}
    assert {one.author_id for one in changes.values()} == {THE_SHELL}
    again = shown.field("seen")
    assert "Saved" in (await reader.post("policy/thresholds", seen=again, act__="70.5", review__="40")).words
    assert (await scene.store.guilds.get(scene.guild.id)).thresholds.by_rule == {}


async def test_thresholds_that_another_changed_meanwhile_are_not_overwritten(
    scene: Scene, reader: Pages, judge: Graded
) -> None:
    await said(scene)
    seen = (await reader.get("policy/thresholds")).field("seen")
    other = ThresholdTable(Thresholds(0.9, 0.8))
    await scene.store.guilds.update(scene.guild.id, thresholds=other)
    shown = (await reader.post("policy/thresholds", seen=seen, act__="70", review__="40")).words
    assert "Somebody changed the thresholds meanwhile" in shown
    assert (await scene.store.guilds.get(scene.guild.id)).thresholds == other


@pytest.mark.parametrize(
    ("act", "review"), [("40", "70"), ("x", "1"), ("101", "1"), ("-1", "1"), ("", "1"), ("nan", "1")]
)
async def test_thresholds_that_make_no_sense_are_refused_in_words(
    scene: Scene, reader: Pages, judge: Graded, act: str, review: str
) -> None:
    await said(scene)
    seen = (await reader.get("policy/thresholds")).field("seen")
    for path in ("policy/thresholds", "policy/thresholds/preview"):
        shown = await reader.post(path, seen=seen, act__=act, review__=review)
        assert reader.status == 200
        assert 'class="told bad"' in shown
    assert (await scene.store.guilds.get(scene.guild.id)).thresholds == ThresholdTable()


async def test_a_moderator_looks_at_other_thresholds_and_only_a_manager_saves_them(scene: Scene, judge: Graded) -> None:
    await said(scene, "cats 0.9")
    await scene.settled(scene.post("cats 0.95", channel=await secret_channel(scene)))
    given = {"act__": "99", "review__": "95"}
    async with signed_in(scene, scene.moderator) as moderator:
        page = await moderator.get("policy/thresholds")
        assert "Saving needs the permission Manage Server" in page.words
        shown = (await moderator.post("policy/thresholds/preview", **given)).words
        assert "As set here 0 -1 0 1 +1" in shown
        assert "0.95" not in shown
        await moderator.post("policy/thresholds", seen=page.field("seen"), **given)
        assert moderator.status == 403
    async with signed_in(scene, scene.manager) as manager:
        seen = (await manager.get("policy/thresholds")).field("seen")
        assert "Saved" in (await manager.post("policy/thresholds", seen=seen, **given)).words
    (change,) = await scene.store.audit.settings(scene.guild.id, 1)
    assert change.author_id == scene.manager.id
