"""`/policy backtest`: the draft on stored messages, in the background; nothing is stored, nothing is done."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import pytest

from bot.domain.decision import ThresholdTable
from bot.domain.records import ReviewKind
from bot.sandbox.answer import Answer
from cogs import policy_backtest
from cogs.policy_backtest import Backtesting
from tests.cogs.by_words import ByWords, judging_by_words
from tests.cogs.live import Hand, file_in, hand, nothing_changes
from tests.stage import POLICY, Scene, Stage

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

DRAFT = POLICY.replace("2. No advertising. [flag]", "2. No cats. [flag]")
STOPPING = "The bot is stopping, and the backtest with it: start it anew when the bot is back."


async def prepared(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> tuple[Hand, ByWords]:
    """A moderator with a draft, on a server whose messages are judged by words."""
    judge = judging_by_words(scene, monkeypatch)

    async def prepare(policy: object) -> None: ...

    monkeypatch.setattr(scene.stage.trial.app.judge, "prepare", prepare)
    await scene.store.guilds.update(scene.guild.id, thresholds=ThresholdTable())
    moderator = await hand(scene, scene.moderator)
    await moderator.send(DRAFT)
    return moderator, judge


async def said(scene: Scene, *texts: str) -> None:
    for text in texts:
        await scene.settled(scene.post(text))


async def ended(moderator: Hand, answer: Answer, sign: str = "Nothing was stored") -> Answer:
    """The answer once it says how the backtest ended."""

    def says(name: str, message: dict[str, Any]) -> bool:
        ours = name in {"MESSAGE_UPDATE", "MESSAGE_CREATE"} and message.get("content", "").startswith(sign)
        return ours and (message["id"] == answer.shown["id"] or name == "MESSAGE_CREATE")

    message = await moderator.client.wait_until(says, 30)
    return Answer(answer.interaction_id, message=message)


def fields(answer: Answer) -> dict[str, str]:
    return {field["name"]: field["value"] for embed in answer.embeds for field in embed.get("fields", ())}


async def test_it_says_what_would_newly_be_caught_and_let_go_and_does_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator, _ = await prepared(scene, monkeypatch)
    await said(scene, "look at my cats", "free advertising here", "hello", "two cats")
    cases = await scene.store.cases.list(scene.guild.id)
    async with nothing_changes(scene):
        answer = await ended(moderator, await moderator.slash("policy backtest"))
    assert answer.ephemeral
    assert "against version 1" in answer.text
    assert fields(answer)["Newly caught"] == "2"
    assert fields(answer)["Let go"] == "1"
    changes = answer.embeds[1]["description"].splitlines()
    assert len(changes) == 3
    assert any("fine (2%) → acted on, rule 2 (97%) · ||two cats||" in line for line in changes)
    assert await scene.store.cases.list(scene.guild.id) == cases
    rows = list(csv.DictReader(io.StringIO(file_in(scene, answer, "backtest.csv"), newline="")))
    assert sorted(row["text"] for row in rows) == ["free advertising here", "hello", "look at my cats", "two cats"]
    assert '"draft_outcome": "act"' in file_in(scene, answer, "backtest.json")


async def test_reviewed_cases_say_how_right_each_policy_is_however_few_messages_are_asked_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator, _ = await prepared(scene, monkeypatch)
    await said(scene, "free advertising here", "this is spam", "hello", "bye")
    advertising, spam = sorted(await scene.store.cases.list(scene.guild.id), key=lambda case: case.number)
    await scene.store.reviews.answer(scene.guild.id, advertising.number, ReviewKind.OVERTURN, scene.moderator.id)
    await scene.store.reviews.answer(scene.guild.id, spam.number, ReviewKind.CONFIRM, scene.moderator.id)
    answer = await ended(moderator, await moderator.slash("policy backtest", messages=1))
    assert "3 stored messages were judged by both" in answer.text
    assert fields(answer)["Reviewed cases"].splitlines() == [
        "2 whose text is still kept",
        "**Draft** agrees with 100% · precision 100% · recall 100%",
        "**Live** agrees with 50% · precision 50% · recall 100%",
    ]


async def test_the_bar_moves_every_few_seconds_at_most(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    moderator, _ = await prepared(scene, monkeypatch)
    await said(scene, *(f"message {number}" for number in range(9)))

    async def bars() -> int:
        begun = len(moderator.client.events)
        await ended(moderator, await moderator.slash("policy backtest"))
        told = [data for name, data in moderator.client.events[begun:] if name == "MESSAGE_UPDATE"]
        moderator.client.events.clear()
        return sum("of 9 messages" in data.get("content", "") for data in told)

    assert await bars() == 1
    monkeypatch.setattr(policy_backtest, "PROGRESS_SECONDS", 0.0)
    assert await bars() == 4


async def test_messages_of_channels_that_the_moderator_cannot_see_are_left_out(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator, _ = await prepared(scene, monkeypatch)
    unseen = {"id": str(scene.moderator_role_id), "type": 0, "allow": "0", "deny": str(1 << 10)}
    secret = scene.server.places.create(scene.guild, {"name": "secret", "permission_overwrites": [unseen]})
    await scene.store.guilds.watch(scene.guild.id, secret.id)
    await scene.settled(scene.post("secret cats", channel=secret))
    answer = await moderator.slash("policy backtest")
    assert answer.content.startswith("No message is stored that you can see")
    await said(scene, "open cats")
    answer = await ended(moderator, await moderator.slash("policy backtest"))
    assert "secret cats" not in answer.text + file_in(scene, answer, "backtest.csv")


async def test_a_second_one_waits_until_the_first_is_done_and_a_stopping_bot_says_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator, judge = await prepared(scene, monkeypatch)
    await said(scene, "hello")
    never = asyncio.Event()

    async def hang(*_: object) -> None:
        await never.wait()

    monkeypatch.setattr(scene.stage.trial.app.judge, "classify", hang)
    first = await moderator.slash("policy backtest")
    assert "0 of 1 messages" in first.content
    second = await moderator.slash("policy backtest")
    assert second.content == "A backtest is running on this server already: wait until it is done."
    backtesting = scene.stage.trial.app.client.get_cog(Backtesting.__name__)
    assert isinstance(backtesting, Backtesting)
    await backtesting.cog_unload()
    await ended(moderator, first, STOPPING)
    monkeypatch.setattr(scene.stage.trial.app.judge, "classify", judge.classify)
    await ended(moderator, await moderator.slash("policy backtest"))


async def test_the_judge_away_gets_a_sentence_and_another_can_be_begun(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator, judge = await prepared(scene, monkeypatch)
    await said(scene, "hello")
    judge.away = "The judge is restarting: try again."
    await ended(moderator, await moderator.slash("policy backtest"), "The judge is restarting: try again.")
    judge.away = ""
    await ended(moderator, await moderator.slash("policy backtest"))


async def test_without_a_draft_or_a_message_it_says_what_to_do(
    stage: Stage, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator = await hand(scene, scene.moderator)
    answer = await moderator.slash("policy backtest")
    assert answer.content == "There is no draft to try: write one with /policy edit."
    await moderator.send(POLICY)
    answer = await moderator.slash("policy backtest")
    assert answer.content == "The draft has the text of version 1: change it first with /policy edit."
    await moderator.send(DRAFT)
    answer = await moderator.slash("policy backtest")
    assert answer.content.startswith("No message is stored that you can see: watch a channel")
