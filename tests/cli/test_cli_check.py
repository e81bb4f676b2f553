"""`lawspeaker check`: verdicts for texts from arguments or stdin."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.cli import check
from bot.cli.bounded import MOST_IN_FLIGHT
from bot.cli.check import verdicts
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.interface import JudgeError
from tests.cli.scripted import Scripted

RULES = parse_policy("1. No spoilers for films. [delete]\n2. No trading of tickets. [flag]\n")


class ScriptedJudge(Scripted):
    """Judges by a word in the text: `spoiler 0.9` breaks rule 1 with that probability; `crash` cannot be judged."""

    def __init__(self, *_: object) -> None:
        self.asked = 0
        self.most_asked = 0
        self.normalised: list[str] = []

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        self.asked += 1
        self.most_asked = max(self.most_asked, self.asked)
        self.normalised.append(normalised)
        await check.asyncio.sleep(0)
        self.asked -= 1
        if text == "crash":
            raise JudgeError("The judge's process died twice over this message.")
        probability = float(text.split()[1]) if text.startswith("spoiler") else 0.01
        return Verdict("1", {"1": probability, "2": 0.0}, policy.digest, "scripted", "ab12")

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        if "mute" in text:
            raise JudgeError("The judge's explanation does not fit the message.")
        return Explanation(f"It breaks rule {rule_key}.", text[:7])


async def judged(*texts: str, judge: ScriptedJudge | None = None) -> list[dict[str, Any]]:
    return [one async for one in verdicts(judge or ScriptedJudge(), RULES, texts)]


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch, tiny: object) -> None:
    """Have the command judge with the scripted judge."""
    monkeypatch.setattr(check, "build_judge", ScriptedJudge)


# -- verdicts ----------------------------------------------------------------------------------------------


async def test_the_decision_follows_the_first_settings_of_a_server() -> None:
    made = await judged("spoiler 0.85", "spoiler 0.84", "spoiler 0.50", "spoiler 0.49", "hello")
    assert [one["decision"] for one in made] == ["act", "review", "review", "allow", "allow"]
    assert [one["rule"] for one in made] == ["1", "1", "1", None, None]
    assert [[action["kind"] for action in one["actions"]] for one in made] == [["delete"], [], [], [], []]


async def test_what_breaks_a_rule_is_explained_and_what_is_fine_is_not() -> None:
    broken, fine = await judged("spoiler 0.9", "hello")
    assert (broken["rationale"], broken["quote"]) == ("It breaks rule 1.", "spoiler")
    assert (fine["rationale"], fine["quote"]) == ("", "")


async def test_verdicts_come_in_the_order_of_the_texts_and_a_bounded_number_is_judged_at_a_time() -> None:
    judge = ScriptedJudge()
    texts = [f"spoiler 0.{number:03}" for number in range(100)]
    made = await judged(*texts, judge=judge)
    assert [one["text"] for one in made] == texts
    assert 1 < judge.most_asked <= MOST_IN_FLIGHT


async def test_the_judge_gets_the_text_with_evasions_undone_and_the_answer_shows_it_as_posted() -> None:
    judge = ScriptedJudge()
    (made,) = await judged("f r e e  n i t r o", judge=judge)
    assert judge.normalised == ["free nitro"]
    assert made["text"] == "f r e e  n i t r o"


async def test_a_text_that_cannot_be_judged_becomes_a_review_and_the_others_are_judged() -> None:
    first, second = await judged("crash", "spoiler 0.9")
    assert (first["decision"], first["model"], first["actions"]) == ("review", None, [])
    assert second["decision"] == "act"


async def test_a_verdict_without_an_explanation_is_still_a_verdict() -> None:
    (made,) = await judged("spoiler 0.9 mute")
    assert (made["decision"], made["rationale"]) == ("act", "")


# -- the command -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("scripted")
def test_texts_come_from_arguments_or_from_stdin_a_text_a_line(run: Any, policy_file: Path) -> None:
    from_arguments = run("check", "--policy", policy_file, "--json", "hello", "spoiler 0.9")
    from_stdin = run("check", "--policy", policy_file, "--json", stdin=b"hello\r\n\nspoiler 0.9\n")
    assert from_arguments.status == 0
    assert from_arguments.out == from_stdin.out
    assert [json.loads(line)["violates"] for line in from_stdin.out.splitlines()] == [False, True]


@pytest.mark.usefixtures("scripted")
def test_stdin_may_be_json_lines_with_text(run: Any, policy_file: Path) -> None:
    rows = [{"text": "two\nlines \u2028 here", "other": 1}, {"text": "spoiler 0.9"}]
    stdin = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    told = run("check", "--policy", policy_file, "--json", stdin=stdin).out
    assert told.isascii()
    assert [json.loads(line)["text"] for line in told.splitlines()] == [row["text"] for row in rows]


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        ((), b"", "nothing to judge"),
        ((), b"\n \n", "nothing to judge"),
        (("",), b"", "empty"),
        ((), b'{"text": "a"}\n{"txt": "b"}\n', "Line 2"),
        ((), b'{"text": "a"}\n\nplain words\n', "Line 3"),
        ((), b'{"text": 5}\n', "Line 1"),
        ((), b'{"message": "a"}\n', "Line 1"),
    ],
)
def test_unusable_texts_are_one_sentence_before_anything_is_judged(
    run: Any, policy_file: Path, arguments: tuple[str, ...], stdin: bytes, words: str
) -> None:
    assert words in run("check", "--policy", policy_file, *arguments, stdin=stdin).sentence


@pytest.mark.usefixtures("scripted")
def test_bytes_and_surrogates_that_are_no_text_are_judged_as_question_marks(run: Any, policy_file: Path) -> None:
    told = run("check", "--policy", policy_file, "--json", stdin=b'{"text": "a \\ud83d b"}')
    assert json.loads(told.out)["text"] == "a ? b"
    told = run("check", "--policy", policy_file, "--json", "a \udcff b")
    assert json.loads(told.out)["text"] == "a ? b"


@pytest.mark.usefixtures("scripted")
def test_status_is_1_where_a_text_could_not_be_judged(run: Any, policy_file: Path) -> None:
    ran = run("check", "--policy", policy_file, "hello", "crash")
    assert ran.status == 1
    assert "died twice" in ran.err


@pytest.mark.usefixtures("scripted")
def test_for_people_each_text_is_shown_with_rule_actions_and_reason_and_can_do_nothing(
    run: Any, policy_file: Path
) -> None:
    ran = run("check", "--policy", policy_file, "spoiler 0.9 \x1b[2J\u202e", "spoiler 0.6", "hello")
    act, broken, why, review, asks, _, allow = ran.out.splitlines()
    assert act.startswith("act    0.90")
    assert "breaks rule 1: delete, timeout" in broken
    assert "It breaks rule 1. “spoiler”" in why
    assert review.startswith("review 0.60")
    assert "a human looks" in asks
    assert allow.startswith("allow  0.01")
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out


def test_a_model_that_is_missing_is_one_sentence_that_says_how_to_get_it(
    run: Any, policy_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAWSPEAKER_MODEL_DIR", str(tmp_path))
    monkeypatch.delenv("LAWSPEAKER_MODEL")
    assert "lawspeaker model pull default" in run("check", "--policy", policy_file, "hello").sentence


def test_a_model_that_is_no_gguf_is_one_sentence(
    run: Any, policy_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "m.gguf").write_text("some words")
    monkeypatch.setenv("LAWSPEAKER_MODEL", str(tmp_path / "m.gguf"))
    assert "GGUF" in run("check", "--policy", policy_file, "hello").sentence


@pytest.mark.model
def test_the_real_command_with_the_real_model_prints_json_only_with_a_probability_per_rule(
    tiny: Any, policy_file: Path
) -> None:
    policy_file.write_text("1. No homework. [flag]\n2. No recipes. [flag]\n")
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "check", "--policy", policy_file, "--json"],
        input='{"text": "the butler did it"}\n{"text": "good morning"}\n',
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["text"], second["text"]) == ("the butler did it", "good morning")
    assert set(first["rules"]) == {"1", "2"}
    assert (first["model"], first["model_digest"]) == ("tiny", tiny.digest)
    assert first["policy_digest"] == parse_policy(policy_file.read_text()).digest
    assert first["timings_ms"]["total"] > 0
