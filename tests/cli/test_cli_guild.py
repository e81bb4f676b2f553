"""`lawspeaker guild`: the same records that the slash commands write, from the shell."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.domain.calibration import RuleShift
from bot.domain.decision import Mode
from bot.domain.lawbook import How, PlaceKind
from bot.store import Store, schema

GUILD = 81384788765712384
T = TypeVar("T")


@pytest.fixture
def url(data_dir: Path) -> str:
    return f"sqlite+aiosqlite:///{data_dir / 'lawspeaker.sqlite3'}"


def in_store(url: str, work: Callable[[Store], Awaitable[T]]) -> T:
    """What the running bot or a slash command does with the same database."""

    async def open_and_work() -> T:
        await schema.upgrade(url)
        store = Store(url)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(open_and_work())


def test_set_on_a_fresh_machine_makes_the_database_and_writes_what_the_bot_reads(
    run: Any, url: str, policy_file: Path
) -> None:
    given = ("--policy", policy_file, "--watch", "10", "--exempt-role", "7", "--log", "99", "--mode", "enforce")
    ran = run("guild", "set", GUILD, *given)
    assert ran.status == 0
    settings = in_store(url, lambda store: store.guilds.get(GUILD))
    assert (settings.mode, dict(settings.watched), settings.log_channel_id) == (Mode.ENFORCE, {10: None}, 99)
    assert settings.exempt_role_ids == {7}
    live = in_store(url, lambda store: store.policies.live(GUILD))
    assert live is not None
    assert (live.number, live.source, live.author_id) == (1, policy_file.read_text(), 0)


def test_what_is_not_named_stays(run: Any, policy_file: Path) -> None:
    run("guild", "set", GUILD, "--policy", policy_file, "--watch", "10", "--mode", "enforce")
    run("guild", "set", GUILD, "--watch", "11")
    shown = json.loads(run("guild", "show", GUILD, "--json").out)
    assert shown["mode"] == "enforce"
    assert [one["channel_id"] for one in shown["watched"]] == ["10", "11"]
    assert shown["policy"]["version"] == 1


def test_policies_of_channels_are_shown_and_the_servers_is_refused_where_one_would_no_longer_fit(
    run: Any, url: str, policy_file: Path, tmp_path: Path
) -> None:
    run("guild", "set", GUILD, "--policy", policy_file)

    async def give_one(store: Store) -> None:
        await store.policies.set_how(GUILD, 10, PlaceKind.CHANNEL, How.EXTEND, 9)
        draft = await store.policies.save_draft(GUILD, "7. No cats.", 9, place_id=10)
        await store.policies.publish(GUILD, draft.digest, 9, place_id=10)

    in_store(url, give_one)
    (shown,) = json.loads(run("guild", "show", GUILD, "--json").out)["place_policies"]
    assert (shown["place_id"], shown["kind"], shown["how"], shown["policy"]["version"]) == (
        "10",
        "channel",
        "extend",
        2,
    )
    assert "channel 10 (extend, version 2)" in run("guild", "show", GUILD).out
    many = tmp_path / "many.md"
    many.write_text("".join(f"{number}. No {number}.\n" for number in range(10, 30)))
    refused = run("guild", "set", GUILD, "--policy", many, "--log", "99")
    assert refused.status == 2
    assert "21 rules, and 20 is the most" in refused.err
    assert in_store(url, lambda store: store.policies.draft(GUILD)) is None
    assert in_store(url, lambda store: store.guilds.get(GUILD)).log_channel_id is None


@pytest.mark.parametrize("words", ["--watch 10 11 --mode off", "--watch 10 --watch 11 --mode off"])
def test_watch_takes_several_channels_in_either_way_of_writing(run: Any, words: str) -> None:
    assert run("guild", "set", GUILD, *words.split()).status == 0
    shown = json.loads(run("guild", "show", GUILD, "--json").out)
    assert [one["channel_id"] for one in shown["watched"]] == ["10", "11"]


def test_watching_again_keeps_the_channels_own_mode(run: Any, url: str) -> None:
    in_store(url, lambda store: store.guilds.watch(GUILD, 10, Mode.SHADOW))
    run("guild", "set", GUILD, "--watch", "10", "--mode", "enforce")
    assert in_store(url, lambda store: store.guilds.get(GUILD)).watched == {10: Mode.SHADOW}


def test_a_new_policy_is_the_next_version_and_the_same_again_is_none(
    run: Any, policy_file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.md"
    other.write_text("1. No maths homework. [flag]")
    versions = []
    for file in (policy_file, policy_file, other):
        run("guild", "set", GUILD, "--policy", file)
        versions.append(json.loads(run("guild", "show", GUILD, "--json").out)["policy"]["version"])
    assert versions == [1, 1, 2]


def test_a_calibration_that_ends_with_a_policy_from_the_shell_does_not_end_silently(
    run: Any, url: str, policy_file: Path, tmp_path: Path
) -> None:
    run("guild", "set", GUILD, "--policy", policy_file)
    shift = RuleShift("1", -0.5, 5, 9, "m" * 64)
    in_store(url, lambda store: store.policies.recalibrate(GUILD, 1, 9, "", [shift]))
    other = tmp_path / "other.md"
    other.write_text("1. No dogs.\n")
    ran = run("guild", "set", GUILD, "--policy", other)
    assert "Rule 1 of version 2 was calibrated, and is no longer" in ran.err


def test_a_draft_that_a_moderator_is_writing_is_not_lost(run: Any, url: str, policy_file: Path) -> None:
    in_store(url, lambda store: store.policies.save_draft(GUILD, "1. Half a rule that", 42))
    run("guild", "set", GUILD, "--policy", policy_file)
    draft = in_store(url, lambda store: store.policies.draft(GUILD))
    assert draft is not None
    assert (draft.source, draft.author_id) == ("1. Half a rule that", 42)


def test_a_policy_that_cannot_be_used_is_refused_before_anything_is_written(
    run: Any, tmp_path: Path, data_dir: Path
) -> None:
    empty = tmp_path / "empty.md"
    empty.touch()
    assert "is empty" in run("guild", "set", GUILD, "--mode", "enforce", "--policy", empty).sentence
    assert not data_dir.exists()


def test_the_linters_findings_are_told_and_the_policy_is_published(run: Any, tmp_path: Path) -> None:
    vague = tmp_path / "vague.md"
    vague.write_text("1. Be nice to everybody here. [warn]")
    ran = run("guild", "set", GUILD, "--policy", vague)
    assert ran.status == 0
    assert "warning: Rule 1 is unclear" in ran.err


@pytest.mark.parametrize("given", ["0", "-5", "12a", "<#12>", str(2**63), "9" * 40, "٣"])
def test_an_id_that_is_none_is_one_sentence(run: Any, given: str) -> None:
    assert "no Discord id" in run("guild", "set", "--watch", given, "--", GUILD).sentence


def test_show_of_a_server_never_set_gives_the_defaults_with_status_1(run: Any) -> None:
    run("guild", "set", GUILD, "--mode", "off")
    ran = run("guild", "show", "5", "--json")
    assert ran.status == 1
    shown = json.loads(ran.out)
    assert (shown["known"], shown["mode"], shown["watched"], shown["policy"]) == (False, "shadow", [], None)


def test_show_without_a_database_is_one_sentence_and_makes_none(run: Any, data_dir: Path) -> None:
    assert "lawspeaker run" in run("guild", "show", GUILD).sentence
    assert not data_dir.exists()


def test_show_says_what_is_lacking_before_anything_is_judged(run: Any, policy_file: Path) -> None:
    run("guild", "set", GUILD, "--mode", "shadow")
    assert "--policy FILE" in run("guild", "show", GUILD).err
    run("guild", "set", GUILD, "--policy", policy_file)
    assert "--watch CHANNEL_ID" in run("guild", "show", GUILD).err
    run("guild", "set", GUILD, "--watch", "10")
    assert run("guild", "show", GUILD).err == ""


def test_show_tells_who_and_what_is_exempt(run: Any, url: str) -> None:
    for number, kind in enumerate(("role", "user", "channel", "category"), start=1):
        in_store(url, lambda store, kind=kind, number=number: store.guilds.exempt(GUILD, kind, number))
    shown = json.loads(run("guild", "show", GUILD, "--json").out)
    kinds = ("exempt_role_ids", "exempt_user_ids", "exempt_channel_ids", "exempt_category_ids")
    assert [shown[kind] for kind in kinds] == [["1"], ["2"], ["3"], ["4"]]
    assert "exempt categories 4" in run("guild", "show", GUILD).out


def test_everyone_cannot_be_exempt_from_the_shell_either(run: Any) -> None:
    assert "@everyone" in run("guild", "set", GUILD, "--mode", "enforce", "--exempt-role", "7", GUILD).sentence
    assert run("guild", "show", GUILD, "--json").status == 1


def test_every_other_setting_is_set_by_its_name(run: Any) -> None:
    given = [
        "keep_case_days=14",
        "judge_bots=yes",
        "review_channel_id=9",
        "moderator_role_ids=3,4",
        "thresholds.2=90/60",
        "ladder=3 in 7 days: timeout 1h; 5 in 30 days: ban",
        "ladder.2=none",
    ]
    assert run("guild", "set", GUILD, "--set", *given, "--mode", "off").status == 0
    shown = json.loads(run("guild", "show", GUILD, "--json").out)
    assert (shown["keep_case_days"], shown["judge_bots"], shown["mode"]) == (14, True, "off")
    assert (shown["review_channel_id"], shown["moderator_role_ids"]) == ("9", ["3", "4"])
    assert shown["thresholds"]["rules"] == {"2": {"act_at": 0.9, "review_at": 0.6}}
    ladder = {"default": "3 cases in 7d: timeout 1h; 5 cases in 30d: ban", "rules": {"2": "none"}}
    assert shown["ladder"] == ladder
    assert ladder["default"] in run("guild", "show", GUILD).out


def test_a_setting_that_cannot_be_used_is_refused_before_anything_is_written(run: Any, data_dir: Path) -> None:
    ran = run("guild", "set", GUILD, "--mode", "off", "--set", "keep_case_days=400")
    assert "keep_case_days is written as keep_case_days=30" in ran.sentence
    assert not data_dir.exists()


def test_groups_of_commands_are_given_and_refused_from_the_shell(run: Any, url: str) -> None:
    ran = run("guild", "set", GUILD, "--access", "7.cases=refused", "8.settings=given", "9.stats=given")
    assert ran.status == 0
    assert "7 has not cases, 8 has settings, 9 has stats" in ran.out
    run("guild", "set", GUILD, "--access", "9.stats=default")
    shown = json.loads(run("guild", "show", GUILD, "--json").out)
    assert shown["access"] == [
        {"role_id": "7", "group": "cases", "given": False},
        {"role_id": "8", "group": "settings", "given": True},
    ]
    changes = in_store(url, lambda store: store.audit.settings(GUILD))
    said = {(one.what, one.before, one.after) for one in changes if one.what.startswith("access.")}
    assert ("access.9.stats", "given", None) in said
    for wrong in ("7.bans=given", "7.cases=maybe", "cases=given"):
        ran = run("guild", "set", GUILD, "--access", wrong)
        assert (ran.status, len(ran.err.splitlines())) == (2, 1)
    assert run("guild", "set", GUILD, "--access", f"{GUILD}.cases=given").status == 2
