"""Intake: what is judged of a message, and whose messages are judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.decision import Mode
from bot.sandbox.answer import MemberError
from bot.sandbox.posting import Upload
from tests.stage import Scene, away_at_first

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


async def test_a_new_message_in_a_watched_channel_is_judged(scene: Scene) -> None:
    judgement = await scene.settled(scene.post("hello there"))
    assert judgement.submission.text == "hello there"
    assert judgement.submission.author_name == "a-member"
    assert judgement.verdict is not None


async def test_an_edit_of_a_message_that_is_in_no_cache_is_a_new_revision(scene: Scene) -> None:
    message = scene.post("first words")
    first = await scene.settled(message)
    scene.server.posting.edit(message, {"content": "other words"})
    second = await scene.settled(message, edited=True)
    assert (first.submission.revision, second.submission.text) == (0, "other words")
    assert second.submission.revision > 0


async def test_a_link_preview_that_appears_is_no_edit(scene: Scene) -> None:
    message = scene.post("look at https://site.example")
    await scene.settled(message)
    scene.server.posting.edit(message, {"embeds": [{"title": "a preview"}]}, silently=True)
    await scene.settled(scene.post("a later one"))
    assert len(scene.stage.of(message)) == 1


async def test_a_pin_of_a_message_that_was_edited_long_ago_is_no_edit(scene: Scene) -> None:
    message = scene.post("words from before the channel was watched")
    await scene.settled(message)
    message.edited_at = datetime.now(UTC) - timedelta(hours=2)
    scene.server.posting.edit(message, {"embeds": []}, silently=True)
    await scene.settled(scene.post("a later one"))
    assert len(scene.stage.of(message)) == 1


async def test_settings_that_cannot_be_read_for_a_moment_lose_no_message(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.store.stamps, "of", away_at_first(scene.store.stamps.of))
    judgement = await scene.settled(scene.post("hello there"))
    assert judgement.verdict is not None


async def test_a_thread_is_watched_with_its_channel(scene: Scene) -> None:
    start = scene.post("let us talk")
    thread = scene.server.places.open_thread(scene.general, scene.member, {"name": "talk"}, start)
    judgement = await scene.settled(scene.post("in the thread", channel=thread))
    assert judgement.submission.text == "in the thread"


async def test_a_forward_is_judged_by_what_it_forwards(scene: Scene) -> None:
    elsewhere = scene.server.world.add_channel(scene.guild, "elsewhere")
    original = scene.post("the forwarded words", channel=elsewhere)
    reference = {"type": 1, "channel_id": str(elsewhere.id), "message_id": str(original.id)}
    judgement = await scene.settled(scene.post(message_reference=reference))
    assert "the forwarded words" in judgement.submission.text


async def test_embeds_polls_and_attachments_are_part_of_the_text(scene: Scene) -> None:
    embed = {
        "title": "a title",
        "description": "a description",
        "fields": [{"name": "a name", "value": "a value"}],
        "footer": {"text": "a footer"},
    }
    poll = {"question": {"text": "a question"}, "answers": [{"poll_media": {"text": "an answer"}}]}
    files = [Upload("picture.png", b"\x89PNG"), Upload("notes.txt", b"words in a file", "text/plain")]
    attachments = [{"id": 0, "description": "what the picture shows"}, {"id": 1}]
    message = scene.post("some words", embeds=[embed], poll=poll, files=files, attachments=attachments)
    text = (await scene.settled(message)).submission.text
    wanted = ["some words", *embed.values(), "a name", "a value", "a footer", "a question", "an answer"]
    wanted += ["picture.png", "what the picture shows", "notes.txt", "words in a file"]
    assert [one for one in wanted if isinstance(one, str) and one not in text] == []


async def test_a_text_file_over_32_kib_is_not_read(scene: Scene) -> None:
    big = Upload("big.txt", b"secret words " * 3_000, "text/plain")
    text = (await scene.settled(scene.post("see the file", files=[big]))).submission.text
    assert text == "see the file\nbig.txt"


async def test_evasions_are_undone_beside_the_original(scene: Scene) -> None:
    submission = (await scene.settled(scene.post("fr\u200bee n\u0456tro"))).submission
    assert submission.text == "fr\u200bee n\u0456tro"
    assert submission.normalised == "free nitro"


async def test_the_messages_before_it_and_the_one_it_answers_are_its_context(scene: Scene) -> None:
    asked = scene.post("who wants the key?")
    for number in range(5):
        scene.post(f"chatter {number}")
    answer = scene.post("me", message_reference={"message_id": str(asked.id), "channel_id": str(scene.general.id)})
    context = (await scene.settled(answer)).submission.context
    assert [entry.text for entry in context] == ["who wants the key?", *(f"chatter {n}" for n in range(1, 5))]


async def test_a_channel_that_is_not_watched_is_left_alone(scene: Scene) -> None:
    elsewhere = scene.server.world.add_channel(scene.guild, "elsewhere")
    assert await scene.ignored(scene.post("words", channel=elsewhere))


async def test_moderators_bots_and_webhooks_are_exempt_unless_the_server_says_otherwise(scene: Scene) -> None:
    robot = scene.server.world.add_user("robot", bot=True)
    scene.server.world.join(scene.guild, robot)
    exempt = [scene.post("a", scene.moderator), scene.post("b", robot)]
    for message in exempt:
        assert await scene.ignored(message)
    await scene.store.guilds.update(scene.guild.id, judge_moderators=True, judge_bots=True)
    for author in (scene.moderator, robot):
        assert (await scene.settled(scene.post("c", author))).verdict is not None


async def test_exempt_roles_and_users_are_not_judged(scene: Scene) -> None:
    role = scene.server.moderation.create_role(scene.guild, "trusted")
    trusted, known = (scene.server.world.add_user(name) for name in ("trusted", "known"))
    scene.server.world.join(scene.guild, trusted, [role])
    scene.server.world.join(scene.guild, known)
    await scene.store.guilds.exempt(scene.guild.id, "role", role.id)
    await scene.store.guilds.exempt(scene.guild.id, "user", known.id)
    assert await scene.ignored(scene.post("a", trusted))
    assert await scene.ignored(scene.post("b", known))


async def test_a_channel_whose_mode_is_off_is_not_judged(scene: Scene) -> None:
    quiet = scene.server.world.add_channel(scene.guild, "quiet")
    await scene.store.guilds.watch(scene.guild.id, quiet.id, Mode.OFF)
    assert await scene.ignored(scene.post("words", channel=quiet))


async def test_the_bots_own_posts_are_never_judged(scene: Scene) -> None:
    await scene.store.guilds.update(scene.guild.id, judge_bots=True, judge_moderators=True)
    await scene.store.guilds.watch(scene.guild.id, scene.log.id)
    await scene.break_rule("2")
    await scene.settled(scene.post("words"))
    own = next(iter(scene.log.messages))
    await scene.break_none()
    assert own.author is scene.bot
    assert await scene.ignored(own)


async def test_members_cannot_post_where_discord_refuses_it_so_nothing_is_judged(scene: Scene) -> None:
    client = await scene.client(scene.member)
    with pytest.raises(MemberError, match="50006"):
        await client.send(scene.general.id, " ")
