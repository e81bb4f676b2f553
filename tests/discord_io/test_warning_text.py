"""What a warned member reads: the usual words or the server's, with nothing in names and rules that works."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.discord_io.embeds import farewell_text, warning_text
from bot.discord_io.ladder_text import ladder_text
from bot.discord_io.limits import CONTENT
from bot.domain.decision import Ahead
from bot.domain.policy import Action, ActionKind


def test_the_usual_words_say_what_happened_by_which_rule_and_what_can_be_done() -> None:
    assert warning_text(None, "The house", "3", "No threats.", 7, deleted=True) == (
        "Your message on **The house** was removed because it breaks rule 3:\n"
        "> No threats.\n"
        "If you think this is wrong, press **Appeal**, or write to the moderators and name case 7."
    )
    assert "was noted because it breaks rule" in warning_text(None, "The house", "3", "No threats.", 7, deleted=False)


def test_names_and_rules_ping_and_format_nothing() -> None:
    text = warning_text(
        "{server}: {rule_text}", "@everyone **x**", "1", "[free](https://x.example) {case}", 7, deleted=True
    )
    for active in ("@everyone", "**x**", "[free]", "](https"):
        assert active not in text
    assert text.endswith("{case}")


def test_the_longest_values_fit_whatever_was_kept() -> None:
    for template in (None, "{rule_text}" * 10):
        text = warning_text(template, "*" * 500, "*" * 500, "*@" * 5_000, 2**31, deleted=False)
        assert len(text) <= CONTENT


NEXT = Ahead(Action(ActionKind.TIMEOUT, timedelta(hours=1)), datetime(2026, 5, 1, tzinfo=UTC))


def test_what_the_next_violation_brings_stands_below_whatever_the_server_wrote() -> None:
    told = "Another violation before <t:1777593600:f> brings a timeout of 1 hour."
    for template in (None, "Case {case}.", "x" * CONTENT):
        text = warning_text(template, "The house", "3", "No threats.", 7, deleted=True, ladder=ladder_text("", NEXT))
        assert text.endswith(f"\n{told}")
        assert len(text) <= CONTENT
    assert ladder_text("", None) == ""


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (ActionKind.WARN, "Another violation of rule 3 before <t:1777593600:f> brings another warning."),
        (ActionKind.KICK, "Another violation of rule 3 before <t:1777593600:f> gets you removed from the server."),
        (ActionKind.BAN, "Another violation of rule 3 before <t:1777593600:f> gets you banned from the server."),
    ],
)
def test_each_step_is_told_in_words_and_of_which_rule(kind: ActionKind, says: str) -> None:
    assert ladder_text("", replace(NEXT, action=Action(kind), rule="3")) == says


def test_who_is_put_out_by_the_ladder_is_told_so_within_the_limit() -> None:
    ladder = ladder_text("3rd case of rule @everyone in 7 days: ban", replace(NEXT, rule="*@" * 500))
    assert ladder.startswith("This is your 3rd case of rule \\@\u200beveryone in 7 days\\: ban.")
    assert len(ladder) <= 300
    text = farewell_text("*" * 500, "*" * 500, "*@" * 5_000, 2**31, ActionKind.BAN, ladder)
    assert text.endswith(ladder)
    assert len(text) <= CONTENT
