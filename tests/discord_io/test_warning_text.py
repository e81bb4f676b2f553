"""What a warned member reads: the usual words or the server's, with nothing in names and rules that works."""

from __future__ import annotations

from bot.discord_io.embeds import warning_text
from bot.discord_io.limits import CONTENT


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
