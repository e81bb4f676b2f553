"""*Policy* on the console: what is in force, the editor, publishing, versions and the card, on the running bot."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio

from bot.domain.access import AccessChange, Group
from bot.domain.audit import THE_SHELL
from bot.domain.lawbook import How, PlaceKind
from bot.domain.policy import MAX_POLICY_CHARACTERS
from bot.web.console.case_versions import versions_shown
from bot.web.console.operator import Operator
from tests.stage import POLICY, Scene
from tests.web.client import Pages, operator
from tests.web.graded import grading
from tests.web.hidden import secret_channel
from tests.web.signed import signed_in

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

CATS = POLICY.replace("2. No advertising. [flag]", "2. No cats. [flag]")
HOSTILE = '1. No <script>alert("1")</script> & <img src=x onerror=alert(2)>. [delete]\n'


@pytest_asyncio.fixture(loop_scope="session")
async def reader(scene: Scene) -> AsyncIterator[Pages]:
    async with operator(scene) as made:
        yield made


async def typed(reader: Pages, source: str, *, path: str = "keep", **more: str) -> str:
    """Keep or publish a text that was begun from what there is now."""
    page = await reader.get("policy/edit", **{key: value for key, value in more.items() if key == "place"})
    begun = {name: page.field(name) for name in ("draft", "live", "place")}
    return await reader.post(f"policy/edit/{path}", source=source, **{**begun, **more})


async def test_the_policy_in_force_is_shown_with_rules_actions_and_who_published_it(
    scene: Scene, reader: Pages
) -> None:
    shown = (await reader.get("policy")).words
    assert "The server's version 1 published by a-moderator" in shown
    assert "3 No threats. delete warn timeout 1h" in shown
    assert "None: the server's policy holds everywhere." in shown


async def test_a_server_without_a_policy_is_led_to_the_editor(reader: Pages, scene: Scene) -> None:
    empty = await scene.stage.scene(policy=None)
    async with operator(empty) as other:
        assert "Nothing is judged before a policy is published" in (await other.get("policy")).words
        assert "Nothing is written yet." in (await other.get("policy/edit")).words
        assert "No policy is in force here yet." in (await other.get("policy/card/text")).words
        assert "None is published yet." in (await other.get("policy/versions")).words
        assert "There is no policy yet" in (await other.post("policy/try", text="hello")).words


async def test_what_the_linter_finds_is_told_with_its_line_and_the_diff_marks_lines_by_signs(reader: Pages) -> None:
    shown = await reader.post("policy/edit/check", source=POLICY.replace("1. No spam. [delete]", "1. Be nice."))
    assert '<li class="warning" data-line="4">' in shown
    assert "warning line 4 Rule 1 is unclear at “Be nice”" in shown.words
    assert "note line 4 Rule 1 names no action" in shown.words
    assert "4 − removed 1. No spam. [delete] 4 + added 1. Be nice." in shown.words
    assert "6 of 20 rules" in shown.words


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("", "The policy is empty"),
        ("x" * (MAX_POLICY_CHARACTERS + 1), "The policy has 16,001 characters"),
        ("".join(f"{number}. No {number}s here.\n" for number in range(1, 22)), "The policy has 21 rules"),
        ("1. No a.\n1. No b.\n", "error line 2 Two rules are numbered 1"),
        ("1. No cats. [explode]\n", "error line 1"),
        ("1. No cats.\x00", "NUL character"),
        ("Be kind to cats, and to dogs as well.", "No line is read as a rule"),
        ("1. No cats at all. [delete]\n" + "y" * 15_000, "There is room for"),
    ],
)
async def test_what_makes_a_text_unusable_or_nearly_so_is_told_while_it_is_typed(
    reader: Pages, source: str, why: str
) -> None:
    assert why in (await reader.post("policy/edit/check", source=source)).words
    assert reader.status == 200


async def test_a_text_that_cannot_be_used_is_not_kept_and_its_author_keeps_it(scene: Scene, reader: Pages) -> None:
    shown = (await typed(reader, "1. No cats. [explode]\n")).words
    assert shown.endswith("What you typed is still here.")
    assert await scene.store.policies.draft(scene.guild.id) is None


async def test_a_draft_is_kept_and_changes_nothing_until_it_is_published(scene: Scene, reader: Pages) -> None:
    shown = (await typed(reader, CATS.replace("\n", "\r\n"))).words
    assert "The draft is kept; nothing changes for members until it is published." in shown
    draft = await scene.store.policies.draft(scene.guild.id)
    assert draft is not None
    assert (draft.source, draft.author_id) == (CATS, THE_SHELL)
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    assert live.number == 1


async def test_a_draft_that_another_changed_meanwhile_is_shown_and_not_overwritten(scene: Scene, reader: Pages) -> None:
    page = await reader.get("policy/edit")
    begun = {name: page.field(name) for name in ("draft", "live", "place")}
    theirs = POLICY.replace("No spam", "No dogs")
    await scene.store.policies.save_draft(scene.guild.id, theirs, scene.moderator.id)
    for path in ("keep", "publish"):
        shown = await reader.post(f"policy/edit/{path}", source=CATS, **begun)
        assert "a-moderator changed the draft meanwhile, and nothing was kept." in shown.words
        assert "1. No dogs. [delete]" in shown.words
        assert "+ added 2. No cats. [flag]" in shown.words
        draft = await scene.store.policies.draft(scene.guild.id)
        assert draft is not None
        assert draft.source == theirs
    # Whoever has seen theirs may go on.
    again = {name: shown.field(name) for name in ("draft", "live", "place")}
    assert "The draft is kept" in (await reader.post("policy/edit/keep", source=CATS, **again)).words


async def test_publishing_makes_the_next_message_be_judged_by_the_new_text(
    scene: Scene, reader: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = grading(scene, monkeypatch)
    shown = (await typed(reader, CATS, path="publish", reason="  Cats\nare out ")).words
    assert "Version 2 is live." in shown
    assert "It counts from the next message on." in shown
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    assert (live.source, live.author_id, live.reason) == (CATS, THE_SHELL, "Cats are out")
    assert live.digest in judge.prepared
    judgement = await scene.settled(scene.post("cats 0.9"))
    assert judgement.verdict is not None
    assert judgement.verdict.rule == "2"
    assert judgement.policy_number == 2


async def test_nobody_publishes_over_a_version_they_have_not_seen(
    scene: Scene, reader: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading(scene, monkeypatch)
    page = await reader.get("policy/edit")
    begun = {name: page.field(name) for name in ("draft", "live", "place")}
    await scene.publish(POLICY.replace("No spam", "No dogs"))
    shown = await reader.post("policy/edit/publish", source=CATS, **begun)
    assert "Meanwhile a-moderator published version 2" in shown.words
    assert "Your text is kept as the draft, and not published yet." in shown.words
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    assert live.number == 2
    again = {name: shown.field(name) for name in ("draft", "live", "place")}
    assert "Version 3 is live." in (await reader.post("policy/edit/publish", source=CATS, **again)).words


async def test_where_the_judge_cannot_compile_it_the_draft_is_kept_and_nothing_is_published(
    scene: Scene, reader: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading(scene, monkeypatch).away = "The judge is restarting."
    shown = (await typed(reader, CATS, path="publish")).words
    assert "Nothing was published and the draft is kept: The judge is restarting." in shown
    draft, live = await scene.store.policies.draft(scene.guild.id), await scene.store.policies.live(scene.guild.id)
    assert draft is not None
    assert live is not None
    assert (draft.source, live.number) == (CATS, 1)


async def test_any_two_versions_are_compared_and_one_is_made_the_law_again(
    scene: Scene, reader: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading(scene, monkeypatch)
    await scene.publish(CATS)
    await scene.publish(CATS.replace("No spam", "No dogs"))
    shown = (await reader.get("policy/versions")).words
    assert "From version 2 to version 3" in shown
    shown = (await reader.get("policy/versions/diff", old="1", new="3")).words
    assert "− removed 2. No advertising. [flag]" in shown
    assert "+ added 1. No dogs. [delete]" in shown
    assert "The two have the very same text." in (await reader.get("policy/versions/diff", old="2", new="2")).words
    assert "No advertising" in await reader.get("policy/versions/1")
    assert (
        "Version 4 is live and has the text of version 1."
        in (await reader.post("policy/versions/1/restore", reason="it was better")).words
    )
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    assert (live.source, live.reason) == (POLICY, "back to version 1: it was better")
    assert "nothing was changed" in (await reader.post("policy/versions/1/restore")).words


@pytest.mark.parametrize("number", ["9", "0", "x", "9" * 30, "draft", "-1"])
async def test_a_version_that_is_not_there_is_one_sentence(reader: Pages, number: str) -> None:
    assert "There is no such version of this policy" in (await reader.get(f"policy/versions/{number}")).words
    assert "There is no such version of this policy" in (await reader.post(f"policy/versions/{number}/restore")).words
    assert reader.status == 409


async def test_a_channel_has_its_own_policy_drafts_and_versions(
    scene: Scene, reader: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading(scene, monkeypatch)
    await scene.store.policies.set_how(scene.guild.id, scene.general.id, PlaceKind.CHANNEL, How.EXTEND, 0)
    place = str(scene.general.id)
    assert "Rules up to 6 are those around it." in (await reader.get("policy/edit", place=place)).words
    shown = (await reader.post("policy/edit/check", source="7. No birds at all. [flag]\n", place=place)).words
    assert "It adds rule 7 to what is in force around it." in shown
    shown = (await typed(reader, "7. No birds at all. [flag]\n", path="publish", place=place)).words
    assert "Version 2 is live in #general: it extends what is in force around it." in shown
    assert "#general extends what is in force around it version 2 none" in (await reader.get("policy")).words
    shown = (await reader.get("policy", place=place)).words
    assert "7 No birds at all. flag" in shown
    assert "1 No spam. delete" in shown
    assert "There is no such version" in (await reader.get("policy/versions/2")).words


async def test_a_channel_is_given_a_policy_of_its_own_and_it_is_made_something_else(
    scene: Scene, reader: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading(scene, monkeypatch)
    at = str(scene.general.id)
    shown = (await reader.post("policy/scope", at=at, how="replace")).words
    assert "#general has a policy of its own now, which replaces what is in force around it." in shown
    assert "#general replaces what is in force around it nothing none" in (await reader.get("policy")).words
    assert "Nothing was changed" in (await reader.post("policy/scope", at=at, how="replace")).words
    assert "extends what is in force around it, once" in (await reader.post("policy/scope", at=at, how="extend")).words
    (change, *_) = await scene.store.audit.settings(scene.guild.id, 1)
    assert (change.what, change.before, change.after) == (f"policy.{at}.how", "replace", "extend")
    for given in ({"at": "1", "how": "extend"}, {"at": at, "how": "x"}, {"at": at}, {}):
        await reader.post("policy/scope", **given)
        assert reader.status == 409


async def test_what_a_hidden_channel_has_is_neither_shown_nor_changed(scene: Scene) -> None:
    hidden = (await secret_channel(scene)).id
    await scene.store.policies.set_how(scene.guild.id, hidden, PlaceKind.CHANNEL, How.REPLACE, 0)
    await scene.store.policies.save_draft(scene.guild.id, "1. No birds.\n", 0, place_id=hidden)
    async with signed_in(scene, scene.moderator) as moderator:
        assert "secret" not in await moderator.get("policy")
        assert "secret" not in await moderator.get("policy/try")
        for path in ("policy", "policy/edit", "policy/versions", "policy/card/text", "policy/backtest"):
            assert "birds" not in await moderator.get(path, place=str(hidden))
            assert moderator.status == 409
        await moderator.post("policy/edit/publish", source="1. No cats.\n", place=str(hidden))
        assert moderator.status == 409
        assert (
            "There is no such channel or category"
            in (await moderator.post("policy/scope", at=str(hidden), how="none")).words
        )
        shown = (await moderator.post("policy/try", text="hello", channel=str(hidden))).words
        assert "There is no such channel" in shown


async def test_a_case_leads_to_the_version_that_it_was_judged_by(scene: Scene) -> None:
    await scene.break_rule("2")
    case = await scene.case(scene.post("of the server"))
    async with signed_in(scene, scene.moderator) as moderator:
        shown = await moderator.get(f"cases/{case.number}")
        link = re.search(r'Policy: <a href="[^"]*/(policy/versions/1)">version 1</a>', shown.text)
        assert link is not None, shown.words
        assert "No advertising." in await moderator.get(link[1])
    await scene.store.guilds.set_access(scene.guild.id, AccessChange(scene.moderator_role_id, Group.POLICY, False))
    async with signed_in(scene, scene.moderator) as moderator:
        shown = await moderator.get(f"cases/{case.number}")
        assert "Policy: version 1 ·" in shown.words
        assert "policy/versions" not in shown


async def test_a_case_leads_to_each_of_its_versions_as_far_as_their_places_are_seen(scene: Scene) -> None:
    place_id, policies = scene.general.id, scene.store.policies
    await policies.set_how(scene.guild.id, place_id, PlaceKind.CHANNEL, How.EXTEND, 0)
    draft = await policies.save_draft(scene.guild.id, "9. No <birds>. [flag]\n", 0, place_id=place_id)
    await policies.publish(scene.guild.id, draft.digest, 0, place_id=place_id)
    await scene.break_rule("9")
    case = await scene.case(scene.post("a bird"))
    assert (case.policy_number, case.extends) == (2, (1,))
    async with operator(scene) as reader:
        shown = await reader.get(f"cases/{case.number}")
        assert ">version 2</a>, which extends <a " in shown
        link = re.search(r'href="[^"]*/(policy/versions/2)\?place=(\d+)">version 2</a>', shown.text)
        assert link is not None
        assert "No &lt;birds&gt;" in await reader.get(link[1], place=link[2])
        assert '/policy/versions/1">version 1</a>' in shown
    entry = await Operator(scene.stage.trial.app.client, scene.store).enter(scene.guild.id)
    blind = replace(entry, sight=cast(Any, SimpleNamespace(hidden=frozenset({place_id}))))
    assert "versions/2" not in await versions_shown(scene.store, blind, case)
    assert "versions/1" in await versions_shown(scene.store, blind, case)


async def test_a_moderator_who_signed_in_is_who_changed_it(scene: Scene) -> None:
    async with signed_in(scene, scene.moderator) as moderator:
        assert "The draft is kept" in (await typed(moderator, CATS)).words
        assert "You go on from the draft that you kept at" in (await moderator.get("policy/edit")).words
    draft = await scene.store.policies.draft(scene.guild.id)
    assert draft is not None
    assert draft.author_id == scene.moderator.id
    async with signed_in(scene, scene.manager) as manager:
        assert "You go on from the draft that a-moderator kept at" in (await manager.get("policy/edit")).words


@pytest.mark.parametrize("place", ["x", "1", "9" * 40, "-1", "%00"])
async def test_a_place_without_a_policy_is_one_sentence(reader: Pages, place: str) -> None:
    assert "no policy of its own" in (await reader.get("policy/edit", place=place)).words
    assert reader.status == 409


async def test_the_card_says_what_the_judge_reads_with_its_topics_and_tokens(scene: Scene, reader: Pages) -> None:
    await scene.store.policies.save_draft(scene.guild.id, CATS, scene.moderator.id)
    shown = (await reader.get("policy/card/text")).words
    live = await scene.store.policies.live(scene.guild.id)
    assert live is not None
    assert f"Digest {live.digest}" in shown
    assert re.search(r"Rule 5 \d+ tokens No scams\. scams", shown)
    assert "No cats" not in shown
    assert "No cats" in (await reader.get("policy/card/text", of="draft")).words


async def test_what_people_wrote_is_shown_as_they_wrote_it_and_does_nothing(
    scene: Scene, reader: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading(scene, monkeypatch)
    await scene.publish(HOSTILE)
    await scene.store.policies.save_draft(scene.guild.id, HOSTILE + "2. No </textarea><script>.\n", 0)
    pages = [await reader.get(f"policy{path}") for path in ("", "/edit", "/versions", "/versions/2", "/card/text")]
    pages.append(await reader.post("policy/edit/check", source=HOSTILE))
    pages.append(await reader.post("policy/try", text="<script>alert(3)</script>"))
    for shown in pages:
        assert reader.status == 200
        assert (
            re.search(r"<script(?! src=)|<img(?! src=\"/console/static/)|<[^>]*\s(on[a-z]+|style)=", shown.text) is None
        )
    assert "&lt;script&gt;alert(" in pages[0]
