"""What was opened for one and sent off by another, used twice or sent from elsewhere; ids that nobody was given."""

from __future__ import annotations

import asyncio

import pytest

from bot.discord_io.embeds import message_link
from tests.cogs.cases.desk import opened, read
from tests.cogs.forging import Intruder
from tests.cogs.live import nothing_changes
from tests.cogs.scripted_stage import running_stage
from tests.cogs.test_live_every_command import EVERYONES_CONTROLS, EXAMPLES, SELECTS
from tests.cogs.test_live_matrix import REFUSALS, REFUSED, is_refused
from tests.stage import ASK, Scene, Stage

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

# Modals


async def test_an_open_editor_takes_a_text_from_nobody_else(scene: Scene) -> None:
    moderator = Intruder(scene, scene.moderator)
    comers = [Intruder(scene, await someone.comes(scene)) for someone in REFUSED.values()]
    async with nothing_changes(scene):
        for who in comers:
            editor = await moderator.slash("policy edit")
            assert editor.modal is not None
            answer = await who.submit(editor.modal.custom_id, source="1. Everything is fine. [flag]")
            assert answer.content.startswith(REFUSALS)
            assert "No spam" not in who.everything(answer)


async def test_an_open_appeal_takes_words_from_its_author_alone(scene: Scene) -> None:
    await scene.break_rule("3")
    case = await scene.case(scene.post("a threat"))
    appealing = f"lawspeaker:appeal:{scene.guild.id}:{case.number}"
    assert is_refused(await Intruder(scene, scene.member).press(appealing)) is False
    for user in (scene.moderator, scene.owner):
        pressed = await Intruder(scene, scene.member).press(appealing)
        assert pressed.modal is not None
        answer = await Intruder(scene, user).submit(pressed.modal.custom_id, text="let them off")
        assert answer.content.startswith("There is no case here that you could appeal")
    assert (await read(scene, case)).appeal is None


# Replays


async def test_a_control_that_is_used_twice_at_once_does_its_work_once(scene: Scene) -> None:
    await scene.break_rule("3", ASK)
    case = await scene.case(scene.post("perhaps a threat"))
    who = Intruder(scene, scene.moderator)
    confirm = f"lawspeaker:case:confirm:{case.number}"
    answers = await asyncio.gather(*(who.press(confirm) for _ in range(5)))
    told = sorted(one.content for one in answers)
    assert [one for one in told if one == f"Case {case.number} is confirmed."] == [f"Case {case.number} is confirmed."]
    banning = [who.press(f"lawspeaker:case:act:{case.number}", ["ban"]) for _ in range(3)]
    for answer in await asyncio.gather(*banning):
        assert "already" in answer.content
    assert len((await read(scene, case)).reviews) == 1
    assert scene.guild.bans == {}


async def test_a_control_sent_from_another_place_or_as_another_server_reaches_nothing_there(
    scene: Scene, stage: Stage
) -> None:
    other = await stage.scene()
    await other.break_rule("1", ASK)
    theirs = [await other.case(other.post(f"perhaps spam {n}")) for n in range(2)]
    await scene.break_rule("1", ASK)
    ours = await scene.case(scene.post("perhaps spam"))
    who = Intruder(scene, scene.moderator)
    who.channel = scene.log
    assert (await who.press(f"lawspeaker:case:confirm:{ours.number}")).content == f"Case {ours.number} is confirmed."
    answer = await who.press(f"lawspeaker:case:confirm:{theirs[1].number}")
    assert answer.content == f"There is no case {theirs[1].number} on this server."
    for case in theirs:
        assert (await read(other, case)).reviews == ()


async def test_in_direct_messages_nothing_of_a_servers_is_to_be_had(scene: Scene) -> None:
    await scene.break_rule("3", ASK)
    await scene.case(scene.post("perhaps a threat"))
    who = Intruder(scene, scene.owner)
    who.channel = scene.server.world.dm(scene.bot, scene.owner)
    async with nothing_changes(scene):
        for kind, custom_ids in EXAMPLES.items():
            for one in custom_ids:
                if kind not in EVERYONES_CONTROLS:
                    values = next(([value] for begins, value in SELECTS.items() if one.startswith(begins)), None)
                    assert (await who.press(one, values)).content == "This works on a server only.", one


# Other servers' numbers, and ids that were never given out

