"""Confirms and overturns feed the calibration of the next version, never silently: seen, explained, and taken away."""

from __future__ import annotations

import pytest
import pytest_asyncio

from bot.domain.calibration import FEWEST_ANSWERS, RuleShift, shifted
from bot.domain.decision import Outcome, Thresholds
from bot.domain.lawbook import How, PlaceKind
from tests.cogs.cases.desk import press
from tests.cogs.live import Hand, hand
from tests.cogs.restarted import connected
from tests.cogs.scripted_stage import DIGEST, held, judge_of, running_stage
from tests.stage import POLICY, Scene, until

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED = Thresholds(0.9, 0.4)
ANEW, AWAY = "Calibrate anew", "Take the calibration away"
MORE = POLICY + "7. No cats. [flag]\n"
LESS_LIKELY = f"Rule 2 is taken as less likely than the judge says: of {FEWEST_ANSWERS} answers {FEWEST_ANSWERS} "


@pytest_asyncio.fixture(loop_scope="session")
async def moderator(scene: Scene) -> Hand:
    """A moderator who is asked about rule 2 whatever is posted, for the judge holds it to be as likely as not."""
    await scene.break_rule("2", ASKED)
    return await hand(scene, scene.moderator)


async def overturned(moderator: Hand, times: int = FEWEST_ANSWERS) -> None:
    """So many cases of rule 2 that the moderator overturned by their buttons."""
    scene = moderator.scene
    for number in range(times):
        await press(moderator, await scene.case(scene.post(f"message {number}")), "Overturn")


async def kept(scene: Scene) -> tuple[int, dict[str, RuleShift]]:
    """The live version's number, and its calibration."""
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    return live.number, dict((await scene.store.calibrations.of(scene.guild.id, [live.number])).get(live.number, {}))


async def test_what_moderators_overturned_counts_from_the_next_publication_on_and_is_said_and_can_be_taken_away(
    moderator: Hand,
) -> None:
    scene = moderator.scene
    await overturned(moderator)
    still = await scene.settled(scene.post("nothing changes between two publications"))
    assert still.decision.outcome is Outcome.REVIEW

    await moderator.edit(MORE)
    tried = await moderator.slash("policy test", text="a text")
    live, draft = (text.split("**")[0] for text in tried.text.split("**Would be done:**")[1:])
    assert "a human is asked" in live
    assert "nothing: the message is fine" in draft
    assert "The draft is calibrated as publishing it now would do it." in tried.text

    published = await moderator.slash("policy publish")
    number, shifts = await kept(scene)
    assert (number, list(shifts), shifts["2"].model_digest) == (2, ["2"], DIGEST)
    counts = f"what it calls 85% counts as {shifted(0.85, shifts['2'].shift):.0%}."
    assert f"{LESS_LIKELY}overturned it; {counts}" in published.content
    assert published.buttons == [AWAY]

    after = await scene.settled(scene.post("decided otherwise than before"))
    assert (after.decision.outcome, after.policy_number) == (Outcome.ALLOW, 2)
    assert after.verdict is not None
    assert after.verdict.probabilities["2"] == pytest.approx(shifted(0.5, shifts["2"].shift))
    assert after.verdict.probabilities["1"] == 0.5
    assert LESS_LIKELY in (await moderator.slash("policy show")).text
    assert LESS_LIKELY not in (await moderator.slash("policy show", version="1")).text
    assert counts[:-1] in (await moderator.slash("stats")).text

    taken = await moderator.press(published, AWAY)
    assert "Rule 2 is taken as the judge says, as moderators wanted" in taken.content
    again = await scene.settled(scene.post("as before"))
    assert (again.decision.outcome, again.policy_number) == (Outcome.REVIEW, 3)

    stale = await moderator.press(published, AWAY)
    assert "Version 2 is not live any more" in stale.content
    assert (await kept(scene))[0] == 3

    await moderator.edit(POLICY)
    assert "Rule 2 is taken as the judge says" in (await moderator.slash("policy publish")).content
    assert (await kept(scene))[1]["2"].is_taken_away, "it stays away until a moderator wants it again"

    shown = await moderator.slash("policy calibrate")
    assert shown.buttons == [ANEW]
    assert LESS_LIKELY in shown.text
    renewed = await moderator.press(shown, ANEW)
    assert LESS_LIKELY in renewed.content
    assert (await scene.settled(scene.post("let go again"))).decision.outcome is Outcome.ALLOW


