"""What `/policy` shows: whole where it fits, bounded where not, and harmless whatever is written in it."""

from __future__ import annotations

from datetime import UTC, datetime

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_io.limits import EMBED_DESCRIPTION, EMBED_TOTAL
from bot.discord_io.refusal import RefusedError
from bot.domain.ladder import LadderTable, read_ladder
from bot.domain.lint import lint
from bot.domain.policy import policy_digest
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from cogs.policy_rules import action_choices
from cogs.render_policy import (
    code_block,
    comparison_embed,
    diff_embed,
    history_embed,
    policy_embeds,
    unified_diff,
)
from cogs.versions import version_number

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LARGEST_ID = 2**63 - 1


def version(source: str, number: int = 0, reason: str = "") -> PolicyVersion:
    return PolicyVersion(1, number, source, policy_digest(source), LARGEST_ID, reason, NOW, NOW if number else None)


def within_limits(*embeds: discord.Embed) -> bool:
    return sum(len(embed) for embed in embeds) <= EMBED_TOTAL and all(
        len(embed.description or "") <= EMBED_DESCRIPTION
        and all(0 < len(field.value or "") <= 1_024 for field in embed.fields)
        for embed in embeds
    )


def test_a_diff_shows_what_goes_and_what_comes() -> None:
    shown = diff_embed(version("1. No ads.\n2. No scams."), version("1. No ads.\n2. No cats.", 4), ())
    description = shown.embeds[0].description or ""
    assert "-2. No cats." in description
    assert "+2. No scams." in description
    assert "-1. No ads." not in description
    assert "version 4" in (shown.embeds[0].title or "")
    assert shown.is_whole


def test_the_first_draft_is_all_new() -> None:
    assert [line for line in unified_diff("", "1. No ads.\n2. No scams.") if line.startswith("+1")] == ["+1. No ads."]


def test_two_versions_are_compared_under_their_own_names() -> None:
    embed = comparison_embed(version("1. No ads.\n", 2), version("1. No cats.\n", 7)).embeds[0]
    assert embed.title == "From version 2 to version 7"
    assert "--- version 2\n+++ version 7" in (embed.description or "")


@pytest.mark.parametrize(
    ("new", "said"), [("1. No ads.\n", "The two have the very same text."), ("1. No ads.", "line breaks only")]
)
def test_two_versions_without_a_differing_line_are_said_to_be_so(new: str, said: str) -> None:
    shown = comparison_embed(version("1. No ads.\n", 2), version(new))
    assert said in (shown.embeds[0].description or "")
    assert shown.is_whole


@given(st.lists(st.text(st.sampled_from("`\n\t\u200b@a\u202e")), max_size=30))
def test_nothing_written_in_a_policy_ends_its_code_block(lines: list[str]) -> None:
    block = code_block(lines, 3_500, "diff")
    assert block.startswith("```diff\n")
    assert block.endswith("\n```")
    assert block.count("```") == 2
    assert "\u202e" not in block


@pytest.mark.parametrize(
    "source",
    [
        "x" * 16_000,
        "x\n" * 8_000,
        "\n".join("`" * 90 for _ in range(170)),
        "\n".join("@everyone" for _ in range(1_600)),
    ],
)
def test_a_diff_of_the_longest_policy_fits_and_is_said_to_be_cut(source: str) -> None:
    shown = diff_embed(version(source), None, lint(parse_policy(source)))
    assert within_limits(*shown.embeds)
    assert not shown.is_whole
    assert (shown.embeds[0].description or "").count("```") == 2


def test_a_long_line_that_is_cut_is_still_begun() -> None:
    shown = diff_embed(version("Be kind. " * 500), None, ())
    assert "+Be kind. Be kind." in (shown.embeds[0].description or "")
    assert not shown.is_whole


def test_the_linters_findings_are_shown_and_bounded() -> None:
    source = "\n".join(f"{number}. Ads" for number in range(1, 21))
    shown = diff_embed(version(source), None, lint(parse_policy(source)))
    assert within_limits(*shown.embeds)
    assert "names no action" in str(shown.embeds[0].fields[0].value)


