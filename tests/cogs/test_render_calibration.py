"""What is shown of a calibration: in plain sentences, within Discord's limits, and nothing of it active."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.discord_io.calibration_text import published_note, shift_lines
from bot.discord_io.limits import CONTENT, EMBED_FIELD_VALUE, EMBED_TOTAL
from bot.domain.calibration import RuleShift
from bot.domain.ladder import LadderTable
from bot.domain.policy import MAX_RULES
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from cogs.render_calibration import calibration_embed
from cogs.render_policy import policy_embeds

AT = datetime(2026, 1, 2, tzinfo=UTC)
SOURCE = "\n".join(f"{number}. {'No spam of any kind, please. ' * 5}" for number in range(1, MAX_RULES + 1))
VERSION = PolicyVersion(10, 3, SOURCE, "d" * 64, 9, "", AT, AT)
DOWN = RuleShift("2", -0.6886, 5, 9, "m")
MANY = [RuleShift("@everyone **x** " + "y" * 16, -1.5, 10**4, 10**5, "m") for _ in range(MAX_RULES)]


def test_one_sentence_says_what_was_changed_and_why() -> None:
    assert shift_lines([DOWN, RuleShift("1", 0.6886, 13, 1, "m"), RuleShift("3", 0.0, 5, 9, "m")]) == [
        "Rule 2 is taken as less likely than the judge says: of 14 answers 9 overturned it; what it calls 85% counts "
        "as 74%.",
        "Rule 1 is taken as more likely than the judge says: of 14 answers 13 confirmed it; what it calls 85% counts "
        "as 92%.",
        "Rule 3 is taken as the judge says, as moderators wanted, though of 14 answers 9 overturned it.",
    ]


def test_a_publication_that_changes_nothing_of_it_says_nothing_and_one_that_ends_it_says_so() -> None:
    assert published_note([], [], VERSION) == ""
    assert "Rule 4 of version 3 was calibrated, and is no longer" in published_note([], ["4"], VERSION)


def test_the_most_there_can_be_stays_within_discords_limits_and_does_nothing() -> None:
    note = published_note(MANY, ["@everyone"] * MAX_RULES, VERSION)
    assert len(note) < CONTENT - 400
    assert "@everyone" not in note
    embed = calibration_embed(VERSION, MANY, [DOWN] * MAX_RULES)
    assert len(embed) <= EMBED_TOTAL
    assert all(len(str(field.value)) <= EMBED_FIELD_VALUE for field in embed.fields)
    shown = policy_embeds(VERSION, parse_policy(SOURCE), True, LadderTable(), shift_lines(MANY))
    assert sum(len(one) for one in shown.embeds) <= EMBED_TOTAL
    assert "less likely" in str(shown.embeds[1].to_dict())


def test_what_answers_would_change_by_now_stands_beside_what_holds() -> None:
    same, other = calibration_embed(VERSION, [DOWN], [DOWN]), calibration_embed(VERSION, [DOWN], [])
    assert same.fields == []
    assert other.fields[0].value == "Every rule is taken as the judge says."
