"""The console's *Review*: the queue, one case at a time, on the whole bot and without scripts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.audit import THE_SHELL
from bot.domain.records import CaseRecord, CaseStatus
from tests.cogs.cases.desk import opened, read
from tests.cogs.scripted_stage import running_stage
from tests.stage import ASK, Scene
from tests.web.client import Answer, Pages
from tests.web.hidden import hide
from tests.web.signed import signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")
__all__ = ["running_stage"]


async def doubtful(scene: Scene, count: int) -> list[CaseRecord]:
    """Cases that wait for a human, oldest first."""
    await scene.break_rule("1", ASK)
    return [await scene.case(scene.post(f"doubtful {number}")) for number in range(count)]


def stands_at(page: Answer, case: CaseRecord) -> bool:
    """Whether a page shows a case to be answered."""
    return page.path.startswith(f"review/{case.number}") and f"Case {case.number} · " in page.words


async def held_by(scene: Scene, case: CaseRecord) -> int | None:
    return (await read(scene, case)).claim_at(datetime.now(UTC))


async def test_nothing_waits_at_first(pages: Pages) -> None:
    assert "Nothing waits" in (await pages.get("review")).words
    assert "Nothing waits" in (await pages.send("review")).words


async def test_looking_at_the_page_claims_nothing_and_beginning_claims_the_oldest(scene: Scene, pages: Pages) -> None:
    first, second = await doubtful(scene, 2)
    await opened(scene)  # the bot acted on it: nobody waits
    page = await pages.get("review")
    assert "2 cases wait" in page.words
    assert await held_by(scene, first) is None
    page = await pages.send("review")
    assert stands_at(page, first)
    assert (await held_by(scene, first), await held_by(scene, second)) == (THE_SHELL, None)
    assert stands_at(await pages.get("review"), first), "whoever comes back goes on"


async def test_after_each_answer_comes_the_next_case(scene: Scene, pages: Pages) -> None:
    first, second, third = await doubtful(scene, 3)
    await pages.send("review")
    page = await pages.send(f"review/{first.number}/confirm", known=0)
    assert stands_at(page, second)
    assert f"Case {first.number} is confirmed." in page.words
    page = await pages.send(f"review/{second.number}/act", known=0, action="delete")
    assert stands_at(page, third)
    assert f"Case {second.number}: delete done." in page.words
    page = await pages.send(f"review/{third.number}/overturn", known=0, reason="fine")
    assert "Nothing waits" in page.words
    stands = [(await read(scene, case)).status for case in (first, second, third)]
    assert stands == [CaseStatus.CONFIRMED, CaseStatus.OTHER, CaseStatus.OVERTURNED]


async def test_what_is_skipped_is_free_for_others_and_does_not_come_again(scene: Scene, pages: Pages) -> None:
    first, second = await doubtful(scene, 2)
    await pages.send("review")
    page = await pages.send(f"review/{first.number}/skip")
    assert stands_at(page, second)
    assert f"Case {first.number} is left to others." in page.words
    assert await held_by(scene, first) is None
    page = await pages.send(f"review/{second.number}/confirm", known=0, skipped=first.number)
    assert "Nothing left but what you skipped" in page.words
    assert stands_at(await pages.send("review"), first), "who begins again gets it"


async def test_a_skipped_case_is_taken_back_and_the_other_let_go(scene: Scene, pages: Pages) -> None:
    first, second = await doubtful(scene, 2)
    await pages.send("review")
    await pages.send(f"review/{first.number}/skip")
    page = await pages.send(f"review/{first.number}/undo", deed="claim", back=second.number, skipped=first.number)
    assert stands_at(page, first)
    assert (await held_by(scene, first), await held_by(scene, second)) == (THE_SHELL, None)


@pytest.mark.parametrize(
    ("answer", "offered", "after"),
    [("confirm", "overturn", CaseStatus.OVERTURNED), ("overturn", "confirm", CaseStatus.CONFIRMED)],
)
async def test_undo_answers_the_other_way_and_stays_at_the_next_case(
    scene: Scene, pages: Pages, answer: str, offered: str, after: CaseStatus
) -> None:
    first, second = await doubtful(scene, 2)
    await pages.send("review")
    page = await pages.send(f"review/{first.number}/{answer}", known=0)
    assert f"Undo: {offered} case {first.number}" in page.words
    page = await pages.send(f"review/{first.number}/undo", deed=offered, known=1, back=second.number)
    assert stands_at(page, second)
    assert (await read(scene, first)).status is after


async def test_it_is_said_that_what_was_undone_on_discord_stays_undone(scene: Scene, pages: Pages) -> None:
    (case,) = await doubtful(scene, 1)
    page = await pages.send(f"review/{case.number}/overturn", known=0)
    assert "What was undone on Discord stays undone: ask for the action where it is still needed." in page.words
    page = await pages.send(f"review/{case.number}/undo", deed="confirm", known=1)
    assert f"Case {case.number} is confirmed." in page.words
    page = await pages.send(f"review/{case.number}/act", known=2, action="delete")
    assert scene.general.messages.get(case.submission.message_id) is None
    assert f"Case {case.number}: delete done." in page.words


async def test_the_last_answer_becomes_an_example_where_somebody_says_so(scene: Scene, pages: Pages) -> None:
    first, second = await doubtful(scene, 2)
    page = await pages.send(f"review/{first.number}/confirm", known=0)
    assert page.has_form(f"review/{first.number}/learn")
    page = await pages.send(f"review/{first.number}/learn", breaks="yes", back=second.number)
    assert "Learned as example" in page.words
    assert stands_at(page, second)
    assert [one.case_number for one in await scene.store.learned.of(scene.guild.id)] == [first.number]
    page = await pages.send(f"review/{second.number}/skip")
    assert not page.has_form(f"review/{second.number}/learn")


async def test_nothing_is_taken_back_that_somebody_else_has_answered_since(scene: Scene, pages: Pages) -> None:
    (case,) = await doubtful(scene, 1)
    await pages.send(f"review/{case.number}/confirm", known=0)
    reviews = scene.stage.trial.app.pipeline.reviews
    await reviews.overturn(case, scene.moderator.id, known=1)
    await reviews.confirm(case, scene.moderator.id, known=2)
    page = await pages.send(f"review/{case.number}/undo", deed="overturn", known=1)
    assert page.status == 409
    assert f"Case {case.number} was confirmed already by a-moderator" in page.words
    assert (await read(scene, case)).status is CaseStatus.CONFIRMED


@pytest.mark.parametrize("deed", ["", "act", "explode"])
async def test_only_an_answer_is_taken_back(scene: Scene, pages: Pages, deed: str) -> None:
    (case,) = await doubtful(scene, 1)
    assert (await pages.send(f"review/{case.number}/undo", deed=deed, known=0)).status == 409
    assert (await read(scene, case)).reviews == ()


async def test_whoever_answers_second_is_told_and_offered_the_next(scene: Scene, pages: Pages) -> None:
    first, second = await doubtful(scene, 2)
    await scene.stage.trial.app.pipeline.reviews.overturn(first, scene.moderator.id)
    page = await pages.send(f"review/{first.number}/confirm", known=0)
    assert page.status == 409
    assert f"Case {first.number} was overturned already by a-moderator" in page.words
    assert "Next case" in page.words
    assert stands_at(await pages.send("review"), second)


async def test_what_another_holds_is_passed_over(scene: Scene, pages: Pages) -> None:
    first, second = await doubtful(scene, 2)
    await scene.store.reviews.claim(scene.guild.id, first.number, scene.moderator.id, datetime.now(UTC))
    assert stands_at(await pages.send("review"), second)
    page = await pages.send(f"review/{second.number}/confirm", known=0)
    assert "claimed by somebody else" in page.words
    async with signed_in(scene, scene.moderator) as moderator:
        assert stands_at(await moderator.get("review"), first)


async def test_an_appeal_waits_too_and_is_decided_or_answered(scene: Scene, pages: Pages) -> None:
    appeals = scene.stage.trial.app.pipeline.reviews.appeals
    first, second = await opened(scene, "3"), await opened(scene, "3", text="another one")
    await pages.send(f"cases/{first.number}/confirm", known=0)
    for case in (first, second):
        await appeals.lodge(case, "it was a quotation")
    page = await pages.send("review")
    assert stands_at(page, first)
    assert "its author appeals" in page.words
    assert "it was a quotation" in page.words
    page = await pages.send(f"review/{first.number}/overturn", known=1)
    assert stands_at(page, second)
    page = await pages.send(f"review/{second.number}/answer", text="We looked again.")
    assert f"The author of case {second.number} has your answer." in page.words
    assert "Nothing waits" in page.words


async def test_nobody_is_given_a_case_of_a_channel_that_they_cannot_see(scene: Scene) -> None:
    secret = scene.server.places.create(scene.guild, {"name": "secret"})
    await scene.store.guilds.watch(scene.guild.id, secret.id)
    await scene.break_rule("1", ASK)
    hidden = await scene.case(scene.post("only for a few", channel=secret))
    (seen,) = await doubtful(scene, 1)
    await hide(scene, secret)
    async with signed_in(scene, scene.moderator) as moderator:
        assert "1 case waits" in (await moderator.get("review")).words
        assert stands_at(await moderator.send("review"), seen)
        page = await moderator.send(f"review/{seen.number}/confirm", known=0)
        assert "Nothing waits" in page.words
        assert (await moderator.get(f"review/{hidden.number}")).status == 403
        for deed in ("confirm", "skip", "note", "undo"):
            page = await moderator.send(f"review/{hidden.number}/{deed}", known=0, text="x", deed="claim")
            assert page.status == 403
        page = await moderator.get(f"review?after={hidden.number}&done=skip")
        assert 'id="last"' not in page.text
    assert (await read(scene, hidden)).claimed_by is None


async def test_a_note_leaves_the_case_where_it_is(scene: Scene, pages: Pages) -> None:
    (case,) = await doubtful(scene, 1)
    await pages.send("review")
    page = await pages.send(f"review/{case.number}/note", text="known")
    assert stands_at(page, case)
    assert f"Noted on case {case.number}." in page.words
    assert (await pages.send(f"review/{case.number}/note", text="")).status == 409


async def test_a_fragment_holds_the_case_alone(scene: Scene, pages: Pages) -> None:
    (case,) = await doubtful(scene, 1)
    page = await pages.get(f"review/{case.number}", {"HX-Request": "true"})
    assert 'id="review"' in page.text
    assert "<html" not in page.text


@pytest.mark.parametrize("query", ["after=x&done=confirm", "after=99999&done=confirm", "after=1&done=<b>", "done=all"])
async def test_an_address_that_was_made_up_says_nothing(scene: Scene, pages: Pages, query: str) -> None:
    await doubtful(scene, 1)
    page = await pages.get(f"review?{query}")
    assert page.status == 200
    assert 'id="last"' not in page.text