async def test_too_few_answers_change_nothing_and_nothing_is_offered(moderator: Hand) -> None:
    await overturned(moderator, 2)
    await moderator.edit(MORE)
    published = await moderator.slash("policy publish")
    assert "Rule 2" not in published.content
    assert published.buttons == []
    shown = await moderator.slash("policy calibrate")
    assert "Every rule is taken as the judge says." in shown.text
    assert shown.buttons == []


async def test_going_back_to_a_version_calibrates_it_by_the_answers_there_are(moderator: Hand) -> None:
    await moderator.edit(MORE)
    await moderator.slash("policy publish")
    await overturned(moderator)
    back = await moderator.slash("policy rollback", version="1")
    assert LESS_LIKELY in back.content
    assert back.buttons == [AWAY]
    assert (await moderator.scene.settled(moderator.scene.post("x"))).decision.outcome is Outcome.ALLOW


async def test_a_rule_worded_anew_begins_anew_and_that_is_said(moderator: Hand) -> None:
    await overturned(moderator)
    await moderator.press(await moderator.slash("policy calibrate"), ANEW)
    await moderator.edit(POLICY.replace("No advertising.", "No selling."))
    published = await moderator.slash("policy publish")
    assert "Rule 2 of version 2 was calibrated, and is no longer" in published.content
    assert (await kept(moderator.scene)) == (3, {})


async def test_in_a_channel_that_extends_the_servers_policy_each_rule_goes_by_the_version_that_wrote_it(
    moderator: Hand,
) -> None:
    scene = moderator.scene
    policies, guild_id, channel_id = scene.store.policies, scene.guild.id, scene.general.id
    await policies.set_how(guild_id, channel_id, PlaceKind.CHANNEL, How.EXTEND, scene.moderator.id)
    draft = await policies.save_draft(guild_id, "8. No dogs. [flag]", scene.moderator.id, place_id=channel_id)
    await policies.publish(guild_id, draft.digest, scene.moderator.id, place_id=channel_id)
    await overturned(moderator)
    await moderator.press(await moderator.slash("policy calibrate"), ANEW)
    after = await scene.settled(scene.post("x"))
    assert after.verdict is not None
    assert (after.policy_number, after.extends, after.decision.outcome) == (2, (3,), Outcome.ALLOW)
    assert after.verdict.probabilities["2"] < 0.4
    assert after.verdict.probabilities["8"] == 0.5


async def test_only_who_may_write_the_policy_calibrates_and_the_buttons_outlive_the_process(moderator: Hand) -> None:
    scene = moderator.scene
    await overturned(moderator)
    shown = await moderator.slash("policy calibrate")
    member, moderation = scene.guild.members[scene.moderator.id], scene.server.moderation
    moderation.set_roles(scene.guild, scene.owner, member, set(), None)
    assert (await moderator.press(shown, ANEW)).content.startswith("Only moderators may do this")
    moderation.set_roles(scene.guild, scene.owner, member, {scene.moderator_role_id}, None)
    assert await kept(scene) == (1, {})
    async with connected(scene.stage, scene.stage.trial.application, scene.guild.id):
        assert LESS_LIKELY in (await moderator.press(shown, ANEW)).content


async def test_a_calibration_that_comes_while_a_message_is_judged_holds_for_it_too_and_once(moderator: Hand) -> None:
    scene = moderator.scene
    judge, shift = judge_of(scene), RuleShift("2", -1.4, 0, FEWEST_ANSWERS, DIGEST)

    async def is_judged() -> bool:
        return judge.classifying > 0

    with held(judge.may_classify):
        message = scene.post("x")
        await until(is_judged)
        await scene.store.policies.recalibrate(scene.guild.id, 1, scene.moderator.id, "", [shift])
    after = await scene.settled(message)
    assert (after.policy_number, after.decision.outcome) == (2, Outcome.ALLOW)
    assert after.verdict is not None
    assert after.verdict.probabilities["2"] == pytest.approx(shifted(0.5, -1.4))
