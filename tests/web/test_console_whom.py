"""*Cases* by people: names take the place of ids, nobody is shown wrongly, and no server tells of another's members.

The judge has no model: whom a case is about does not depend on how its verdict came about.
"""

from __future__ import annotations

import asyncio
import html
import re
from typing import Any

import pytest

from bot.discord_io.refusal import RefusedError
from bot.domain.audit import THE_SHELL
from bot.domain.records import ReviewKind
from bot.sandbox.model import User
from bot.web.console import whom
from bot.web.console.case_query import CaseQuery
from bot.web.console.operator import Operator
from tests.cogs.cases.desk import opened
from tests.cogs.scripted_stage import running_stage
from tests.stage import SECONDS, Scene
from tests.web.client import Answer, Pages
from tests.web.hidden import hide
from tests.web.signed import signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")
__all__ = ["running_stage"]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord is waited for as long as a busy machine takes."""
    monkeypatch.setattr(whom, "PATIENCE_SECONDS", SECONDS)


def joined(scene: Scene, name: str, nick: str | None = None) -> User:
    """A member who is shown by a nickname, where one is given."""
    user = scene.server.world.add_user(name)
    scene.server.world.join(scene.guild, user).nick = nick
    return user


def suggested(page: Answer) -> list[str]:
    """What a field's list of suggestions holds."""
    return [html.unescape(one) for one in re.findall(r'<option value="([^"]*)"', page.text)]


def field(page: Answer, name: str) -> str:
    """What a field holds."""
    found = re.search(rf'<input id="{name}"[^>]* value="([^"]*)"', page.text)
    assert found is not None, name
    return html.unescape(found[1])


@pytest.mark.parametrize(
    "given",
    ["Bo Smith", "bo smith", "@Bo Smith", "bo.smith-7", "@bo.smith-7", "@BO.SMITH-7", "  Ｂｏ   Smith ", "{id}"],
)
async def test_a_member_is_found_by_each_of_their_names(scene: Scene, pages: Pages, given: str) -> None:
    bo = joined(scene, "bo.smith-7", "Bo Smith")
    await opened(scene, text="by somebody else")
    await scene.break_rule("2")
    case = await scene.case(scene.post("by bo", bo))
    page = await pages.get(f"cases?member={given.format(id=bo.id).replace(' ', '+')}")
    assert page.cell("number") == [str(case.number)]
    assert f"Member: Bo Smith ({bo.id})" in page.words
    assert field(page, "member") == f"Bo Smith ({bo.id})"
    again = await pages.get(f"cases?member={field(page, 'member')}")
    assert again.cell("number") == [str(case.number)]


async def test_the_address_of_a_list_has_the_id_for_the_name(scene: Scene, pages: Pages) -> None:
    await opened(scene)
    page = await pages.get("cases?member=A-Member&rule=2", {"HX-Request": "true"})
    assert page.cell("number")
    assert page.headers["HX-Push-Url"].endswith(f"/cases?rule=2&member={scene.member.id}")


async def test_a_moderator_is_found_by_name_and_so_is_who_sits_at_the_machine(scene: Scene, pages: Pages) -> None:
    one, other = await opened(scene), await opened(scene, "3")
    await scene.store.reviews.answer(scene.guild.id, one.number, ReviewKind.CONFIRM, scene.moderator.id)
    await scene.store.reviews.answer(scene.guild.id, other.number, ReviewKind.CONFIRM, THE_SHELL)
    assert (await pages.get("cases?moderator=@a-moderator")).cell("number") == [str(one.number)]
    page = await pages.get("cases?moderator=0")
    assert page.cell("number") == [str(other.number)]
    assert field(page, "moderator") == "the operator of the bot's machine"
    assert (await pages.get(f"cases?moderator={field(page, 'moderator')}")).cell("number") == [str(other.number)]


