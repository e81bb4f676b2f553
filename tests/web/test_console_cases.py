"""The console's *Cases*: what is shown of one, and what can be done about it, on the whole bot.

The judge has no model: what is shown of a case, and done about it, does not depend on how its verdict came about.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.audit import THE_SHELL
from bot.domain.records import CaseRecord, CaseStatus, ReviewKind
from bot.sandbox.permissions import MANAGE_MESSAGES, VIEW_CHANNEL
from tests.cogs.cases.desk import opened, post_of, read, told
from tests.cogs.scripted_stage import running_stage
from tests.stage import ASK, Scene, until
from tests.web.client import Pages
from tests.web.hidden import hide
from tests.web.signed import signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")
__all__ = ["running_stage"]
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)"> {{ 7*7 }} </textarea> "\'>'


def path_of(case: CaseRecord) -> str:
    return f"cases/{case.number}"


# -- one case --------------------------------------------------------------------------------------------


async def test_a_case_is_shown_with_all_that_belongs_to_it(scene: Scene, pages: Pages) -> None:
    scene.post("did you see the match?", scene.moderator)
    earlier = await opened(scene, text="earlier words")
    case = await opened(scene, text="please come to my shop today")
    await scene.store.cases.explained(scene.guild.id, case.number, "It advertises a shop.", "come to my shop")
    page = await pages.get(path_of(case))
    assert page.status == 200
    assert "please <mark>come to my shop</mark> today" in page.text
    for words in (
        "No advertising.",
        "It advertises a shop.",
        "did you see the match?",
        "version 1",
        "Earlier cases of the author",
        f"Case {earlier.number}",
        "✅ flag done",
    ):
        assert words in page.words, words
    link = f"https://discord.com/channels/{scene.guild.id}/{scene.general.id}/{case.submission.message_id}"
    assert link in page.text
    assert page.text.count("<svg") == 6  # a bar for each rule


async def test_what_evades_is_shown_as_the_judge_reads_it_too(scene: Scene, pages: Pages) -> None:
    page = await pages.get(path_of(await opened(scene, text="b u y  g o l d")))
    assert "As the judge reads it buy gold" in page.words
    page = await pages.get(path_of(await opened(scene, text="buy gold")))
    assert "As the judge reads it" not in page.words


async def test_what_people_wrote_is_never_markup(scene: Scene, pages: Pages) -> None:
    await scene.publish(f"# The house\n\n## Rules\n1. No {HOSTILE} here. [flag]\n")
    await scene.break_rule("1")
    scene.post(HOSTILE, scene.moderator)
    case = await scene.case(scene.post(f"look: {HOSTILE}"))
    await scene.store.cases.explained(scene.guild.id, case.number, f"Because {HOSTILE}", HOSTILE)
    await pages.send(f"{path_of(case)}/note", text=HOSTILE)
    await pages.send(f"{path_of(case)}/overturn", known=0, reason=HOSTILE)
    for path in (path_of(case), "cases", "cases?rule=" + "%3Cscript%3Ealert(1)%3C/script%3E", "review"):
        page = await pages.get(path)
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "</textarea> " not in page.text
    page = await pages.get(path_of(case))
    assert page.words.count(HOSTILE) >= 5


async def test_words_that_may_not_be_shown_are_not(scene: Scene, pages: Pages) -> None:
    await scene.publish("# The house\n\n## Rules\n1. No secrets. [link]\n")
    await scene.break_rule("1")
    case = await scene.case(scene.post("words that nobody may repeat"))
    assert case.only_linked
    for path in (path_of(case), "cases"):
        page = await pages.get(path)
        assert "nobody may repeat" not in page.text
        assert "follow the link to it" in page.words


async def test_a_number_that_is_none_of_the_servers_is_not_found(scene: Scene, pages: Pages) -> None:
    other = await scene.stage.scene()
    cases = [await opened(other, text=f"elsewhere {number}") for number in range(2)]
    for path in (path_of(cases[1]), "cases/0", "cases/9999999999999999999999", "cases/x", "cases/1%27"):
        page = await pages.get(path)
        assert page.status in {404, 409}, path
        assert "elsewhere" not in page.text
    assert (await pages.send(f"{path_of(cases[1])}/confirm", known=0)).status == 409
    assert (await read(other, cases[1])).status is CaseStatus.OPEN


# -- answers ---------------------------------------------------------------------------------------------


async def test_confirm_is_recorded_and_shown_in_the_mod_log_as_the_operators(scene: Scene, pages: Pages) -> None:
    case = await opened(scene)
    page = await pages.send(f"{path_of(case)}/confirm", known=0)
    assert (page.status, page.path) == (200, f"{path_of(case)}?done=confirm")
    assert f"Case {case.number} is confirmed." in page.words
    now = await read(scene, case)
    assert now.answer is not None
    assert (now.status, now.answer.reviewer_id) == (CaseStatus.CONFIRMED, THE_SHELL)
    shown = str(post_of(scene, now).embeds)
    assert "confirmed by the operator of the bot's machine" in shown
    assert "<@0>" not in shown
    assert "confirmed by the operator of the bot's machine" in page.words
    assert not page.has_form("confirm")


async def test_the_mod_log_speaks_the_servers_language_whatever_the_browser_does(scene: Scene, pages: Pages) -> None:
    case = await opened(scene)
    pages.language = "de"
    page = await pages.send(f"{path_of(case)}/confirm", known=0)
    assert '<html lang="de">' in page.text
    assert "confirmed by" in str(post_of(scene, await read(scene, case)).embeds)


async def test_overturn_undoes_what_can_be_undone_and_says_so(scene: Scene, pages: Pages) -> None:
    case = await opened(scene, "1", text="good words")
    page = await pages.send(f"{path_of(case)}/overturn", known=0, reason="it was a joke")
    assert f"Case {case.number} is overturned." in page.words
    assert "delete: ↩️ undone: its text was offered back to the author" in page.words
    assert "it was a joke" in page.words
    assert "good words" in told(scene, scene.member)[-1].content
    await pages.send(f"{path_of(case)}/learn", breaks="no")
    assert "Nothing is left to be answered." in (await pages.get(path_of(case))).words


async def test_another_action_is_done_at_once(scene: Scene, pages: Pages) -> None:
    case = await opened(scene)
    page = await pages.send(f"{path_of(case)}/act", known=0, action="delete")
    assert f"Case {case.number}: delete done." in page.words
    assert scene.general.messages.get(case.submission.message_id) is None
    assert "asked for by the operator of the bot's machine" in str(post_of(scene, await read(scene, case)).embeds)


@pytest.mark.parametrize("action", ["", "escalate", "explode", "timeout 99d"])
async def test_an_action_that_is_not_offered_is_refused(scene: Scene, pages: Pages, action: str) -> None:
    case = await opened(scene)
    page = await pages.send(f"{path_of(case)}/act", known=0, action=action)
    assert (page.status, "Choose what shall be done." in page.words) == (409, True)
    assert (await read(scene, case)).status is CaseStatus.OPEN


async def test_an_action_that_the_bot_may_not_take_is_refused_in_words(scene: Scene, pages: Pages) -> None:
    await scene.store.guilds.update(scene.guild.id, judge_moderators=True)
    await scene.break_rule("2", ASK)
    case = await scene.case(scene.post("the owner speaks", scene.owner))
    page = await pages.send(f"{path_of(case)}/act", known=0, action="ban")
    assert page.status == 403
    assert "Nothing was done" in page.words
    assert (await read(scene, case)).status is CaseStatus.OPEN


async def test_whoever_answers_second_is_told_of_the_first_with_the_case_as_it_is_now(
    scene: Scene, pages: Pages
) -> None:
    case = await opened(scene)
    await scene.store.reviews.answer(scene.guild.id, case.number, ReviewKind.OVERTURN, scene.moderator.id)
    page = await pages.send(f"{path_of(case)}/confirm", known=0)
    assert page.status == 409
    assert f"Case {case.number} was overturned already by a-moderator, 20" in page.words
    assert "↩️ overturned by a-moderator" in page.words
    assert "<@" not in page.words
    assert "<t:" not in page.words


async def test_whoever_has_seen_the_first_answer_may_answer_anew(scene: Scene, pages: Pages) -> None:
    case = await opened(scene)
    await scene.store.reviews.answer(scene.guild.id, case.number, ReviewKind.CONFIRM, scene.moderator.id)
    page = await pages.get(path_of(case))
    assert 'name="known" value="1"' in page.text
    await pages.send(f"{path_of(case)}/overturn", known=1)
    assert (await read(scene, case)).status is CaseStatus.OVERTURNED


async def test_claim_and_release(scene: Scene, pages: Pages) -> None:
    await scene.break_rule("2", ASK)
    case = await scene.case(scene.post("maybe"))
    page = await pages.send(f"{path_of(case)}/claim", known=0)
    assert f"Case {case.number} is yours until" in page.words
    assert "by the operator of the bot's machine until" in str(post_of(scene, await read(scene, case)).embeds)
    page = await pages.send(f"{path_of(case)}/release", known=0)
    assert f"Case {case.number} is free for others." in page.words
    assert (await read(scene, case)).claimed_by is None


async def test_what_another_moderator_holds_is_left_to_them(scene: Scene, pages: Pages) -> None:
    await scene.break_rule("2", ASK)
    case = await scene.case(scene.post("maybe"))
    await scene.store.reviews.claim(scene.guild.id, case.number, scene.moderator.id, datetime.now(UTC))
    for deed, fields in (("confirm", {}), ("overturn", {}), ("release", {}), ("act", {"action": "delete"})):
        page = await pages.send(f"{path_of(case)}/{deed}", known=0, **fields)
        assert page.status == 409
        assert f"Case {case.number} is claimed by a-moderator until" in page.words
    assert (await read(scene, case)).status is CaseStatus.OPEN


async def test_a_note_is_kept_and_an_empty_or_endless_one_is_not(scene: Scene, pages: Pages) -> None:
    case = await opened(scene)
    page = await pages.send(f"{path_of(case)}/note", text="known\r\nsince Monday")
    assert f"Noted on case {case.number}." in page.words
    assert (await read(scene, case)).notes[0].text == "known\nsince Monday"
    for text in ("", " \n ", "x" * 1_001):
        assert (await pages.send(f"{path_of(case)}/note", text=text)).status == 409
    assert len((await read(scene, case)).notes) == 1


async def test_an_appeal_is_answered_and_its_author_is_told(scene: Scene, pages: Pages) -> None:
    case = await opened(scene, "3")
    await scene.stage.trial.app.pipeline.reviews.appeals.lodge(case, "it was a quotation <b>")
    page = await pages.get(path_of(case))
    assert "it was a quotation <b>" in page.words
    page = await pages.send(f"{path_of(case)}/answer", text="We looked again.")
    assert f"The author of case {case.number} has your answer." in page.words
    assert "We looked again." in told(scene, scene.member)[-1].content
    assert "Answered by the operator of the bot's machine" in page.words
    assert not page.has_form("answer")


async def test_a_case_becomes_an_example_only_where_somebody_says_so(scene: Scene, pages: Pages) -> None:
    case = await opened(scene)
    assert not (await pages.get(path_of(case))).has_form("learn")
    page = await pages.send(f"{path_of(case)}/confirm", known=0)
    assert page.has_form("learn")
    page = await pages.send(f"{path_of(case)}/learn", breaks="no")
    assert page.status == 409
    page = await pages.send(f"{path_of(case)}/learn", breaks="yes")
    assert "Learned as example" in page.words
    assert [one.case_number for one in await scene.store.learned.of(scene.guild.id)] == [case.number]
    assert not page.has_form("learn"), "once is enough"


@pytest.mark.parametrize("deed", ["confirm", "overturn", "act", "claim", "release", "note", "answer", "learn"])
async def test_nothing_is_done_without_the_sessions_token(scene: Scene, pages: Pages, deed: str) -> None:
    case = await opened(scene)
    before = await read(scene, case)
    fields = {"known": 0, "text": "words", "action": "delete", "breaks": "yes"}
    for token in ({}, {"csrf": ""}, {"csrf": "x" * 43}):
        page = await pages.send_without_token(f"{path_of(case)}/{deed}", **fields, **token)
        assert page.status == 403
    assert await read(scene, case) == before
    assert (await pages.get(f"{path_of(case)}/{deed}")).status in {404, 405}


async def test_an_address_that_says_what_was_not_done_says_nothing(scene: Scene, pages: Pages) -> None:
    case = await opened(scene)
    for done in ("confirm", "overturn", "act", "claim", "learn", "answer", "<script>"):
        page = await pages.get(f"{path_of(case)}?done={done}")
        assert page.status == 200
        assert "data-told" not in page.text


# -- who sees what ---------------------------------------------------------------------------------------


async def test_cases_of_channels_that_a_moderator_cannot_see_are_not_there_for_them(scene: Scene, pages: Pages) -> None:
    seen = await opened(scene, text="seen by all")
    secret = scene.server.places.create(scene.guild, {"name": "secret"})
    await scene.store.guilds.watch(scene.guild.id, secret.id)
    hidden = await scene.case(scene.post("only for a few", channel=secret))
    assert "only for a few" in (await pages.get("cases")).words
    await hide(scene, secret)
    async with signed_in(scene, scene.moderator) as moderator:
        page = await moderator.get("cases")
        assert page.cell("number") == [str(seen.number)]
        assert "secret" not in page.text
        assert (await moderator.get(path_of(hidden))).status == 403
        for deed in ("confirm", "note", "claim"):
            assert (await moderator.send(f"{path_of(hidden)}/{deed}", text="x")).status == 403
        assert "only for a few" not in (await moderator.get(path_of(seen))).text
        assert (await moderator.get("cases?text=few")).cell("number") == []
        assert "0 cases wait" in (await moderator.get("review")).words
    assert (await read(scene, hidden)).reviews == ()


async def test_a_moderators_answers_are_theirs(scene: Scene) -> None:
    case = await opened(scene)
    async with signed_in(scene, scene.moderator) as moderator:
        page = await moderator.send(f"{path_of(case)}/confirm", known=0)
    assert "confirmed by a-moderator" in page.words
    now = await read(scene, case)
    assert now.answer is not None
    assert now.answer.reviewer_id == scene.moderator.id
    assert f"confirmed by <@{scene.moderator.id}>" in str(post_of(scene, now).embeds)


async def test_a_moderator_has_done_only_what_they_could_do_by_hand(scene: Scene) -> None:
    case = await opened(scene)
    helpers = scene.server.moderation.create_role(scene.guild, "Helpers", MANAGE_MESSAGES | VIEW_CHANNEL)
    helper = scene.server.world.add_user("a-helper")
    scene.server.world.join(scene.guild, helper, [helpers])

    async def knows_the_role() -> bool:
        guild = scene.stage.trial.app.client.get_guild(scene.guild.id)
        return guild is not None and guild.get_role(helpers.id) is not None

    await until(knows_the_role)
    async with signed_in(scene, helper) as moderator:
        page = await moderator.send(f"{path_of(case)}/act", known=0, action="ban")
        assert page.status == 403
        assert "this needs your own permission Ban Members" in page.words
        page = await moderator.send(f"{path_of(case)}/act", known=0, action="delete")
        assert f"Case {case.number}: delete done." in page.words