FORGED = [
    "lawspeaker:case:confirm:999999999",
    "lawspeaker:case:act:999999999",
    "lawspeaker:learn:breaks:999999999",
    "lawspeaker:learned:remove:0:999999999999999999",
    f"lawspeaker:publish:{'f' * 64}:ffffffffffffffff",
    "lawspeaker:template:scams:ffffffffffffffff",
    "lawspeaker:template:no-such-pack",
    "lawspeaker:calibrate:away:999999999",
    "lawspeaker:line:breaks:4:999999999:1:m999999999999999999",
    "lawspeaker:line:breaks:4:1:1:pscams.ffffffff",
    "lawspeaker:forget:99999999999999999999",
    "lawspeaker:settings:pick:no_such_setting",
    "lawspeaker:settings:type:no_such_setting",
    f"lawspeaker:setup:publish:{'f' * 64}",
    "lawspeaker:queue:page:999999",
    "lawcases:zzzz:zzzzzzzzzzz.zzzzzzzzzzz.zzzzzzzzzzz.zzzzzzzzzzz.zzzzzzzzzzz.zzzzzzzzzzz.zz.x",
    f"lawspeaker:appeal:{'9' * 19}:999999999",
    "lawspeaker:nothing:1",
    "lawspeaker:case:ban:1",
    "x" * 100,
]


async def test_ids_that_were_never_given_out_change_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await opened(scene)
    who = Intruder(scene, scene.owner)
    await who.press(f"lawspeaker:case:confirm:{case.number}")
    case = await read(scene, case)
    # What is not answered at all would be waited for as long as Discord does.
    monkeypatch.setattr(scene.server.interactions, "_first_answer_seconds", 1.0)
    async with nothing_changes(scene):
        answers = await asyncio.gather(
            *(who.press(one, ["ban"] if ":act:" in one or ":pick:" in one else None) for one in FORGED)
        )
    assert await read(scene, case) == case
    assert [one for one, answer in zip(FORGED, answers, strict=True) if answer.modal is not None] == []
    told = {one: answer.content for one, answer in zip(FORGED, answers, strict=True) if answer.message is not None}
    ours = [one for one, words in told.items() if words.startswith("Something went wrong")]
    assert ours == [], "what cannot be is refused in words, or not answered"


SECRET = "quincunx"


async def test_another_servers_numbers_ids_and_digests_show_and_change_nothing_of_it(
    scene: Scene, stage: Stage
) -> None:
    theirs = await stage.scene(f"1. No {SECRET} here. [delete]\n")
    cases = [await opened(theirs, "1", f"my {SECRET}, {n}") for n in range(3)]
    await theirs.break_none()
    allowed = theirs.post(f"{SECRET} too")
    await theirs.settled(allowed)
    draft = await theirs.store.policies.save_draft(theirs.guild.id, f"1. No {SECRET} at all.\n", theirs.owner.id)
    before = [await read(theirs, one) for one in cases]
    who = Intruder(scene, scene.owner)
    number, link = cases[2].number, message_link(theirs.guild.id, theirs.general.id, allowed.id)
    journal_id = cases[0].journal_id
    async with nothing_changes(theirs):
        answers = [
            *[await who.slash("why", message=one) for one in (str(number), str(allowed.id), link)],
            await who.slash("why", message=f"{theirs.general.id}-{allowed.id}"),
            await who.slash("why", message=message_link(scene.guild.id, theirs.general.id, allowed.id)),
            *[await who.slash(f"case {deed}", number=number) for deed in ("view", "overturn")],
            *[await who.slash(f"case {deed}", number=number, text="x") for deed in ("note", "answer")],
            *[await who.slash(f"case {deed}", member=theirs.member.id) for deed in ("list", "export")],
            await who.slash("privacy export", user_id=str(theirs.member.id)),
            await who.slash("policy show", version="2"),
            *[await who.press(f"lawspeaker:case:{deed}:{number}") for deed in ("confirm", "overturn", "more", "claim")],
            await who.press(f"lawspeaker:case:act:{number}", ["ban"]),
            await who.press(f"lawspeaker:learn:breaks:{number}"),
            await who.press(f"lawspeaker:line:breaks:0:1:1:m{journal_id}"),
            await who.press(f"lawspeaker:publish:{draft.digest}"),
            await who.press(f"lawspeaker:publish:{draft.digest}:{theirs.general.id:x}"),
            await who.press(f"lawspeaker:template:scams:{theirs.general.id:x}"),
            await who.press(f"lawspeaker:setup:publish:{draft.digest}"),
            await who.press(f"lawspeaker:forget:{theirs.member.id}"),
        ]
    assert [one.content for one in answers if SECRET in who.everything(one)] == []
    assert [await read(theirs, one) for one in cases] == before
    assert await scene.store.learned.of(scene.guild.id) == []