async def test_a_name_that_several_have_shows_none_and_says_what_to_write(scene: Scene, pages: Pages) -> None:
    first, second = joined(scene, "bo-1", "Bo"), joined(scene, "bo-2", "Bo")
    await scene.break_rule("2")
    await scene.case(scene.post("by the first", first))
    case = await scene.case(scene.post("by the second", second))
    page = await pages.get("cases?member=bo")
    assert page.cell("number") == []
    assert (
        f"“bo” fits several people: Bo (@bo-1, {first.id}), Bo (@bo-2, {second.id}); "
        "write the @name or the id of the one you mean." in page.words
    )
    assert (await pages.get("cases?member=@bo-2")).cell("number") == [str(case.number)]


async def test_who_takes_the_name_of_anothers_account_is_not_taken_for_them(scene: Scene, pages: Pages) -> None:
    bo, false_bo = joined(scene, "real-bo"), joined(scene, "not-bo", "real-bo")
    await scene.break_rule("2")
    case = await scene.case(scene.post("by bo", bo))
    other = await scene.case(scene.post("by the other", false_bo))
    assert (await pages.get("cases?member=@real-bo")).cell("number") == [str(case.number)]
    assert "fits several people" in (await pages.get("cases?member=real-bo")).words
    assert (await pages.get("cases?member=@not-bo")).cell("number") == [str(other.number)]


async def test_a_name_that_only_begins_so_is_offered_and_not_taken(scene: Scene, pages: Pages) -> None:
    await opened(scene)
    page = await pages.get("cases?member=a-mem")
    assert page.cell("number") == []
    assert f"Nobody here is called “a-mem”: do you mean a-member (@a-member, {scene.member.id})?" in page.words
    assert field(page, "member") == "a-mem"
    assert (
        "Nobody here is called “nobody at all”: write a name" in (await pages.get("cases?member=nobody at all")).words
    )
    for query in ("member=@", "member=%00%e2%80%8b", "moderator=<@>"):
        assert (await pages.get(f"cases?{query}")).status == 200


async def test_who_left_is_found_by_id_and_by_the_name_in_the_list(scene: Scene, pages: Pages) -> None:
    gone = joined(scene, "gone-away", "Goner")
    await scene.break_rule("2")
    case = await scene.case(scene.post("farewell", gone))
    scene.server.moderation.kick(scene.guild, scene.owner, scene.guild.members[gone.id], None)
    page = await pages.get(f"cases?member={gone.id}")
    assert page.cell("number") == [str(case.number)]
    assert field(page, "member") == f"Goner ({gone.id})"
    assert (await pages.get("cases?member=goner")).cell("number") == [str(case.number)]
    assert suggested(await pages.get("cases/members?member=gon")) == [f"Goner ({gone.id})"]


async def test_who_was_erased_is_found_by_no_name_and_no_id(scene: Scene, pages: Pages) -> None:
    gone = joined(scene, "erased-one")
    await scene.break_rule("2")
    case = await scene.case(scene.post("erase me", gone))
    scene.server.moderation.kick(scene.guild, scene.owner, scene.guild.members[gone.id], None)
    await scene.store.erasure.erase(scene.guild.id, gone.id, ["erased-one"])
    await scene.store.erasure.unname(scene.guild.id, gone.id, case.journal_id)
    for query in ("member=erased-one", f"member={gone.id}"):
        page = await pages.get(f"cases?{query}")
        assert page.cell("number") == [], query
    assert "Nobody here is called" in (await pages.get("cases?member=erased-one")).words
    assert suggested(await pages.get("cases/members?member=eras")) == []
    assert "erased-one" not in (await pages.get("cases")).text


async def test_names_are_suggested_as_one_types(scene: Scene, pages: Pages) -> None:
    bo = joined(scene, "suggest-me", "Bo <b>")
    written = f"Bo <b> ({bo.id})"
    assert suggested(await pages.get("cases/members?member=Bo")) == [written]
    assert suggested(await pages.get("cases/members?member=@sugg")) == [written]
    assert suggested(await pages.get("cases/moderators?moderator=sugg&member=a-m")) == [written]
    assert suggested(await pages.get("cases/moderators?moderator=operator")) == ["the operator of the bot's machine"]
    for begun in ("", "B", "@", str(bo.id), written, "zz"):
        assert suggested(await pages.get(f"cases/members?member={begun}")) == [], begun
    assert "<b>" not in (await pages.get("cases/members?member=Bo")).text
    assert suggested(await pages.get("cases/members?member=Bo&since=yesterday")) == [written]


