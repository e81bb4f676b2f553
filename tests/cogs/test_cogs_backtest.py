"""What a backtest shows: within Discord's limits however long the texts, harmless, and all of it in the files."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from bot.discord_io.limits import EMBED_TOTAL
from bot.domain.backtest import Compared, Reading, Sample, findings
from bot.domain.backtest_words import Extent
from bot.domain.decision import Outcome
from bot.domain.policy import policy_digest
from bot.domain.records import PolicyVersion
from bot.domain.submission import Submission
from bot.domain.withholding import NOT_SHOWN
from cogs.render_backtest import findings_embeds, findings_files, progress_line

NOW = datetime(2026, 1, 2, tzinfo=UTC)
FINE, ACTED = Reading(Outcome.ALLOW, "1", 0.04), Reading(Outcome.ACT, "2", 0.97)


def version(number: int) -> PolicyVersion:
    return PolicyVersion(1, number, "1. No ads.", policy_digest("1. No ads."), 5, "", NOW, NOW)


def compared(text: str, breaks: bool | None = None, live: Reading = FINE, draft: Reading = ACTED) -> Compared:
    said = Submission(2**63 - 1, 2**63 - 2, 2**63 - 3, 0, 2**63 - 4, "ana", text, text, (), NOW)
    return Compared(Sample(1, said, None, breaks), live, draft)


def extent(asked: int, failed: int = 0, live: PolicyVersion | None = None) -> Extent:
    return Extent(live or version(3), version(0), asked, failed)


@pytest.mark.parametrize("text", ["x" * 40_000, "|*_" * 9_000, "@everyone [a](https://x.example) <@&5>", "\n" * 99])
def test_the_longest_texts_fit_and_nothing_in_them_pings_or_links(text: str) -> None:
    embeds = findings_embeds(findings([compared(text, breaks=True) for _ in range(40)]), extent(40))
    assert sum(len(embed) for embed in embeds) <= EMBED_TOTAL
    assert all(0 < len(field.value or "") <= 1_024 for embed in embeds for field in embed.fields)
    assert "@everyone" not in (embeds[1].description or "")
    assert "](https://x" not in (embeds[1].description or "")


def test_changes_say_what_becomes_of_a_message_and_quote_it_behind_a_spoiler() -> None:
    description = findings_embeds(findings([compared("buy cats")]), extent(1))[1].description or ""
    assert "fine (4%) → acted on, rule 2 (97%) · ||buy cats||" in description


def test_what_may_be_about_minors_is_linked_and_not_shown_in_answer_and_files() -> None:
    one = compared("buy cats", draft=Reading(Outcome.ACT, "2", 0.97, only_linked=True))
    description = findings_embeds(findings([one]), extent(1))[1].description or ""
    files = [file.fp.read().decode() for file in findings_files(findings([one]), extent(1))]
    for text in (description, *files):
        assert "buy cats" not in text
        assert NOT_SHOWN in text
        assert "https://discord.com/channels/" in text


def test_what_was_not_reached_and_what_failed_is_said() -> None:
    description = findings_embeds(findings([compared("a")]), extent(9, failed=2))[0].description or ""
    assert description == (
        "1 stored message was judged by both. To 2 more the judge had no answer. "
        "Time was up before 6 others: ask for fewer, or at a quieter hour."
    )


def test_the_files_hold_every_message_and_no_cell_is_a_formula() -> None:
    found = findings([compared("=HYPERLINK(1)", breaks=False), compared("x" * 40_000, live=ACTED, draft=FINE)])
    table, whole = (file.fp.read().decode() for file in findings_files(found, extent(2)))
    first, second = csv.DictReader(io.StringIO(table, newline=""))
    assert (first["text"], first["reviewed"]) == ("'=HYPERLINK(1)", "fine")
    assert (first["live_outcome"], first["draft_rule"], first["draft_probability"]) == ("allow", "2", "0.9700")
    assert len(second["text"]) == 1_000
    told = json.loads(whole)
    assert told["live_version"] == 3
    assert [one["reviewed"] for one in told["messages"]] == [False, None]
    assert told["messages"][0]["draft_probability"] == 0.97


@pytest.mark.parametrize(
    ("done", "total", "full"), [(0, 200, 0), (100, 200, 10), (200, 200, 20), (1, 1_000, 0), (0, 0, 20)]
)
def test_the_bar_fills_as_messages_are_done(done: int, total: int, full: int) -> None:
    line = progress_line(done, total)
    assert line.count("█") == full
    assert line.count("░") == 20 - full
