"""What is known of a server is not read again for each message, and counts no longer than it holds.

Here another program has the same database open, as the shell does, and changes it while what it changes is known.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.domain.decision import Outcome, Thresholds, ThresholdTable
from bot.domain.learned import Lesson
from bot.domain.policy import policy_digest
from bot.store import Store
from tests.cogs.scripted_stage import held, judge_of, running_stage
from tests.stage import ALWAYS, NEVER, Scene
from tests.store.statements import statements_of

__all__ = ["running_stage"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

OTHER = "# The house\n\n## Rules\n1. No talk of the weather. [flag]\n"
EACH, TOGETHER = 9, 6
"""Statements for an allowed message at most, BEGIN among them: one that comes alone, and one of many. They were 34."""
CASE = 130
"""The same for one that opens a case. They were 220."""


@pytest_asyncio.fixture(loop_scope="session")
async def shell(scene: Scene) -> AsyncIterator[Store]:
    """The database once more, while all that holds in the scene is known to the bot."""
    assert (await scene.settled(scene.post("a message"))).policy_number == 1
    store = Store(scene.store.url)
    yield store
    await store.close()


async def publish(store: Store, scene: Scene, source: str) -> None:
    draft = await store.policies.save_draft(scene.guild.id, source, scene.moderator.id)
    await store.policies.publish(scene.guild.id, draft.digest, scene.moderator.id)


async def test_a_policy_that_the_shell_publishes_judges_the_very_next_message(scene: Scene, shell: Store) -> None:
    await publish(shell, scene, OTHER)
    judged = await scene.settled(scene.post("the next message"))
    assert judged.policy_number == 2
    assert judged.verdict is not None
    assert judged.verdict.policy_digest == policy_digest(OTHER)


async def test_a_policy_that_is_published_while_a_message_is_judged_judges_it_too(scene: Scene, shell: Store) -> None:
    judge = judge_of(scene)
    with held(judge.may_classify):
        message = scene.post("words")
        await scene.queued(1)
        await publish(shell, scene, OTHER)
    judged = await scene.settled(message)
    assert judged.policy_number == 2
    assert judged.verdict is not None
    assert judged.verdict.policy_digest == policy_digest(OTHER)


async def test_thresholds_that_the_shell_sets_decide_the_very_next_message(scene: Scene, shell: Store) -> None:
    breaks = ThresholdTable(NEVER, {"1": ALWAYS})
    await shell.guilds.update(scene.guild.id, thresholds=breaks)
    assert (await scene.settled(scene.post("one"))).decision.outcome is Outcome.ACT
    await shell.guilds.update(scene.guild.id, thresholds=ThresholdTable(Thresholds(1.0, 1.0)))
    assert (await scene.settled(scene.post("two"))).decision.outcome is Outcome.ALLOW


async def test_what_moderators_teach_goes_into_the_very_next_verdict(scene: Scene, shell: Store) -> None:
    before = await scene.settled(scene.post("one"))
    live = await shell.policies.live(scene.guild.id)
    assert live is not None
    words = next(line.partition(". ")[2].partition(" [")[0] for line in live.source.splitlines() if line[:2] == "1.")
    await shell.learned.from_pack(scene.guild.id, "buy this", Lesson("1", words, breaks=True), scene.moderator.id)
    after = await scene.settled(scene.post("two"))
    assert before.verdict is not None
    assert after.verdict is not None
    assert before.verdict.policy_digest != after.verdict.policy_digest


async def test_whom_the_shell_exempts_is_passed_over_from_the_next_message_on_and_back_again(
    scene: Scene, shell: Store
) -> None:
    await shell.guilds.exempt(scene.guild.id, "user", scene.moderator.id)
    await shell.guilds.update(scene.guild.id, judge_moderators=True)
    assert await scene.ignored(scene.post("while exempt", author=scene.moderator))
    await shell.guilds.unexempt(scene.guild.id, "user", scene.moderator.id)
    assert (await scene.settled(scene.post("no longer exempt", author=scene.moderator))).verdict is not None


async def test_an_allowed_message_takes_few_statements_and_many_at_once_share_them(scene: Scene, shell: Store) -> None:
    with statements_of(scene.store) as sent:
        for number in range(10):
            await scene.settled(scene.post(f"one after another {number}"))
    assert len(sent) <= 10 * EACH
    with statements_of(scene.store) as sent:
        for message in [scene.post(f"together {number}") for number in range(30)]:
            await scene.settled(message)
    assert len(sent) <= 30 * TOGETHER


async def test_a_message_that_opens_a_case_takes_few_statements(scene: Scene, shell: Store) -> None:
    await shell.guilds.update(scene.guild.id, thresholds=ThresholdTable(NEVER, {"1": ALWAYS}))
    await scene.settled(scene.post("the first"))
    with statements_of(scene.store) as sent:
        assert (await scene.settled(scene.post("the second"))).decision.outcome is Outcome.ACT
    assert len(sent) <= CASE
