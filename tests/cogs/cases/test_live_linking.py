"""Content about minors is never posted again, only linked: wherever the bot tells of a message, and to nobody."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.cli import case as shell
from bot.domain.policy import Policy
from bot.domain.records import CaseRecord
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Verdict
from bot.domain.withholding import NOT_SHOWN
from bot.sandbox.answer import Answer
from bot.sandbox.model import Message
from tests.cogs.cases.desk import press, read, told
from tests.cogs.live import Hand, file_in, hand
from tests.stage import Scene, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

POLICY = """1. No spam. [delete]
2. No asking a child or teenager for pictures: bring a human. [escalate]
3. Nichts mit Minderjährigen. [delete, warn, link]
"""
SECRET = "seventeen green lanterns"


@pytest.fixture(autouse=True)
def certain(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that is certain of one rule, which the message names first."""

    async def classify(policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()) -> Verdict:
        named = text.split()[0]
        probabilities = {rule.key: 0.9 if rule.key == named else 0.1 for rule in policy.rules}
        key = named if named in probabilities else None
        reasoning = f"They write {text}"
        return Verdict(key, probabilities, policy.digest, "scripted", "ab12", reasoning=reasoning)

    monkeypatch.setattr(scene.stage.trial.app.judge, "classify", classify)


async def broken(scene: Scene, rule: str) -> tuple[Message, CaseRecord]:
    """A message that breaks a rule of the policy, and its case."""
    await scene.publish(POLICY)
    await scene.break_rule(rule)
    message = scene.post(f"{rule} {SECRET}")
    return message, await scene.case(message)


def posted(scene: Scene) -> str:
    """All that the bot has posted or written: mod log, watched channel, direct messages."""
    channels = (scene.log, scene.general, scene.server.world.dm(scene.bot, scene.member))
    return "\n".join(
        f"{one.content} {one.embeds}" for place in channels for one in place.messages if one.author.id == scene.bot.id
    )


def link_to(message: Message, scene: Scene) -> str:
    return f"https://discord.com/channels/{scene.guild.id}/{message.channel.id}/{message.id}"


def only_links(answer: Answer, link: str) -> bool:
    """Whether an answer links to the message, says that it is not shown, and shows nothing of it."""
    text = f"{answer.text} {answer.content}"
    return SECRET[:12] not in text and NOT_SHOWN in text and link in text


async def test_the_mod_log_links_to_it_and_shows_nothing_of_it_now_and_after_edits(scene: Scene) -> None:
    message, case = await broken(scene, "2")
    moderator = await hand(scene, scene.moderator)
    await press(moderator, case, "Confirm")
    text = posted(scene)
    assert SECRET[:12] not in text
    assert NOT_SHOWN in text
    assert link_to(message, scene) in text
    assert (case.submission.text, case.only_linked) == (message.content, True), "whoever runs the bot still has it"


async def test_no_command_button_or_menu_shows_it(scene: Scene) -> None:
    message, case = await broken(scene, "2")
    moderator = await hand(scene, scene.moderator)
    link = link_to(message, scene)
    for answer in (
        await moderator.slash("case view", number=case.number),
        await moderator.slash("why", message=str(case.number)),
        await moderator.why(message),
        await moderator.menu("Check against policy", message),
    ):
        assert only_links(answer, link), answer.text
    more = await press(moderator, case, "More")
    assert SECRET[:12] not in f"{more.text} {more.content}"
    assert more.attachments == []
    assert NOT_SHOWN in more.text
    tried = await moderator.slash("policy test", text=f"2 {SECRET}")
    assert SECRET[:12] not in tried.text


async def test_what_was_said_before_another_case_does_not_show_it_either(scene: Scene) -> None:
    await broken(scene, "2")
    await scene.break_rule("1")
    later = await scene.case(scene.post("1 come to my shop"))
    assert any(SECRET in one.text for one in later.submission.context)
    more = await press(await hand(scene, scene.moderator), later, "More")
    assert SECRET[:12] not in more.text
    assert NOT_SHOWN in more.text


async def test_exports_of_cases_and_of_the_member_leave_it_out_and_link(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    message, case = await broken(scene, "2")
    await scene.break_none()
    bystander = scene.server.world.add_user("a-bystander")
    scene.server.world.join(scene.guild, bystander)
    other = await scene.settled(scene.post("4 another's words", bystander))
    assert any(SECRET in one.text for one in other.submission.context)
    manager = await hand(scene, scene.manager)
    link = link_to(message, scene)
    exported = await manager.slash("case export")
    shell._print_in_words(case)
    for text in (
        file_in(scene, exported, "cases.csv"),
        file_in(scene, exported, "cases.json"),
        await member_export(scene, manager),
        capsys.readouterr().out,
    ):
        assert SECRET[:12] not in text
        assert NOT_SHOWN in text
        assert link in text


async def member_export(scene: Scene, manager: Hand) -> str:
    answer = await manager.slash("privacy export", member=scene.member.id)
    (file,) = answer.attachments
    return file_in(scene, answer, str(file["filename"]))


async def test_a_deleted_text_is_not_offered_back_and_no_direct_message_repeats_it(scene: Scene) -> None:
    message, case = await broken(scene, "3")
    assert scene.gone(message)
    answer = await press(await hand(scene, scene.moderator), case, "Overturn")
    assert "its text is not offered back" in answer.content
    assert len(told(scene, scene.member)) == 1, "the warning alone"
    assert SECRET[:12] not in posted(scene)
    undone = next(one for one in (await read(scene, case)).actions if one.action.kind == "delete").undoing
    assert undone is not None
    assert undone.outcome.value == "failed"


async def test_a_reported_message_that_is_about_minors_is_only_linked(scene: Scene) -> None:
    await scene.publish(POLICY)
    message = scene.post(f"2 {SECRET}")
    await scene.settled(message)
    moderator = await hand(scene, scene.moderator)
    allowed = await moderator.why(message)
    assert only_links(allowed, link_to(message, scene)), "allowed by the thresholds, yet likely"
    await scene.break_rule("2")
    await moderator.menu("Report to moderators", message)

    async def is_posted() -> bool:
        return any(one.log_message_id for one in await scene.store.cases.list(scene.guild.id))

    await until(is_posted)
    (case,) = await scene.store.cases.list(scene.guild.id)
    assert case.only_linked
    text = posted(scene)
    assert SECRET[:12] not in text
    assert NOT_SHOWN in text


async def test_a_case_of_another_rule_of_the_same_policy_is_shown_as_ever(scene: Scene) -> None:
    _, case = await broken(scene, "1")
    assert not case.only_linked
    assert SECRET in posted(scene)
    await press(await hand(scene, scene.moderator), case, "Overturn")
    assert SECRET in told(scene, scene.member)[-1].content


async def test_moderators_see_in_the_policy_which_rules_are_only_linked(scene: Scene) -> None:
    await scene.publish(POLICY)
    shown = (await (await hand(scene, scene.moderator)).slash("policy show")).text
    assert "escalate, about minors: only linked" in shown
    assert "delete, warn, link" in shown
