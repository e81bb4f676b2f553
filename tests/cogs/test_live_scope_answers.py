"""What moderators are told about policies of channels: before and after publishing, and where something cannot be."""

from __future__ import annotations

import discord
import pytest
import pytest_asyncio

from bot.sandbox.model import Channel
from bot.sandbox.permissions import VIEW_CHANNEL
from cogs.publishing import publish_view
from tests.cogs.live import Hand, file_in, hand, nothing_changes, opened_to_all
from tests.cogs.restarted import connected
from tests.cogs.scoped import SERVERS, add_place, own_policy
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene, until

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

MANY = "".join(f"{number}. No {number}.\n" for number in range(10, 29))


@pytest_asyncio.fixture(loop_scope="session")
async def cats(scene: Scene) -> Channel:
    await scene.publish(SERVERS)
    return await add_place(scene, "cats")


@pytest_asyncio.fixture(loop_scope="session")
async def moderator(scene: Scene, cats: Channel) -> Hand:
    return await hand(scene, scene.moderator)


async def test_a_channel_without_a_policy_of_its_own_is_pointed_to_scope(
    scene: Scene, moderator: Hand, cats: Channel
) -> None:
    for path, options in (
        ("policy edit", {}),
        ("policy show", {}),
        ("policy history", {}),
        ("policy publish", {}),
        ("policy rule add", {"words": "No birds."}),
        ("policy rollback", {"version": "1"}),
        ("policy template", {"name": "scams"}),
        ("policy backtest", {}),
    ):
        answer = await moderator.slash(path, where=cats.id, **options)
        assert answer.content == (
            f"<#{cats.id}> has no policy of its own and goes by the one around it: give it one with /policy scope."
        )
    assert not (await scene.store.policies.lawbook(scene.guild.id)).places


async def test_first_rules_are_numbered_on_from_those_around_it(moderator: Hand, cats: Channel, scene: Scene) -> None:
    begun = await moderator.slash("policy scope", where=cats.id, how="extend")
    assert "which extends what is in force around it. Nothing changes there before" in begun.content
    editor = await moderator.slash("policy edit", where=cats.id)
    assert editor.modal is not None
    assert "3. No scams" in str(editor.modal)
    answer = await moderator.slash("policy rule add", words="No cats.", where=cats.id)
    assert "It adds rule 3 to what is in force around it." in answer.content
    await moderator.press(await moderator.slash("policy template", name="scams", where=cats.id), "Merge into the draft")
    draft = await scene.store.policies.draft(scene.guild.id, cats.id)
    assert draft is not None
    assert draft.source.startswith("3. No cats.\n4. ")
    assert await scene.store.policies.draft(scene.guild.id) is None


async def test_a_rule_that_takes_the_place_of_another_is_told_before_it_is_published(
    moderator: Hand, cats: Channel
) -> None:
    await moderator.slash("policy scope", where=cats.id, how="extend")
    answer = await moderator.slash("policy import", file=("p.md", b"2. No dogs.\n9. No cats.\n"), where=cats.id)
    told = "It adds rule 9 to what is in force around it. Its rule 2 takes the place of the one around it."
    assert told in answer.content
    assert f"<#{cats.id}>: it extends what is in force around it" in answer.text
    assert answer.buttons == ["Publish"]
    assert (await moderator.press(answer)).content.startswith(f"Version 3 is live in <#{cats.id}>")


async def test_versions_of_a_channels_policy_are_shown_compared_exported_and_gone_back_to(
    scene: Scene, moderator: Hand, cats: Channel
) -> None:
    await own_policy(moderator, cats, "extend", "7. No cats.\n")
    await own_policy(moderator, cats, "extend", "7. No dogs.\n")
    shown = await moderator.slash("policy show", where=cats.id)
    assert "7. No dogs." in shown.text
    assert f"<#{cats.id}>: it extends" in shown.text
    assert "**4**" in (history := await moderator.slash("policy history", where=cats.id)).text
    assert "**2**" not in history.text
    assert "**4**" not in (await moderator.slash("policy history")).text
    compared = await moderator.slash("policy diff", where=cats.id)
    assert "From version 3 to version 4" in compared.text
    exported = await moderator.slash("policy export", version="3")
    assert exported.content == f"This is version 3 of the policy of <#{cats.id}>."
    assert file_in(scene, exported, "policy-3.md") == "7. No cats.\n"
    refused = await moderator.slash("policy rollback", version="3")
    assert refused.content.startswith(f"Version 3 is of the policy of <#{cats.id}>: name that as where")
    back = await moderator.slash("policy rollback", version="3", where=cats.id)
    assert back.content == "Version 5 is live and has the text of version 3."
    other = await moderator.slash("policy show", version="2", where=cats.id)
    assert other.content == f"Version 2 is not of the policy of <#{cats.id}>: see /policy history."


