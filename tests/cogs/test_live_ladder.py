"""A server's ladder: set in Discord, it steps up a member's repeated violations, shown in advance, per rule; cases that
were overturned do not count.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from bot.domain.decision import Mode, Outcome
from bot.domain.ladder import read_ladder
from bot.domain.policy import Action, ActionKind
from bot.domain.records import CaseRecord
from bot.pipeline import actions as performing
from bot.sandbox.answer import Answer
from tests.cogs.cases.desk import look, press, told
from tests.cogs.live import Hand, hand, nothing_changes
from tests.cogs.scripted_stage import held, judge_of, running_stage
from tests.stage import ASK, Scene, until

__all__ = ["running_stage"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

PREFIX = "lawspeaker:settings"
ISSUE = "3 flags in 7 days -> timeout 1h\n5 in 30 days -> ban"


@pytest_asyncio.fixture(loop_scope="session")
async def manager(scene: Scene) -> Hand:
    return await hand(scene, scene.manager)


async def open_page(someone: Hand) -> Answer:
    """`/settings`, opened at the ladder."""
    return await someone.client.select((await someone.slash("settings")).shown, f"{PREFIX}:page", ["ladder"])


async def type_steps(someone: Hand, shown: Answer, rule: str, steps: str) -> Answer:
    opened = await someone.client.select(shown.shown, f"{PREFIX}:rule:ladder", [rule])
    assert opened.modal is not None
    return await someone.client.submit(opened.modal, {"0": steps})


async def test_a_ladder_is_typed_for_all_rules_and_for_one_and_is_shown(scene: Scene, manager: Hand) -> None:
    page = await type_steps(manager, await open_page(manager), "default", ISSUE)
    assert page.content == "Ladder: 3 cases in 7d: timeout 1h; 5 cases in 30d: ban."
    page = await type_steps(manager, page, "rule:2", "none")
    assert page.content == "Ladder of rule 2: none."
    table = (await scene.store.guilds.get(scene.guild.id)).ladder
    assert (len(table.default), dict(table.by_rule)) == (2, {"2": ()})
    together = (
        "All rules without a ladder of their own, counted together: 3 cases in 7d: timeout 1h; 5 cases in 30d: ban"
    )
    assert together in page.text
    assert together in (await manager.slash("settings")).text
    page = await type_steps(manager, page, "rule:2", "")
    assert page.content == "Ladder of rule 2: 3 cases in 7d: timeout 1h; 5 cases in 30d: ban (the server's)."


async def test_steps_that_cannot_be_read_change_nothing(manager: Hand, scene: Scene) -> None:
    page = await open_page(manager)
    async with nothing_changes(scene):
        page = await type_steps(manager, page, "default", "three strikes")
    assert page.content.startswith("Nothing was changed. “three strikes” is no step: write it as 3 cases in 7 days")


async def set_ladder(scene: Scene, steps: str, rule: str = "") -> None:
    await scene.store.guilds.set_ladder(scene.guild.id, rule, read_ladder(steps))


async def opened(scene: Scene, rule: str, *texts: str) -> list[CaseRecord]:
    """Settled cases of the rule, one after another."""
    await scene.break_rule(rule)
    return [await scene.case(scene.post(text)) for text in texts]


def actions(case: CaseRecord) -> dict[str, str]:
    return {str(one.action): one.outcome.value for one in case.actions}


def timed_out(scene: Scene) -> datetime | None:
    ends: datetime | None = scene.guild.members[scene.member.id].timed_out_until
    return ends


async def test_the_third_flag_in_seven_days_times_the_member_out_and_the_case_says_why(scene: Scene) -> None:
    await set_ladder(scene, "3 flags in 7 days: timeout 1h")
    first, second, third = await opened(scene, "2", "a shop", "my shop", "come to my shop")
    assert [actions(case) for case in (first, second)] == [{"flag": "done"}] * 2
    assert actions(third) == {"flag": "done", "timeout 1h": "done"}
    ends = timed_out(scene)
    assert ends is not None
    assert timedelta(minutes=59) < ends - datetime.now(UTC) <= timedelta(hours=1)
    assert third.decision.stepped == "3rd case in 7 days: timeout 1h"
    moderator = await hand(scene, scene.moderator)
    for shown in (await moderator.slash("case view", number=third.number), await look(moderator, third)):
        assert "3rd case in 7 days: timeout 1h" in shown.text.replace("\\", "")
    assert [entry.reason for entry in scene.guild.audit_log] == [f"Lawspeaker case {third.number}: rule 2"]


async def test_a_case_that_was_overturned_does_not_count(scene: Scene) -> None:
    await set_ladder(scene, "3 flags in 7 days: timeout 1h")
    first, _ = await opened(scene, "2", "a shop", "my shop")
    moderator = await hand(scene, scene.moderator)
    await moderator.slash("case overturn", number=first.number)
    (third,) = await opened(scene, "2", "come to my shop")
    assert actions(third) == {"flag": "done"}
    assert timed_out(scene) is None
    (fourth,) = await opened(scene, "2", "come, it is open")
    assert fourth.decision.stepped == "3rd case in 7 days: timeout 1h"
    assert timed_out(scene) is not None


async def test_a_case_that_waits_for_a_human_counts_once_it_is_confirmed(scene: Scene) -> None:
    await set_ladder(scene, "2 in 7 days: timeout 1h")
    await scene.break_rule("2", ASK)
    asked = await scene.case(scene.post("a shop"))
    (acted,) = await opened(scene, "2", "my shop")
    assert (asked.decision.outcome, acted.decision.stepped) == (Outcome.REVIEW, "")
    await (await hand(scene, scene.moderator)).slash("case overturn", number=acted.number)
    await scene.stage.trial.app.pipeline.reviews.confirm(asked, scene.moderator.id)
    (next_one,) = await opened(scene, "2", "come to my shop")
    assert next_one.decision.stepped == "2nd case in 7 days: timeout 1h"


async def test_a_ladder_of_one_rule_counts_its_own_cases_and_others_are_counted_together(scene: Scene) -> None:
    await set_ladder(scene, "2 in 7 days: timeout 1h")
    await set_ladder(scene, "2 in 7 days: kick", "2")
    (spam,) = await opened(scene, "1", "spam")
    (shop,) = await opened(scene, "2", "a shop")
    assert (spam.decision.stepped, shop.decision.stepped) == ("", "")
    (again,) = await opened(scene, "1", "spam again")
    assert actions(again) == {"delete": "done", "timeout 1h": "done"}
    (shops,) = await opened(scene, "2", "another shop")
    assert shops.decision.stepped == "2nd case of rule 2 in 7 days: kick"
    assert scene.member.id not in scene.guild.members


async def test_who_is_offered_help_is_neither_punished_more_nor_is_it_held_against_them(scene: Scene) -> None:
    await set_ladder(scene, "2 in 7 days: timeout 1h")
    await scene.store.guilds.update(scene.guild.id, help_lines="Somebody to talk to: 000")
    await scene.publish("1. No advertising. [flag]\n2. Wer sich etwas antun will. [flag, help]\n")
    asked = await opened(scene, "2", "Ich kann nicht mehr", "Ich kann wirklich nicht mehr")
    assert [actions(case) for case in asked] == [{"flag": "done", "help": "done"}] * 2
    moderator = await hand(scene, scene.moderator)
    assert "This case does not count." in (await press(moderator, asked[0], "More")).text
    (shop,) = await opened(scene, "1", "my shop")
    assert actions(shop) == {"flag": "done"}
    assert timed_out(scene) is None
    assert [letter.content for letter in told(scene, scene.member) if "violation" in letter.content] == []


async def test_what_is_only_linked_steps_up_and_its_words_are_shown_nowhere(scene: Scene) -> None:
    await set_ladder(scene, "2 in 7 days: timeout 1h")
    await scene.publish("1. Kein Wort davon. [flag, link]\n")
    _, second = await opened(scene, "1", "secret words", "more secret words")
    assert actions(second) == {"flag": "done", "link": "done", "timeout 1h": "done"}
    moderator = await hand(scene, scene.moderator)
    for shown in (await moderator.slash("case view", number=second.number), await press(moderator, second, "More")):
        assert "2 cases in 7d: timeout 1h · 2 of the author now" in shown.text
        assert "secret" not in shown.text


async def test_in_shadow_mode_a_step_is_logged_and_nothing_is_done(scene: Scene) -> None:
    await set_ladder(scene, "2 in 7 days: ban")
    await scene.store.guilds.update(scene.guild.id, mode=Mode.SHADOW)
    _, second = await opened(scene, "2", "a shop", "my shop")
    assert second.decision.stepped == "2nd case in 7 days: ban"
    assert actions(second) == {"flag": "skipped", "ban": "skipped"}
    assert scene.member.id in scene.guild.members


async def test_a_member_who_ranks_above_the_bot_is_not_timed_out_and_the_case_says_so(scene: Scene) -> None:
    await set_ladder(scene, "2 in 7 days: timeout 1h")
    await scene.store.guilds.update(scene.guild.id, judge_moderators=True)
    await scene.break_rule("2")
    first, second = [await scene.case(scene.post(text, scene.owner)) for text in ("a shop", "my shop")]
    assert actions(first) == {"flag": "done"}
    assert actions(second) == {"flag": "done", "timeout 1h": "failed"}


async def test_of_cases_opened_at_once_each_counts_those_before_it(scene: Scene) -> None:
    await set_ladder(scene, "3 in 7 days: timeout 1h; 5 in 7 days: timeout 1d")
    await scene.break_rule("2")
    with held(judge_of(scene).may_classify):
        posted = [scene.post(f"shop {number}") for number in range(6)]
        await scene.queued(6)
    cases = sorted([await scene.case(message) for message in posted], key=lambda case: case.number)
    hour, day = "case in 7 days: timeout 1h", "case in 7 days: timeout 1d"
    assert [case.decision.stepped for case in cases] == [
        "",
        "",
        f"3rd {hour}",
        f"4th {hour}",
        f"5th {day}",
        f"6th {day}",
    ]


async def test_an_edit_of_a_message_with_a_case_is_no_second_violation(scene: Scene) -> None:
    await set_ladder(scene, "2 in 7 days: timeout 1h")
    await scene.break_rule("2")
    message = scene.post("a shop")
    await scene.case(message)
    scene.server.posting.edit(message, {"content": "a shop, mended"})
    assert (await scene.case(message, edited=True)).decision.stepped == ""
    assert timed_out(scene) is None


async def test_after_a_crash_what_was_decided_is_carried_out_once_and_is_not_decided_anew(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_ladder(scene, "2 in 7 days: timeout 1h")
    (first,) = await opened(scene, "2", "a shop")
    pipeline = scene.stage.trial.app.pipeline

    async def dies(case: CaseRecord) -> None:
        """The process ends when the case is committed, and nothing else is."""

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.dispatcher, "_execute", dies)
        message = scene.post("my shop")
        await until(lambda: has_cases(scene, 2))
    assert timed_out(scene) is None
    await pipeline.reviews.overturn(first, scene.moderator.id)
    await set_ladder(scene, "none")
    await pipeline._casework.resume()
    case = await scene.case(message)
    assert case.decision.stepped == "2nd case in 7 days: timeout 1h"
    assert actions(case) == {"flag": "done", "timeout 1h": "done"}
    await pipeline._casework.resume()
    assert len(scene.guild.audit_log) == 1


async def has_cases(scene: Scene, count: int) -> bool:
    return len(await scene.store.cases.list(scene.guild.id)) >= count


async def test_the_warning_says_in_advance_what_the_next_violation_brings(scene: Scene) -> None:
    await set_ladder(scene, "3 in 7 days: timeout 1d; 4 in 30 days: ban")
    first, second, third = await opened(scene, "3", "a threat", "a second threat", "a third")
    warnings = [message.content for message in told(scene, scene.member)]
    ends = [int((case.created_at + timedelta(days=days)).timestamp()) for case, days in ((first, 7), (first, 30))]
    assert "Another violation" not in warnings[0]
    assert warnings[1].endswith(f"\nAnother violation before <t:{ends[0]}:f> brings a timeout of 1 day.")
    assert (
        warnings[2]
        .replace("\\", "")
        .endswith(
            f"\nThis is your 3rd case in 7 days: timeout 1d. "
            f"Another violation before <t:{ends[1]}:f> gets you banned from the server."
        )
    )
    assert actions(second) == {"delete": "done", "warn": "done", "timeout 1h": "done"}
    assert actions(third) == {"delete": "done", "warn": "done", "timeout 1d": "done"}


async def test_who_is_banned_by_the_ladder_is_told_why_before(scene: Scene) -> None:
    await set_ladder(scene, "2 in 7 days: ban")
    await opened(scene, "2", "a shop", "my shop")
    (farewell,) = told(scene, scene.member)
    assert "gets you banned from the server because it breaks rule 2" in farewell.content
    assert farewell.content.replace("\\", "").endswith("\nThis is your 2nd case in 7 days: ban.")
    assert scene.member.id in scene.guild.bans


async def test_a_moderator_who_warns_tells_what_comes_next_too(scene: Scene) -> None:
    await set_ladder(scene, "2 in 7 days: kick")
    (case,) = await opened(scene, "2", "a shop")
    pipeline = scene.stage.trial.app.pipeline
    await pipeline.reviews.act(case, Action(ActionKind.WARN), scene.moderator.id)
    (warning,) = told(scene, scene.member)
    assert warning.content.endswith("gets you removed from the server.")


async def test_an_interrupted_warning_is_found_again_though_the_ladder_is_another_by_then(scene: Scene) -> None:
    await set_ladder(scene, "2 in 7 days: kick")
    (case,) = await opened(scene, "3", "a threat")
    await set_ladder(scene, "none")
    app = scene.stage.trial.app
    guild = app.client.get_guild(scene.guild.id)
    assert guild is not None
    again = performing.Scene(app.client, guild, case, "No threats.", removed=True)
    record = next(one for one in case.actions if one.action.kind is ActionKind.WARN)
    assert "gets you removed" in again.warning(record)
    assert await performing.PERFORMERS[ActionKind.WARN].was_done(again, record) == ""


async def test_moderators_see_how_many_of_the_authors_cases_count(scene: Scene) -> None:
    await set_ladder(scene, "3 in 7 days: timeout 1h")
    first, second = await opened(scene, "2", "a shop", "my shop")
    moderator = await hand(scene, scene.moderator)
    ends = int((first.created_at + timedelta(days=7)).timestamp())
    for shown in (await moderator.slash("case view", number=second.number), await press(moderator, second, "More")):
        assert "3 cases in 7d: timeout 1h · 2 of the author now" in shown.text
        assert f"This case counts.\nThe next one before <t:{ends}:f> brings: timeout 1h." in shown.text
    await moderator.slash("case overturn", number=first.number)
    more = (await press(moderator, first, "More")).text
    assert "3 cases in 7d: timeout 1h · 1 of the author now\nThis case does not count." in more
    assert "The next one" not in more
