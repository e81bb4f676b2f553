"""What `/why` is asked about, and what it says of messages without a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.discord_io.limits import EMBED_DESCRIPTION, EMBED_TOTAL
from bot.discord_io.refusal import RefusedError
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.guild import GuildSettings
from bot.domain.records import Judgement
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.pipeline.scope import Facts
from cogs.render_why import allowed_embed, reason_unjudged, reasoning_embed, revision_notes
from cogs.targets import CaseTarget, MessageTarget, parse_target

GUILD, CHANNEL, MESSAGE = 100000000000000001, 100000000000000002, 100000000000000003
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "target"),
    [
        (f"https://discord.com/channels/{GUILD}/{CHANNEL}/{MESSAGE}", MessageTarget(MESSAGE, CHANNEL, GUILD)),
        (f" <https://ptb.discord.com/channels/{GUILD}/{CHANNEL}/{MESSAGE}> ", MessageTarget(MESSAGE, CHANNEL, GUILD)),
        (f"{CHANNEL}-{MESSAGE}", MessageTarget(MESSAGE, CHANNEL)),
        (str(MESSAGE), MessageTarget(MESSAGE)),
        ("12", CaseTarget(12)),
        ("#12", CaseTarget(12)),
        ("Case 12", CaseTarget(12)),
    ],
)
def test_a_link_an_id_or_a_case_number_is_understood(given: str, target: MessageTarget | CaseTarget) -> None:
    assert parse_target(given) == target


@pytest.mark.parametrize(
    "given",
    [
        "",
        "what",
        "0",
        "-5",
        "9" * 20,
        f"https://discord.com/channels/@me/{CHANNEL}/{MESSAGE}",
        f"https://discord.com/channels/{GUILD}/{CHANNEL}",
        f"https://discord.com/channels/{GUILD}/{CHANNEL}/{'9' * 20}",
    ],
)
def test_anything_else_gets_a_sentence_and_never_reaches_the_database(given: str) -> None:
    with pytest.raises(RefusedError):
        parse_target(given)


FACTS = Facts(CHANNEL, None, 5, False, False, False, False, frozenset({9}))
WATCHED = GuildSettings(GUILD, watched={CHANNEL: None})


@pytest.mark.parametrize(
    ("settings", "facts", "reason"),
    [
        (GuildSettings(GUILD), FACTS, "the channel is not watched"),
        (replace(WATCHED, mode=Mode.OFF), FACTS, "the mode there is off"),
        (
            replace(WATCHED, watched={CHANNEL: Mode.OFF}),
            replace(FACTS, channel_id=1, parent_id=CHANNEL),
            "the mode there is off",
        ),
        (replace(WATCHED, exempt_role_ids=frozenset({9})), FACTS, "a role of the member is exempt"),
        (WATCHED, replace(FACTS, may_manage_messages=True), "moderators are exempt"),
        (WATCHED, FACTS, None),
    ],
)
def test_a_message_never_judged_is_told_why(settings: GuildSettings, facts: Facts, reason: str | None) -> None:
    assert reason_unjudged(settings, facts) == reason


SUBMISSION = Submission(GUILD, CHANNEL, MESSAGE, 0, 5, "somebody", "hello", "hello", (), NOW)


def judgement(probabilities: dict[str, float], submission: Submission = SUBMISSION) -> Judgement:
    likeliest = max(probabilities, key=probabilities.__getitem__, default=None)
    verdict = Verdict(likeliest, probabilities, "0" * 64, "tiny", "0" * 64)
    return Judgement(1, submission, verdict, Decision(Outcome.ALLOW), Mode.ENFORCE, 3, None, NOW)


def test_an_allowed_message_shows_its_top_probability_the_rule_and_the_version() -> None:
    embed = allowed_embed(judgement({"1": 0.12, "2": 0.31}), {"1": "No ads.", "2": "No scams."})
    likeliest = str(embed.fields[0].value).splitlines()
    assert likeliest[0] == "31% · rule 2: No scams."
    assert "version 3" in [field.value for field in embed.fields]


def test_an_allowed_message_with_the_longest_texts_fits_and_pings_nobody() -> None:
    submission = replace(SUBMISSION, text="@everyone *" * 3_000)
    rules = {"W" * 30 + str(number): 0.1 for number in range(20)}
    embed = allowed_embed(judgement(rules, submission), dict.fromkeys(rules, "[x](y)" * 900))
    assert len(embed) <= EMBED_TOTAL
    assert len(embed.description or "") <= EMBED_DESCRIPTION
    assert all(len(str(field.value)) <= 1_024 for field in embed.fields)
    assert "@everyone" not in (embed.description or "")


def test_an_edit_a_later_edit_and_a_cleared_text_are_mentioned() -> None:
    assert revision_notes(SUBMISSION, 0) == ""
    assert "as edited" in revision_notes(replace(SUBMISSION, revision=9, posted_at=NOW + timedelta(hours=1)), 9)
    assert "later edit" in revision_notes(SUBMISSION, 9)
    assert "cleared" in revision_notes(replace(SUBMISSION, text=""), 0)


def thought(words: str) -> Verdict:
    return Verdict("1", {"1": 0.9}, "d" * 64, "reasoner", "m" * 64, reasoning=words)


def test_what_the_judge_thought_is_shown_to_moderators_and_does_nothing() -> None:
    embed = reasoning_embed(thought("They ping @everyone and <@5>."), 2_000)
    assert embed is not None
    assert "for moderators only" in (embed.title or "")
    assert "@everyone" not in (embed.description or "")
    assert "<@5>" not in (embed.description or "")


@pytest.mark.parametrize("room", [200, 1_000, EMBED_TOTAL])
def test_long_thoughts_stay_within_the_room_that_is_left(room: int) -> None:
    embed = reasoning_embed(thought("*word* " * 5_000), room)
    assert embed is not None
    assert len(embed) <= room
    assert len(embed.description or "") <= EMBED_DESCRIPTION


def test_a_judge_that_does_not_reason_shows_no_thoughts() -> None:
    assert reasoning_embed(thought(""), EMBED_TOTAL) is None
    assert reasoning_embed(None, EMBED_TOTAL) is None
    assert reasoning_embed(thought("words"), 100) is None