def test_a_short_policy_is_shown_as_it_was_written_with_its_rules_and_actions() -> None:
    source = "# House\n1. No scams. [delete, timeout 1h]\n2. No ads. [flag]\n"
    shown = policy_embeds(version(source, 3), parse_policy(source), is_live=True, ladder=LadderTable())
    text, rules = shown.embeds
    assert shown.is_whole
    assert source in (text.description or "")
    assert "delete, timeout 1h" in (rules.description or "")
    assert f"`{policy_digest(source)[:12]}`" in [field.value for field in rules.fields]
    assert text.title == "Version 3, live"


@pytest.mark.parametrize(
    "source", ["1. No scams.\n" + "x" * 3_600, "1. No ```scams```.", "1. No\tscams.", "1. No ads\r\n"]
)
def test_a_text_that_cannot_be_shown_exactly_is_to_be_attached(source: str) -> None:
    shown = policy_embeds(version(source, 3), parse_policy(source), is_live=False, ladder=LadderTable())
    assert not shown.is_whole
    assert within_limits(*shown.embeds)


def test_twenty_rules_with_every_action_fit() -> None:
    actions = "flag, delete, warn, timeout 28d, kick, ban, escalate, help, link"
    source = "\n".join(f"{number}. {'~' * 700} [{actions}]" for number in range(1, 21))
    steps = read_ladder("; ".join(f"{n} in {n}h: timeout {n * 20}m" for n in range(43, 51)))
    ladder = LadderTable(steps, {str(number): steps for number in range(1, 21)})
    embeds = policy_embeds(version(source, 1), parse_policy(source), is_live=True, ladder=ladder).embeds
    assert within_limits(*embeds)
    assert "43 cases in 43h: timeout 860m" in str(embeds[-1].to_dict())


def test_the_ladder_is_shown_below_the_rules_where_there_is_one() -> None:
    source = "1. No scams.\n2. No ads. [flag]\n"

    def shown(ladder: LadderTable) -> list[str | None]:
        rules = policy_embeds(version(source, 3), parse_policy(source), is_live=True, ladder=ladder).embeds[-1]
        return [field.value for field in rules.fields if field.name == "Ladder"]

    steps = read_ladder("3 in 7 days: timeout 1h")
    together = "All rules without their own, counted together: 3 cases in 7d: timeout 1h"
    assert shown(LadderTable()) == shown(LadderTable((), {"9": steps})) == []
    assert shown(LadderTable(steps)) == [together]
    assert shown(LadderTable(steps, {"2": ()})) == [f"{together}\nRule 2: none"]


def test_the_history_fits_and_pings_nobody_by_a_reason() -> None:
    versions = [version(f"1. No {number}.", number, "@everyone " * 40) for number in range(2_000_000, 1_999_975, -1)]
    embed = history_embed(versions, 2_000_000)
    assert within_limits(embed)
    lines = (embed.description or "").splitlines()
    assert "live" in lines[0]
    assert "live" not in lines[1]
    assert "@everyone" not in (embed.description or "")


@pytest.mark.parametrize(("given", "number"), [("3", 3), (" v12 ", 12), ("Version 4", 4), ("draft", 0)])
def test_a_version_is_named_by_its_number_or_as_draft(given: str, number: int) -> None:
    assert version_number(given) == number


@pytest.mark.parametrize("given", ["", "0", "-1", "latest", "9" * 30, "²", "1.5"])
def test_any_other_name_of_a_version_gets_a_sentence(given: str) -> None:
    with pytest.raises(RefusedError, match="number"):
        version_number(given)


def test_an_action_that_is_named_already_is_not_offered_again() -> None:
    values = [choice.value for choice in action_choices("delete, timeout 2h, ")]
    assert "delete, timeout 2h, warn" in values
    assert not [value for value in values if value.count("delete") > 1 or value.count("timeout") > 1]
    assert action_choices("x" * 99 + ",") == []
