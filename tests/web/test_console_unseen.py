"""What was said or is set where a moderator cannot look is on no page of the console for them."""

from __future__ import annotations

import pytest

from bot.domain.lawbook import How, PlaceKind
from bot.domain.learned import Lesson
from bot.sandbox.model import Overwrite
from bot.sandbox.permissions import MANAGE_THREADS, VIEW_CHANNEL
from tests.cogs.scripted_stage import running_stage
from tests.stage import ASK, POLICY, Scene, until
from tests.web.client import operator
from tests.web.graded import grading
from tests.web.hidden import secret_channel
from tests.web.signed import signed_in
from tests.web.test_console_matrix import LOOKS, PAGES

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "quincunx"
PRIVATE_THREAD = 12


async def test_what_was_learned_in_a_hidden_channel_is_not_read_out_with_the_card(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading(scene, monkeypatch)
    channel = await secret_channel(scene)
    said = await scene.settled(scene.post(f"the {SECRET} meets today", channel=channel))
    lesson = Lesson("1", "No spam.", breaks=False)
    await scene.store.learned.from_message(scene.guild.id, said.journal_id, lesson, scene.owner.id)
    async with operator(scene) as everything, signed_in(scene, scene.moderator) as moderator:
        assert f"the {SECRET} meets today" in (await everything.get("policy/card/text")).words
        for path in ("policy/card/text", "policy", "policy/card"):
            assert SECRET not in await moderator.get(path)
            assert moderator.status == 200
        assert "(from a channel that you cannot see) is fine" in (await moderator.get("policy/card/text")).words


async def test_a_record_about_a_private_thread_does_not_name_it(scene: Scene) -> None:
    general = scene.general
    scene.server.places.set_overwrite(general, Overwrite(scene.moderator.id, 1, deny=MANAGE_THREADS))
    thread = scene.server.places.open_thread(general, scene.owner, {"name": SECRET, "type": PRIVATE_THREAD})
    await scene.store.guilds.watch(scene.guild.id, thread.id)
    guild = scene.stage.trial.app.client.get_guild(scene.guild.id)
    assert guild is not None

    async def known() -> bool:
        return guild.get_thread(thread.id) is not None

    await until(known)
    async with operator(scene) as everything, signed_in(scene, scene.moderator) as moderator:
        assert f"watched.#{SECRET}" in await everything.get("audit")
        assert SECRET not in await moderator.get("audit")
        scene.server.places.join_thread(thread, scene.moderator)
        assert f"watched.#{SECRET}" in await moderator.get("audit")


async def test_a_record_about_a_hidden_channel_is_not_read_out(scene: Scene) -> None:
    channel = await secret_channel(scene)
    await scene.store.policies.set_how(scene.guild.id, channel.id, PlaceKind.CHANNEL, How.EXTEND, 0)
    async with operator(scene) as everything, signed_in(scene, scene.moderator) as moderator:
        shown = await everything.get("audit")
        assert "watched.#secret" in shown
        assert "policy.#secret.how" in shown
        shown = await moderator.get("audit")
        assert "watched.#general" in shown
        assert "secret" not in shown
        assert str(channel.id) not in shown
        assert "watched.(a channel that you cannot see)" in shown


async def test_what_publishing_says_of_hidden_channels_does_not_name_them(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading(scene, monkeypatch)
    channel = await secret_channel(scene)
    policies, guild_id = scene.store.policies, scene.guild.id
    await policies.set_how(guild_id, channel.id, PlaceKind.CHANNEL, How.EXTEND, 0)
    draft = await policies.save_draft(guild_id, "9. No birds. [flag]\n", 0, place_id=channel.id)
    await policies.publish(guild_id, draft.digest, 0, place_id=channel.id)
    async with signed_in(scene, scene.owner) as owner, signed_in(scene, scene.moderator) as moderator:
        for reader, word, is_named in ((owner, "cats", True), (moderator, "dogs", False)):
            live = await policies.live(guild_id)
            assert live is not None
            source = f"{POLICY}7. No {word}. [flag]\n"
            shown = (await reader.post("policy/edit/publish", source=source, draft="", live=live.digest)).words
            assert "It counts in" in shown, shown
            assert ("#secret" in shown) is is_named


async def test_what_somebody_writes_in_the_markup_of_a_time_or_a_place_is_only_text(scene: Scene) -> None:
    channel = await secret_channel(scene)
    async with signed_in(scene, scene.moderator) as moderator:
        for written in (f"<#{channel.id}>", "<t:-99999999999>", "<t:99999999999:F>", f"<@{scene.owner.id}>"):
            for path in ("check", "keep"):
                shown = await moderator.post(f"policy/edit/{path}", source=f"1. No {written}. [{written}]\n")
                assert moderator.status == 200, (written, path, shown.words)
                assert "secret" not in shown
                assert scene.owner.name not in shown


NUMBER = "{number}"


async def hidden_places(scene: Scene) -> list[int]:
    """Numbers of cases of the scene's member: in a hidden channel with a policy, in a private thread, in sight."""
    places, guild = scene.server.places, scene.guild
    unseen = {"id": str(scene.moderator_role_id), "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}
    channel = places.create(guild, {"name": f"{SECRET}-room", "permission_overwrites": [unseen]})
    places.set_overwrite(scene.general, Overwrite(scene.moderator.id, 1, deny=MANAGE_THREADS))
    thread = places.open_thread(scene.general, scene.owner, {"name": f"{SECRET}-thread", "type": PRIVATE_THREAD})
    places.join_thread(thread, scene.member)
    await scene.store.guilds.watch(guild.id, channel.id)
    policies = scene.store.policies
    await policies.set_how(guild.id, channel.id, PlaceKind.CHANNEL, How.EXTEND, 0)
    draft = await policies.save_draft(guild.id, f"9. No {SECRET}. [flag]\n", 0, place_id=channel.id)
    await policies.publish(guild.id, draft.digest, 0, f"because of {SECRET}", channel.id)
    await policies.save_draft(guild.id, f"9. No {SECRET} at all. [flag]\n", 0, place_id=channel.id)
    known = scene.stage.trial.app.client.get_guild(guild.id)
    assert known is not None

    async def are_known() -> bool:
        return known.get_channel(channel.id) is not None and known.get_thread(thread.id) is not None

    await until(are_known)
    numbers = []
    for place in (channel, thread, scene.general):
        words = "words that all see" if place is scene.general else f"the {SECRET} meets in {place.name}"
        await scene.break_rule("1", ASK)
        case = await scene.case(scene.post(words, channel=place))
        numbers.append(case.number)
        if place is not scene.general:
            await scene.store.reviews.add_note(guild.id, case.number, scene.owner.id, f"note on {SECRET}")
            await scene.store.learned.from_message(
                guild.id, case.journal_id, Lesson("1", "No spam.", breaks=True), scene.owner.id
            )
    return numbers


async def test_no_page_shows_anything_of_where_the_visitor_cannot_look(scene: Scene) -> None:
    """Every page there is, about each case and version, as they are asked for and with all that may be asked for."""
    numbers = await hidden_places(scene)
    looks = [path for method, path in PAGES if method == LOOKS]
    paths = [path for path in looks if NUMBER not in path]
    paths += [path.replace(NUMBER, str(number)) for path in looks if NUMBER in path for number in (1, 2, *numbers)]
    places = [one.id for one in scene.guild.channels.values()]
    queries: dict[str, list[dict[str, str]]] = {
        "cases": [{"text": SECRET}, {"rule": "9"}, {"member": str(scene.member.id)}],
        "policy": [{"of": "draft"}, {"old": "2", "new": "1"}, {"old": "1", "new": "2"}],
        "review": [
            {"after": str(one), "done": done} for one in numbers for done in ("confirm", "skip", "note", "learn")
        ],
    }
    queries["cases"] += [{"channel": str(place)} for place in places]
    queries["policy"] += [{"place": str(place), "of": "draft", "channel": str(place)} for place in places]
    posted = [("policy/thresholds/preview", {}), ("policy/edit/check", {"source": "9. No cats. [flag]\n"})]
    posted += [("policy/try", {"text": "hello", "channel": str(place)}) for place in ("", *places)]
    posted += [("policy/edit/check", {"source": "9. No cats.\n", "place": str(place)}) for place in places]
    async with operator(scene) as everything, signed_in(scene, scene.moderator) as moderator:
        told = []
        for path in paths:
            for query in [{}, *queries.get(path.partition("/")[0], [])]:
                if SECRET in _without_own_words((await moderator.get(path, **query)).text, query):
                    told.append((path, query))
        for path, form in posted:
            if SECRET in await moderator.post(path, **form):
                told.append((path, form))
        assert told == []
        for path in ("cases", "policy", "policy/card/text", "audit", "policy/thresholds"):
            assert SECRET in await everything.get(path), path
        in_sight = f"cases/{numbers[2]}"
        for reader, is_named in ((everything, True), (moderator, False)):
            earlier = await reader.get(in_sight)
            assert [f"/cases/{number}" in earlier for number in numbers[:2]] == [is_named] * 2
        assert "3 cases wait" in (await everything.get("review")).words
        assert "1 case waits" in (await moderator.get("review")).words
        await moderator.post("review")
        holders = [await scene.store.cases.get(scene.guild.id, number) for number in numbers]
        assert [one is not None and one.claimed_by for one in holders] == [None, None, scene.moderator.id]


def _without_own_words(shown: str, query: dict[str, str]) -> str:
    """A page without what it repeats of what was asked for: it stands in the field that it was typed into."""
    return shown.replace(f'value="{SECRET}"', "").replace(f"text={SECRET}", "") if "text" in query else shown
