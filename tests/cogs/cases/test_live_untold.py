"""What a process that ended left untold of an appeal is told after the next start; what it had told is not repeated."""

from __future__ import annotations

import pytest

from bot.domain.records import CaseRecord, ReviewKind
from bot.sandbox.model import Message
from tests.cogs.cases.desk import opened, press, read, told, two
from tests.cogs.cases.test_live_appeals import appeal_of, appealed, warned
from tests.cogs.live import hand
from tests.stage import Scene

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def resumed(scene: Scene) -> None:
    """What a process does at its start."""
    await scene.stage.trial.app.pipeline.reviews.appeals.resume()


async def lodged(scene: Scene) -> CaseRecord:
    """A case whose appeal was kept by a process that then ended."""
    case = await opened(scene, "3")
    await scene.store.appeals.lodge(scene.guild.id, case.number, scene.member.id, "that was a joke")
    return case


def notices(scene: Scene) -> list[Message]:
    return [one for one in scene.log.messages if "appeals: " in one.content]


def letters(scene: Scene, words: str) -> list[Message]:
    return [one for one in told(scene, scene.member) if words in one.content]


async def note(scene: Scene, case: CaseRecord) -> str:
    return appeal_of(await read(scene, case)).note


async def test_moderators_hear_of_the_appeal_once(scene: Scene) -> None:
    case = await lodged(scene)
    assert await note(scene, case) == "moderators are yet to be told of this appeal"
    for _ in range(2):
        await resumed(scene)
        assert (len(notices(scene)), await note(scene, case)) == (1, "")


async def test_an_appeal_that_was_noticed_already_is_noticed_no_more_even_if_the_case_was_answered_since(
    scene: Scene,
) -> None:
    case = await lodged(scene)
    await resumed(scene)
    (moderator, _) = await two(scene)
    await press(moderator, case, "Confirm")
    await scene.store.appeals.noted(scene.guild.id, case.number, "moderators are yet to be told of this appeal")
    await resumed(scene)
    assert (len(notices(scene)), await note(scene, case)) == (1, "")


async def test_the_member_gets_the_answer_once_in_whatever_language(scene: Scene) -> None:
    case = await lodged(scene)
    await resumed(scene)
    await scene.store.appeals.answer(scene.guild.id, case.number, scene.moderator.id, "It did not read like one")
    await resumed(scene)
    assert len(letters(scene, "It did not read like one")) == 1
    await scene.store.appeals.noted(scene.guild.id, case.number, "das Mitglied erfährt die Antwort noch")
    await scene.store.guilds.update(scene.guild.id, language="de")
    await resumed(scene)
    assert (len(letters(scene, "It did not read like one")), await note(scene, case)) == (1, "")


@pytest.mark.parametrize(
    ("kind", "words"), [(ReviewKind.CONFIRM, "and it stands"), (ReviewKind.OVERTURN, "and overturned it")]
)
async def test_the_member_hears_once_what_was_decided(scene: Scene, kind: ReviewKind, words: str) -> None:
    case = await lodged(scene)
    await resumed(scene)
    await scene.store.reviews.answer(scene.guild.id, case.number, kind, scene.moderator.id)
    for _ in range(2):
        await resumed(scene)
        assert (len(letters(scene, words)), await note(scene, case)) == (1, "")
    await scene.store.appeals.noted(scene.guild.id, case.number, "the member is yet to be told what was decided")
    await resumed(scene)
    assert (len(letters(scene, words)), await note(scene, case)) == (1, "")


async def test_nobody_gets_a_second_answer_while_the_first_is_told(scene: Scene) -> None:
    case = await lodged(scene)
    await scene.store.appeals.answer(scene.guild.id, case.number, scene.moderator.id, "no")
    moderator = await hand(scene, scene.moderator)
    again = await moderator.slash("case answer", number=case.number, text="once more")
    assert "was answered already" in again.content


async def test_where_all_was_told_nothing_is_left_to_be(scene: Scene) -> None:
    case, member = await warned(scene)
    await appealed(member)
    moderator = await hand(scene, scene.moderator)
    await moderator.slash("case answer", number=case.number, text="no")
    await press(moderator, case, "Confirm")
    assert (scene.guild.id, case.number) not in await scene.store.appeals.untold()
