"""Members' messages: whatever one holds, its spelling is undone, and words of it are quoted and shown, in one go."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from bot.discord_io.embeds import returned_text
from bot.discord_io.limits import audit_reason
from bot.discord_io.text import inert, spoiler, terminal
from bot.domain.encodings import decoded, override_undone
from bot.domain.likeness import likeness
from bot.domain.normalise import at_first_sight, normalise, seen_at_first
from bot.domain.spreadsheet import csv_table
from bot.domain.storable import storable
from bot.domain.submission import ContextMessage
from bot.domain.warning import fill
from bot.judge.prompts import asked_text
from bot.judge.quoting import quoted
from bot.judge.rationale import LONGEST_QUOTE, clauses, finished, stated_reason, tidy_reason, verbatim
from bot.judge.remote.questions import message_text
from bot.web.console.case_parts import pieces
from tests.fuzz.growth import LENGTHS, Repeated, grows_no_faster_than_the_text, repeated
from tests.fuzz.inputs import tried
from tests.fuzz.makers import texts, whole

PIECES = (
    *("a ", "a.", "a/", "a\\", "a\n", "a . ", "a-", "a_", "a·", "a→", "  a", "n!tro", "k1ll", "aaa", "0f-", "A1b2"),
    *("||", "||a", "`", "```", "```a", "```py\n", "*", "**", "~~", "__", "<@1", "<@!12>", "<:a:1>", "<#", ":a:", "@"),
    *("e\u0301", "\u0301", "\u200b", "\u202e", "\u202c", "\u3164", "\ufe0f", "\U0001f1e6", ":regional_indicator_a:"),
    *("gur ", "aGVs", "=", "==", "-", "_", "+", "/", "ɐɔǝɟ ", "https://", "x.example/", "1", "0x", "f", "free ", "$"),
    *(" ", "   ", "\n", "\n\n", "\t", "\r", "\x0b", "\x85", "\u2028", "\xa0", ".", "!", "?", ";", ". ", "“", '"', "("),
    *("\ud800", "\udfff", "\U0001f600", "ﷺ", "ﬃ", "½", "İ", "ß", "ѕсаm", "привет", "今", "ｆｒｅｅ", "\x1b[31m"),
    *(
        "abc-",
        "the ",
        "\0",
        "=1+1",
        "'",
        ";",
        "\u202e\u202e",
        "aGVsbG8gdGhlIHdvcmxkIG9mIHRoZQ",
        "f r e e ",
        "A/B/",
        "{",
        "}",
    ),
    *("<@123456789012345678>", "https://x.example/a?b=c#d ", "||a||", "```\na\n```", "> ", ">>> ", "[a](", "<t:1:R>"),
)
MESSAGES = texts(PIECES, 80)


@tried(text=MESSAGES)
def test_the_spelling_of_any_message_is_undone(text: str) -> None:
    once = normalise(text)
    assert len(once) <= 20 * len(text) + 1
    assert not any(char in once for char in "\u200b\u2060\ufeff\u202e\0")
    assert sum(map(len, decoded(text))) <= len(text)
    seen = seen_at_first(text)
    assert (seen is None) == (at_first_sight(text) == text)
    assert likeness(text, once) == likeness(text, once)


@tried(text=MESSAGES, claimed=texts(PIECES, 10), reason=texts(PIECES, 10))
def test_of_any_message_a_part_can_be_quoted_and_said_why(text: str, claimed: str, reason: str) -> None:
    spans = clauses(text)
    assert spans
    assert all(span in text and len(span) <= LONGEST_QUOTE for span in spans)
    quote = verbatim(text, claimed, reason)
    assert quote in text
    finished(reason)
    for made in (tidy_reason("1", "No spam.", reason, ""), stated_reason("1", "No spam.", reason, "")):
        assert made.isprintable() or "\n" not in made
        assert "\0" not in made
        made.encode()


@tried(text=MESSAGES, most=whole(10, 4_000))
def test_any_message_is_shown_within_bounds_and_as_it_stands(text: str, most: int) -> None:
    for made in (inert(text, most), spoiler(text, most), terminal(text, most)):
        assert len(made) <= most
        assert "\x1b" not in made
        made.encode()
    (row,) = list(csv.reader(io.StringIO(csv_table(("text",), [(text,)]), newline="")))[1:] or [[""]]
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert quoted(text).isprintable()


# All that a member's words pass through, from the gateway to the judge, the mod log, direct messages and exports.
WORK: dict[str, Callable[[str], object]] = {
    "storable": storable,
    "normalise": normalise,
    "seen_at_first": seen_at_first,
    "decoded": decoded,
    "override_undone": override_undone,
    # Of more than 4,000 characters nothing is like.
    "likeness": lambda text: likeness(text[: len(text) // 10], text[: len(text) // 10]),
    "clauses": clauses,
    "verbatim": lambda text: verbatim(text, f"{text[:200]}?", text[-200:]),
    "finished": finished,
    "tidy_reason": lambda text: tidy_reason("1", text[:400], text, text[:200]),
    "stated_reason": lambda text: stated_reason("1", text[:400], text, text[:200]),
    "asked_text": asked_text,
    "message_text": lambda text: message_text(text, text[1:], [ContextMessage("a", text)]),
    "quoted": quoted,
    "inert": lambda text: inert(text, 4_000),
    "spoiler": lambda text: spoiler(text, 1_000),
    "terminal": terminal,
    "returned_text": lambda text: returned_text("a server", 1, text),
    "csv_table": lambda text: csv_table(("text",), [(text,)]),
    "audit_reason": audit_reason,
    "pieces": lambda text: pieces(text, f"{text[:200]}?"),
    "fill": lambda text: fill(text, {"server": text[:100]}),
}


@pytest.mark.parametrize("name", WORK)
@tried(short=60, soak=LENGTHS, text=repeated(PIECES))
def test_a_message_takes_linear_time(name: str, text: Repeated) -> None:
    grows_no_faster_than_the_text(WORK[name], text)


def test_a_message_of_blanks_is_cut_into_clauses_in_linear_time() -> None:
    grows_no_faster_than_the_text(clauses, Repeated("a", " ", "b"))


def test_a_letter_with_thousands_of_marks_is_normalised_in_linear_time() -> None:
    # In canonical order all that go below a letter stand before all that go above it.
    for text in (Repeated("a", "\u0301\u0327", ""), Repeated("a" + "\u0301" * 20_000, "\u0327", "")):
        grows_no_faster_than_the_text(normalise, text)
    assert normalise("q" + "\u0301\u0327" * 9_000 + "uit") == "quit"
