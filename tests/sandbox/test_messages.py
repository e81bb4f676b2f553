"""Messages of the sandbox as the real discord.py client and a member see them."""

from __future__ import annotations

import discord
import pytest

from bot.sandbox.posting import Upload
from tests.sandbox.conftest import Client, Place


async def test_a_members_message_reaches_the_client_with_its_content(place: Place, client: Client) -> None:
    member = await place.server.member_client(place.member)
    await member.send(place.general.id, "hello there")
    message = await client.told("message")
    assert isinstance(message, discord.Message)
    assert (message.content, message.author.id) == ("hello there", place.member.id)


async def test_the_client_posts_embeds_buttons_and_files_and_reads_them_back(place: Place, client: Client) -> None:
    channel = client.get_channel(place.general.id)
    assert isinstance(channel, discord.TextChannel)
    embed = discord.Embed(title="Case 1", description="Why", colour=0x123456).add_field(name="a", value="b")
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Go", custom_id="go"))
    sent = await channel.send("text", embed=embed, view=view, file=discord.File(__file__, "x.txt"))
    read = await channel.fetch_message(sent.id)
    assert read.embeds[0].title == "Case 1"
    assert read.components[0].children[0].custom_id == "go"  # type: ignore[union-attr]
    assert (await read.attachments[0].read()).startswith(b'"""Messages')


async def test_a_message_sent_again_with_its_nonce_is_created_once(place: Place, client: Client) -> None:
    channel = client.get_channel(place.general.id)
    assert isinstance(channel, discord.TextChannel)
    first, second = await channel.send("once", nonce="n-1"), await channel.send("once", nonce="n-1")
    assert first.id == second.id
    assert len(place.general.messages) == 1


async def test_an_edit_of_a_message_that_is_not_cached_is_told_raw(place: Place, client: Client) -> None:
    message = place.server.post(place.member, place.general, "before")
    member = await place.server.member_client(place.member)
    await member.edit(place.general.id, message.id, "after")
    payload = await client.told("raw_message_edit")
    assert isinstance(payload, discord.RawMessageUpdateEvent)
    assert payload.message.content == "after"


async def test_deleting_anothers_message_stands_in_the_audit_log_with_its_reason(place: Place, client: Client) -> None:
    message = place.server.post(place.member, place.general, "bad")
    await client.http.delete_message(place.general.id, message.id, reason="case 1 – ünicode")
    guild = client.get_guild(place.guild.id)
    assert guild is not None
    entries = [entry async for entry in guild.audit_logs(limit=5)]
    assert [(one.action, one.reason) for one in entries] == [
        (discord.AuditLogAction.message_delete, "case 1 – ünicode")
    ]
    with pytest.raises(discord.NotFound) as refused:
        await client.http.get_message(place.general.id, message.id)
    assert refused.value.code == 10008


async def test_bulk_delete_takes_many_and_refuses_old_ones(place: Place, client: Client) -> None:
    channel = client.get_channel(place.general.id)
    assert isinstance(channel, discord.TextChannel)
    messages = [place.server.post(place.member, place.general, f"m{n}") for n in range(3)]
    await channel.delete_messages([discord.Object(one.id) for one in messages])
    assert len(place.general.messages) == 0
    with pytest.raises(discord.HTTPException) as refused:
        await client.http.delete_messages(channel.id, [1 << 22, 2 << 22])
    assert refused.value.code == 50034


async def test_without_the_message_content_intent_messages_come_empty(place: Place) -> None:
    session = place.server.hub.open(place.application.bot, 1 << 9)
    place.server.post(place.member, place.general, "secret", embeds=[{"title": "x"}])
    assert [frame["d"]["content"] for frame in session.sent] == [""]
    assert session.sent[0]["d"]["embeds"] == []


async def test_replies_forwards_polls_and_attachments_arrive_whole(place: Place, client: Client) -> None:
    member = await place.server.member_client(place.member)
    first = await member.send(place.general.id, "the first", files=[("notes.txt", b"some text")])
    message = await client.told("message")
    assert isinstance(message, discord.Message)
    assert await message.attachments[0].read() == b"some text"
    await member.send(place.general.id, "an answer", reply_to=first["id"])
    message = await client.told("message")
    assert isinstance(message, discord.Message)
    assert message.reference is not None
    assert message.reference.message_id == int(first["id"])
    forward = {"type": 1, "channel_id": str(place.general.id), "message_id": first["id"]}
    place.server.post(place.member, place.log, message_reference=forward)
    message = await client.told("message")
    assert isinstance(message, discord.Message)
    assert message.message_snapshots[0].content == "the first"
    answers = [{"poll_media": {"text": text}} for text in ("yes", "no")]
    await member.send(place.general.id, poll={"question": {"text": "Well?"}, "answers": answers, "duration": 1})
    message = await client.told("message")
    assert isinstance(message, discord.Message)
    assert message.poll is not None
    assert [one.text for one in message.poll.answers] == ["yes", "no"]


async def test_whoever_may_not_send_is_refused_with_discords_code(place: Place, client: Client) -> None:
    member = await place.server.member_client(place.member)
    with pytest.raises(Exception, match="code 50006"):
        await member.send(place.general.id, "   ")
    with pytest.raises(Exception, match="code 50035"):
        await member.send(place.general.id, "x" * 2_001)
    place.guild.everyone.permissions &= ~(1 << 11)
    with pytest.raises(Exception, match="code 50013"):
        await member.send(place.general.id, "hi")
    place.guild.everyone.permissions &= ~(1 << 10)
    with pytest.raises(Exception, match="code 50001"):
        await member.send(place.general.id, "hi")


async def test_closed_direct_messages_are_refused(place: Place, client: Client) -> None:
    user = await client.fetch_user(place.member.id)
    await user.send("hello")
    place.member.dms_closed = True
    with pytest.raises(discord.Forbidden) as refused:
        await user.send("hello")
    assert refused.value.code == 50007


def test_uploads_keep_their_name_and_description(place: Place) -> None:
    upload = Upload("a b.txt", b"x")
    described = [{"id": 0, "filename": "a b.txt", "description": "what it is"}]
    message = place.server.post(place.member, place.general, files=[upload], attachments=described)
    assert (message.attachments[0].filename, message.attachments[0].description) == ("a_b.txt", "what it is")