async def test_no_server_tells_of_anothers_members_or_of_channels_that_are_not_seen(scene: Scene) -> None:
    other = await scene.stage.scene()
    stranger = other.server.world.add_user("a-stranger")
    other.server.world.join(other.guild, stranger)
    secret = scene.server.places.create(scene.guild, {"name": "secret"})
    await scene.store.guilds.watch(scene.guild.id, secret.id)
    gone = joined(scene, "gone-in-secret")
    await scene.break_rule("2")
    hidden = await scene.case(scene.post("only for a few", gone, channel=secret))
    scene.server.moderation.kick(scene.guild, scene.owner, scene.guild.members[gone.id], None)
    await hide(scene, secret)
    async with signed_in(scene, scene.moderator) as moderator:
        for name in ("a-stranger", "gone-in-secret"):
            assert suggested(await moderator.get(f"cases/members?member={name}")) == []
            assert suggested(await moderator.get(f"cases/moderators?moderator={name}")) == []
            assert f"Nobody here is called “{name}”" in (await moderator.get(f"cases?member={name}")).words
        page = await moderator.get(f"cases?member={stranger.id}")
        assert f"Member: member {stranger.id}" in page.words
        assert "a-stranger" not in page.text
        page = await moderator.get(f"cases?member={gone.id}")
        assert page.cell("number") == [], hidden.number


async def test_only_who_may_see_cases_is_suggested_anybody(scene: Scene) -> None:
    async with signed_in(scene, scene.member) as member:
        for path in ("cases/members?member=a-m", "cases/moderators?moderator=a-m"):
            page = await member.get(path)
            assert (page.status, suggested(page)) == (404, [])


async def test_while_discord_does_not_answer_nobody_is_said_to_be_nobody(
    scene: Scene, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await opened(scene)

    async def never(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    guild = scene.stage.trial.app.client.get_guild(scene.guild.id)
    assert guild is not None
    monkeypatch.setattr(type(guild), "query_members", never)
    monkeypatch.setattr(whom, "PATIENCE_SECONDS", 0.0)
    page = await pages.get("cases?member=a-member")
    assert "Discord does not say at the moment who is called so" in page.words
    assert (await pages.get(f"cases?member={scene.member.id}")).cell("number") == [str(case.number)]
    assert suggested(await pages.get("cases/members?member=a-mem")) == [f"a-member ({scene.member.id})"]


async def test_where_too_many_begin_so_only_an_account_is_enough(
    scene: Scene, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = joined(scene, "crowd-1", "Crowd")
    joined(scene, "crowd-2", "Crowded")
    monkeypatch.setattr(whom, "MOST_CALLED", 2)
    assert "Too many names here begin with “Crowd”" in (await pages.get("cases?member=Crowd")).words
    monkeypatch.setattr(whom, "MOST_CALLED", 1)
    assert f"Member: Crowd ({first.id})" in (await pages.get("cases?member=@crowd-1")).words


async def test_discord_is_asked_no_more_often_than_it_takes(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened(scene)
    app = scene.stage.trial.app
    entry = await Operator(app.client, app.store).enter(scene.guild.id)
    asked = 0

    async def query(*_: Any, **__: Any) -> list[Any]:
        nonlocal asked
        asked += 1
        return []

    monkeypatch.setattr(type(entry.guild), "query_members", query)
    still = whom.Whom(scene.store, lambda: 0.0)
    for _ in range(whom.ASKING.burst + 3):
        people = await still.members(entry, CaseQuery(member="a-mem"))
    assert asked == whom.ASKING.burst
    assert [one.id for one in people] == [scene.member.id], "who wrote what is listed is known without"
    with pytest.raises(RefusedError, match="That is too often"):
        await still.found(entry, CaseQuery(member="a-member"))
