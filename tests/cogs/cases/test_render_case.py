"""What is shown of a case stays within Discord's limits, however long everything is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.discord_io.caseview import case_view
from bot.discord_io.embeds import case_embed, farewell_text, returned_text, warning_text
from bot.discord_io.limits import CONTENT, EMBED_TOTAL
from bot.domain.decision import Mode, Outcome, review_for
from bot.domain.ladder import LadderTable, read_ladder
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, ActionRecord
from bot.domain.standing import PastCase
from bot.sandbox.checks.components import check_components
from bot.sandbox.checks.embeds import check_embeds
from bot.sandbox.checks.form import Form
from cogs.render_case import MOST_EARLIER, case_line, details_embed, notes_embed, reasoning_part, standing_embed
from tests.cogs.cases.full import ID, KEY, LONG, NOW, RULES, full_case

BANNED = ActionRecord(1, Action(ActionKind.BAN), ActionOutcome.DONE, asked_by=ID)


def check(*embeds: discord.Embed) -> None:
    """Fail where Discord would refuse a message with these embeds."""
    form = Form()
    check_embeds(form, [embed.to_dict() for embed in embeds])
    form.refuse()
    assert sum(len(embed) for embed in embeds) <= EMBED_TOTAL


def test_the_post_of_a_case_fits_with_every_action_undoing_answer_and_note() -> None:
    check(case_embed(full_case(), LONG))


def test_more_fits_beside_the_judges_reasoning() -> None:
    case = full_case()
    details = details_embed(case, dict.fromkeys(RULES, LONG), [full_case()] * MOST_EARLIER)
    check(details)
    assert reasoning_part(case, EMBED_TOTAL - len(details)) == (None, LONG)


def test_a_members_standing_fits_and_says_what_counts() -> None:
    steps = read_ladder("; ".join(f"{n} in {n}h: timeout {n * 20}m" for n in range(43, 51)))
    past = [PastCase(number, NOW, KEY, Outcome.ACT) for number in range(100)]
    case = full_case()
    for ladder in (LadderTable(steps), LadderTable((), {KEY: steps})):
        embed = standing_embed(case, ladder, past, NOW)
        assert embed is not None
        check(embed)
        assert len(embed) <= 1_000
        assert "43 cases in 43h: timeout 860m · 100 of the author now" in str(embed.description)
        ends = int((NOW + timedelta(hours=50)).timestamp())
        assert f"The next one before <t:{ends}:f> brings: timeout 1000m." in str(embed.description)
    assert standing_embed(case, LadderTable(steps, {KEY: ()}), past, NOW) is None
    assert standing_embed(replace(case, decision=review_for("x")), LadderTable(steps), past, NOW) is None


def test_all_notes_fit_the_newest_last() -> None:
    embed = notes_embed(full_case())
    assert embed is not None
    check(embed)


def test_a_line_of_a_list_of_cases_has_a_bound() -> None:
    assert len(case_line(full_case())) <= 300


async def test_the_buttons_are_as_discord_takes_them() -> None:
    unsure = replace(full_case(), reviews=(), decision=review_for(LONG), claimed_by=ID, claimed_at=NOW)
    for case in (full_case(), replace(full_case(), reviews=()), unsure):
        form = Form()
        check_components(form, case_view(case).to_components())
        form.refuse()
        check(case_embed(case, LONG))


def test_a_text_given_back_fits_or_is_a_file() -> None:
    for text in (LONG, "x" * 1_700, "\n" * 1_500, "…"):
        content, _ = returned_text(LONG, 999_999_999, text)
        assert len(content) <= CONTENT
    assert returned_text("A server", 1, "words")[1]


def test_a_direct_message_about_no_rule_names_none() -> None:
    for text in (
        warning_text(None, "A server", "", "", 3, False),
        farewell_text("A server", "", "", 3, ActionKind.BAN),
    ):
        assert "rule" not in text
        assert "name case 3." in text


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"decision": review_for("x"), "reviews": (), "actions": ()}, "needs a human"),
        ({"decision": review_for("x"), "actions": ()}, "no rule · nothing was done"),
        ({"mode": Mode.SHADOW, "actions": ()}, f"rule {KEY} · shadow: nothing was done"),
        ({"mode": Mode.SHADOW, "actions": (BANNED,)}, f"rule {KEY} · banned"),
        ({"actions": (), "reviews": ()}, f"rule {KEY} · nothing done yet"),
    ],
)
def test_the_title_says_what_was_done_as_it_is_now(changes: dict[str, Any], title: str) -> None:
    assert case_embed(replace(full_case(7), **changes), "").title == f"Case 7 · {title}"
