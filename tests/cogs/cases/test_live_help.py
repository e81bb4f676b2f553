"""Where someone may hurt themselves the member is offered the help lines the server set, once per case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.decision import Mode
from bot.domain.policy import ActionKind
from bot.domain.records import ActionOutcome, CaseRecord
from bot.pipeline import sending
from bot.pipeline.executor import Executor
from bot.pipeline.lacks import Lacks
from bot.pipeline.metrics import NoMetrics
from bot.pipeline.turns import Turns
from tests.cogs.cases.desk import look, opened, post_of, read, told
from tests.cogs.live import hand
from tests.stage import ASK, Scene

pytestmark = pytest.mark.asyncio(loop_scope="session")

LINES = "Somebody to talk to, day and night: 000\n<https://help.example> *or* write to @someone"


async def with_lines(scene: Scene) -> None:
    await scene.store.guilds.update(scene.guild.id, help_lines=LINES)


def outcomes(case: CaseRecord) -> dict[str, tuple[str, str]]:
    return {one.action.kind.value: (one.outcome.value, one.note) for one in case.actions}


async def test_the_member_is_offered_the_servers_words_kindly_with_nothing_to_appeal(scene: Scene) -> None:
    await with_lines(scene)
    case = await opened(scene, "6", "I cannot go on")
    (letter,) = told(scene, scene.member)
    assert LINES in letter.content
    assert "**A server**" in letter.content
    assert "You have done nothing wrong" in letter.content
    for word in ("rule", "breaks", "case", "Appeal"):
        assert word not in letter.content
    assert letter.components == []
    assert (letter.mentions, letter.mention_everyone) == ([], False)
    assert outcomes(case) == {"escalate": ("done", ""), "help": ("done", "")}
    assert post_of(scene, case).embeds[0]["title"] == f"Case {case.number} · rule 6 · escalated, offered help"
    assert "✅ help done" in (await look(await hand(scene, scene.moderator), case)).text
    assert not case.was_told, "there is nothing that could be appealed"


async def test_help_is_offered_too_where_the_bot_only_asks_a_human(scene: Scene) -> None:
    await with_lines(scene)
    await scene.break_rule("6", ASK)
    await scene.case(scene.post("perhaps I cannot go on"))
    assert [LINES in letter.content for letter in told(scene, scene.member)] == [True]


async def test_closed_direct_messages_are_noted_on_the_case_and_the_human_is_called_all_the_same(scene: Scene) -> None:
    await with_lines(scene)
    scene.member.dms_closed = True
    case = await opened(scene, "6", "I cannot go on")
    assert outcomes(case) == {"escalate": ("done", ""), "help": ("failed", "the member's direct messages are closed")}
    assert "direct messages are closed" in (await look(await hand(scene, scene.moderator), case)).text
    assert post_of(scene, case).mention_roles == [scene.moderator_role_id]


async def test_a_direct_message_that_cannot_be_sent_holds_up_no_call_for_a_human(scene: Scene) -> None:
    await with_lines(scene)
    scene.server.fail("POST", "/users/@me/channels", 503)
    case = await opened(scene, "6", "I cannot go on")
    assert outcomes(case) == {"escalate": ("done", ""), "help": ("failed", "the direct message could not be sent")}


@pytest.mark.parametrize("after", [False, True])
async def test_help_whose_answer_was_lost_is_offered_once_and_said_to_be(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    monkeypatch.setattr(sending, "AGAIN_SECONDS", 0.0)
    await with_lines(scene)
    scene.server.fail("POST", "/channels/{channel_id}/messages", 503, after=after)
    case = await opened(scene, "6", "I cannot go on")
    assert outcomes(case) == {"escalate": ("done", ""), "help": ("done", "")}
    assert len(told(scene, scene.member)) == 1


async def test_without_help_lines_nothing_is_sent_and_health_says_that_it_would_be_good_to_set_them(
    scene: Scene,
) -> None:
    case = await opened(scene, "6", "I cannot go on")
    assert told(scene, scene.member) == []
    assert list(outcomes(case)) == ["escalate"]
    moderator = await hand(scene, scene.moderator)
    said = (await moderator.slash("health")).text
    assert "None are set, and rule 6 of the policy may be about members who hurt themselves" in said
    assert "`/settings`" in said
    await with_lines(scene)
    assert "Help lines" not in (await moderator.slash("health")).text


async def test_a_rule_may_ask_for_help_by_the_word_and_without_help_lines_the_case_says_what_is_missing(
    scene: Scene,
) -> None:
    await scene.publish("1. Wer sich etwas antun will. [flag, help]\n")
    case = await opened(scene, "1", "Ich kann nicht mehr")
    missing = "the server has set no help lines: set them with /settings, under Messages"
    assert outcomes(case) == {"flag": ("done", ""), "help": ("failed", missing)}
    await with_lines(scene)
    await opened(scene, "1", "Ich kann nicht mehr")
    assert len(told(scene, scene.member)) == 1


async def test_in_shadow_mode_nobody_is_written_to(scene: Scene) -> None:
    await with_lines(scene)
    await scene.store.guilds.update(scene.guild.id, mode=Mode.SHADOW)
    case = await opened(scene, "6", "I cannot go on")
    assert outcomes(case)["help"] == ("skipped", "shadow mode")
    assert told(scene, scene.member) == []


async def test_a_process_that_died_after_it_had_offered_help_offers_it_once_though_other_lines_are_set_now(
    scene: Scene,
) -> None:
    await with_lines(scene)
    case = await opened(scene, "6", "I cannot go on")
    record = next(one for one in case.actions if one.action.kind is ActionKind.HELP)
    await scene.store.cases.attempt(record.id)
    await scene.store.guilds.update(scene.guild.id, help_lines="others")
    executor = Executor(scene.stage.trial.app.client, scene.store, NoMetrics(), Turns(), Lacks())
    await executor.perform(replace(case), "the rule")
    assert len(told(scene, scene.member)) == 1
    now = next(one for one in (await read(scene, case)).actions if one.id == record.id)
    assert now.outcome is ActionOutcome.DONE


async def test_a_process_that_died_before_it_offered_help_offers_it_though_another_message_just_brought_some(
    scene: Scene,
) -> None:
    """Both messages are from the same minute and begin alike: only what they lead to tells them apart."""
    await with_lines(scene)
    await opened(scene, "6", "I cannot go on")
    later = await opened(scene, "6", "I really cannot")
    record = next(one for one in later.actions if one.action.kind is ActionKind.HELP)
    letters = scene.server.world.dm(scene.stage.trial.application.bot, scene.member).messages
    letters.remove(told(scene, scene.member)[-1].id)
    scene.server.posting._nonces.clear()
    await scene.store.cases.attempt(record.id)
    executor = Executor(scene.stage.trial.app.client, scene.store, NoMetrics(), Turns(), Lacks())
    await executor.perform(replace(later), "the rule")
    first, second = told(scene, scene.member)
    assert str(later.submission.message_id) not in first.content
    assert str(later.submission.message_id) in second.content


async def test_what_members_report_sends_the_author_nothing(scene: Scene) -> None:
    await with_lines(scene)
    message = scene.post("I cannot go on")
    await scene.settled(message)
    await scene.break_rule("6")
    reporter = scene.server.world.add_user("a-reporter")
    scene.server.world.join(scene.guild, reporter)
    await (await hand(scene, reporter)).menu("Report to moderators", message)
    (case,) = await scene.store.cases.list(scene.guild.id)
    assert case.actions == ()
    assert told(scene, scene.member) == []


async def test_a_manager_sets_help_lines_in_settings_and_they_are_on_record(scene: Scene) -> None:
    manager = await hand(scene, scene.manager)
    page = await manager.client.select(
        (await manager.slash("settings")).shown, "lawspeaker:settings:page", ["messages"]
    )
    assert "**Help lines**: none: nothing is offered" in page.text
    editor = await manager.press(page, "Help lines")
    assert editor.modal is not None
    changed = await manager.client.submit(editor.modal, {"0": LINES})
    assert LINES in changed.text
    assert (await scene.store.guilds.get(scene.guild.id)).help_lines == LINES
    (change,) = [one for one in await scene.store.audit.settings(scene.guild.id) if one.what == "help_lines"]
    assert (change.author_id, change.before, change.after) == (scene.manager.id, None, LINES)


async def test_moderators_see_in_the_policy_and_when_they_try_it_that_help_is_offered(scene: Scene) -> None:
    await with_lines(scene)
    await scene.break_rule("6")
    moderator = await hand(scene, scene.moderator)
    assert "escalate, delete, about self-harm: offers help lines" in (await moderator.slash("policy show")).text
    assert "escalate, help" in (await moderator.slash("policy test", text="I cannot go on")).text