async def test_versions_are_offered_of_the_policy_that_is_named(scene: Scene, moderator: Hand, cats: Channel) -> None:
    await own_policy(moderator, cats, "extend", "7. No cats.\n")
    at = scene.guild.id, scene.general.id
    offered = await moderator.client.autocomplete(*at, "policy show", "version", where=cats.id)
    assert [one["value"] for one in offered] == ["live", "3"]
    rules = await moderator.client.autocomplete(*at, "policy rule edit", "rule", where=cats.id)
    assert [one["value"] for one in rules] == ["7"]


async def test_a_policy_of_the_servers_that_another_would_no_longer_fit_to_is_told_and_not_published(
    scene: Scene, moderator: Hand, cats: Channel
) -> None:
    await own_policy(moderator, cats, "extend", "7. No cats.\n8. No dogs.\n")
    drafted = await moderator.send(MANY)
    told = (
        f"The policy of <#{cats.id}> extends another, and would not fit. Together with what it extends it would have "
        "21 rules, and 20 is the most: take some out of either."
    )
    assert f"It cannot be published like this. {told}" in drafted.content
    answer = await moderator.press(drafted)
    assert answer.content == f"Nothing was published and the draft is kept: {told}"
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    assert live.number == 2
    await moderator.slash("policy scope", where=cats.id, how="replace")
    assert (await moderator.press(drafted)).content.startswith("Version 4 is live.")
    answer = await moderator.slash("policy scope", where=cats.id, how="extend")
    assert answer.content == f"Nothing was changed. {told}"


async def test_a_deleted_channels_policy_stays_on_record_and_is_said_to_be_a_deleted_channels(
    scene: Scene, moderator: Hand, cats: Channel
) -> None:
    await own_policy(moderator, cats, "replace", "7. No cats.\n")
    scene.server.places.remove(cats)

    async def gone() -> bool:
        return scene.stage.trial.app.client.get_channel(cats.id) is None

    await until(gone)
    assert f"a deleted channel ({cats.id}): it replaces" in (await moderator.slash("policy scope")).text
    shown = await moderator.slash("policy show", version="3")
    assert "7. No cats." in shown.text
    assert f"a deleted channel ({cats.id})" in shown.text


async def test_who_begins_and_changes_a_channels_policy_is_in_the_audit_table(
    scene: Scene, moderator: Hand, cats: Channel
) -> None:
    await moderator.slash("policy scope", where=cats.id, how="extend")
    await moderator.slash("policy scope", where=cats.id, how="none")
    last, first = (await scene.store.audit.settings(scene.guild.id))[:2]
    assert (first.author_id, first.what, first.before, first.after) == (
        scene.moderator.id,
        f"policy.{cats.id}.how",
        None,
        "extend",
    )
    assert (last.before, last.after) == ("extend", "none")


async def test_only_moderators_may_and_a_channel_that_one_cannot_see_is_not_named_to_them(
    scene: Scene, moderator: Hand, cats: Channel
) -> None:
    await own_policy(moderator, cats, "extend", "7. No cats.\n")
    with opened_to_all(scene):
        member = await hand(scene, scene.member)
        async with nothing_changes(scene):
            answer = await member.slash("policy scope", where=cats.id, how="replace")
        assert answer.content.startswith("Only moderators may do this")
    how = (await scene.store.policies.lawbook(scene.guild.id)).places[cats.id].how
    assert how.value == "extend"
    hide = {"id": str(scene.moderator_role_id), "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}
    everyone = {**hide, "id": str(scene.guild.id)}
    scene.server.places.change(cats, {"permission_overwrites": [hide, everyone]})

    async def hidden() -> bool:
        channel = scene.stage.trial.app.client.get_channel(cats.id)
        return isinstance(channel, discord.TextChannel) and len(channel.overwrites) == 2

    await until(hidden)
    assert (await moderator.slash("policy show", version="3")).content.startswith("That is about a channel you cannot")
    assert str(cats.id) not in (await moderator.slash("policy scope")).text


async def test_the_publish_button_of_a_channels_draft_outlives_a_restart(
    scene: Scene, moderator: Hand, cats: Channel
) -> None:
    await moderator.slash("policy scope", where=cats.id, how="replace")
    draft = await scene.store.policies.save_draft(scene.guild.id, "7. No cats.\n", 1, place_id=cats.id)
    application = scene.server.world.add_application("Restarted")
    scene.server.invite(scene.guild, application)
    async with connected(scene.stage, application, scene.guild.id) as client:
        channel = client.get_channel(scene.log.id)
        await channel.send(view=publish_view(draft.digest, cats.id))  # type: ignore[union-attr]
    (post,) = await moderator.client.messages(scene.log.id)
    async with connected(scene.stage, application, scene.guild.id):
        answer = await moderator.client.press(post, "Publish")
    scene.server.commands.replace((application.id, None), [])
    assert answer.content.startswith(f"Version 3 is live in <#{cats.id}>")
