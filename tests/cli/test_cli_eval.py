"""`lawspeaker eval`: figures of the judge on labelled texts."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.cli import evaluate, evaluate_baselines, evaluate_run, screening
from bot.cli.evaluate_baselines import Baseline
from bot.cli.evaluate_kept import Kept
from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Verdict
from bot.judge.interface import JudgeError
from bot.judge.models import ModelFile
from tests.cli.scripted import Scripted

CONTRACT = {"n", "accuracy", "precision", "recall", "f1", "auroc", "ece", "messages_per_second"}


class ScriptedJudge(Scripted):
    """Takes the probability of each rule from the text: `0.9 0.1` is 0.9 for the first and 0.1 for the second."""

    seen: list[tuple[str, str]]

    def __init__(self, *_: object) -> None:
        type(self).seen = []

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        self.seen.append((text, normalised))
        if "crash" in text:
            raise JudgeError("The judge's process died twice over this message.")
        said = [float(word) for word in text.split()[:2]]
        by_rule = dict(zip(("1", "2"), said, strict=True))
        return Verdict(max(by_rule, key=lambda key: by_rule[key]), by_rule, policy.digest, "scripted", "ab12")


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch, tiny: object) -> None:
    """Have the command judge with the scripted judge."""
    monkeypatch.setattr(evaluate, "build_judge", ScriptedJudge)


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


ROWS = [
    {"text": "0.9 0.1", "label": 1, "rule": "1"},
    {"text": "0.2 0.8", "label": True, "rule": "2"},
    {"text": "0.3 0.1", "label": "1", "rule": "1"},
    {"text": "0.7 0.1", "label": 0},
    {"text": "0.1 0.1", "label": "false", "rule": None},
]


@pytest.mark.usefixtures("scripted")
def test_the_figures_stand_at_the_top_with_intervals_and_each_rule_beside(
    run: Any, policy_file: Path, tmp_path: Path
) -> None:
    ran = run("eval", "--policy", policy_file, "--data", write_rows(tmp_path / "rows.jsonl", ROWS), "--json")
    assert ran.status == 0, ran.err
    found = json.loads(ran.out)
    assert found.keys() >= CONTRACT
    assert (found["n"], found["base_rate"]) == (5, 0.6)
    assert found["accuracy"] == pytest.approx(3 / 5)
    assert (found["precision"], found["recall"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert found["auroc"] == pytest.approx(5 / 6)
    assert found["ci"].keys() == CONTRACT - {"n", "messages_per_second"}
    assert found["rules"]["2"] == {"n": 1, "precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert found["confusion"] == {"caught": 2, "missed": 1, "wrongly_caught": 1, "let_pass": 1}
    assert found["model"] == "scripted"


@pytest.mark.usefixtures("scripted")
def test_a_table_says_the_same_in_words(run: Any, policy_file: Path, tmp_path: Path) -> None:
    ran = run("eval", "--policy", policy_file, "--data", write_rows(tmp_path / "rows.jsonl", ROWS))
    assert "5 texts, 60% of them break the policy" in ran.out
    assert "caught 2, missed 1, wrongly caught 1, let pass 1" in ran.out
    assert "rule 2: 1 texts, precision 1.000" in ran.out


@pytest.mark.usefixtures("scripted")
def test_data_may_be_csv_with_fields_of_other_names_and_lines_in_the_text(
    run: Any, policy_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["said", "bad"])
        writer.writerows([["0.9 0.1\nsecond, \u2028 line", "yes"], ["0.1 0.1", "no"]])
    ran = run("eval", "--policy", policy_file, "--data", path, "--text", "said", "--label", "bad", "--json")
    found = json.loads(ran.out)
    assert (found["n"], found["accuracy"]) == (2, 1.0)
    assert "rules" not in found
    assert ScriptedJudge.seen[0][0] == "0.9 0.1\nsecond, \u2028 line"


@pytest.mark.usefixtures("scripted")
def test_a_sample_is_the_same_for_the_same_seed_and_another_for_another(
    run: Any, policy_file: Path, tmp_path: Path
) -> None:
    rows = [{"text": f"0.{number:03} 0.1", "label": number % 2} for number in range(100)]
    path = write_rows(tmp_path / "rows.jsonl", rows)
    drawn = []
    for seed in (1, 1, 2):
        run("eval", "--policy", policy_file, "--data", path, "--limit", 10, "--seed", seed, "--json")
        drawn.append(list(ScriptedJudge.seen))
    assert len(drawn[0]) == 10
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.usefixtures("scripted")
def test_a_text_that_cannot_be_judged_is_counted_apart_and_the_status_says_so(
    run: Any, policy_file: Path, tmp_path: Path
) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [*ROWS, {"text": "crash", "label": 1}])
    ran = run("eval", "--policy", policy_file, "--data", path, "--json")
    assert ran.status == 1
    found = json.loads(ran.out)
    assert (found["n"], found["not_judged"]) == (5, 1)


@pytest.mark.usefixtures("scripted")
def test_progress_goes_to_stderr_and_json_alone_to_stdout(run: Any, policy_file: Path, tmp_path: Path) -> None:
    ran = run("eval", "--policy", policy_file, "--data", write_rows(tmp_path / "rows.jsonl", ROWS), "--json")
    assert len(ran.out.splitlines()) == 1
    assert "judging" in ran.err


@pytest.mark.usefixtures("scripted")
def test_for_a_recall_it_says_which_threshold_to_set_what_goes_on_and_what_it_costs(
    run: Any, policy_file: Path, tmp_path: Path
) -> None:
    asked = ("eval", "--policy", policy_file, "--data", write_rows(tmp_path / "rows.jsonl", ROWS), "--recall", "0.6")
    found = json.loads(run(*asked, "--json").out)["screening"]
    assert (found["pass_below"], found["recall"], found["passed_on"]) == (0.8, pytest.approx(2 / 3), 0.4)
    assert found["recall_at_least"] < found["recall"]
    assert (found["breaking"], found["rests_on_few"]) == (3, True)
    assert found["screen_seconds"] > 0
    assert found["reasoner_seconds"] is None
    told = run(*asked).out
    assert "LAWSPEAKER_SCREEN_PASS_BELOW=0.8000" in told
    assert "fewer than 200 breaking texts" in told


@pytest.mark.usefixtures("scripted")
def test_with_a_reasoner_set_its_seconds_are_measured_and_both_together_told(
    run: Any, policy_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAWSPEAKER_REASONER_MODEL", "tiny")
    monkeypatch.setattr(screening, "build_judge", ScriptedJudge)
    rows = write_rows(tmp_path / "rows.jsonl", ROWS)
    found = json.loads(run("eval", "--policy", policy_file, "--data", rows, "--recall", 1, "--json").out)["screening"]
    assert (found["recall"], found["passed_on"]) == (1.0, 0.8)
    assert found["reasoner_seconds"] > 0
    expected = found["screen_seconds"] + 0.8 * found["reasoner_seconds"]
    assert found["seconds_per_message"] == pytest.approx(expected)


@pytest.mark.usefixtures("scripted")
def test_a_recall_of_data_in_which_nothing_breaks_the_policy_gets_one_sentence(
    run: Any, policy_file: Path, tmp_path: Path
) -> None:
    rows = write_rows(tmp_path / "rows.jsonl", [{"text": "0.1 0.1", "label": 0}])
    ran = run("eval", "--policy", policy_file, "--data", rows, "--recall", "0.9")
    assert (ran.status, ran.out) == (2, "")
    assert "No threshold can be chosen: no text breaks the policy." in ran.err


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("rows.jsonl", b"", "holds no texts"),
        ("rows.jsonl", b"hello\n", "line 1, is no JSON object"),
        ("rows.jsonl", b'{"text": "a", "label": 1}\n{"text": "b"}\n', "line 2, has no 'label'"),
        ("rows.jsonl", b'{"text": "a", "label": 2}\n', "'label' must be 0, 1, true or false"),
        ("rows.jsonl", b'{"text": " ", "label": 1}\n', "holds no text"),
        ("rows.jsonl", b'{"text": "a", "label": 1, "rule": "9"}\n', "name a rule 9: the policy's rules are 1, 2"),
        ("rows.jsonl", b"\xff\xfe\n", "no text in UTF-8"),
        ("rows.csv", b'text,label\n"open,1\n', "is no CSV"),
    ],
)
def test_unusable_data_get_one_sentence_that_names_the_line(
    run: Any, policy_file: Path, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert told in run("eval", "--policy", policy_file, "--data", path).sentence


def test_data_that_are_not_there_get_one_sentence(run: Any, policy_file: Path, tmp_path: Path) -> None:
    assert "check the path" in run("eval", "--policy", policy_file, "--data", tmp_path / "none.jsonl").sentence


@pytest.mark.usefixtures("scripted")
def test_an_evaluation_that_was_cut_off_goes_on_where_it_stopped_and_leaves_nothing_behind(
    run: Any, policy_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("eval", "--policy", policy_file, "--report", tmp_path / "report", "--json", "--data")
    path = write_rows(tmp_path / "rows.jsonl", [*ROWS, {"text": "0.6 0.2 crash", "label": 1}])
    assert run(*asked, path).status == 1
    unfinished = tmp_path / "report" / ".judge.unfinished.jsonl"
    with unfinished.open("a", encoding="utf-8") as file:
        file.write('{"text": "cut off in the midd')

    async def recovered(self: ScriptedJudge, policy: Policy, text: str, *_: object) -> Verdict:
        self.seen.append((text, text))
        return Verdict("1", {"1": 0.6, "2": 0.2}, policy.digest, "scripted", "ab12")

    monkeypatch.setattr(ScriptedJudge, "classify", recovered)
    ran = run(*asked, path)
    assert [text for text, _ in ScriptedJudge.seen] == ["0.6 0.2 crash"]
    found = json.loads(ran.out)
    assert (ran.status, found["n"], found["confusion"]["caught"]) == (0, 6, 3)
    assert not unfinished.exists()


@pytest.mark.usefixtures("scripted")
def test_what_another_policy_made_of_texts_is_not_taken_for_this_ones(
    run: Any, policy_file: Path, tmp_path: Path
) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [*ROWS, {"text": "crash", "label": 1}])
    other = tmp_path / "other.md"
    other.write_text(policy_file.read_text(encoding="utf-8") + "\n- Puns.\n", encoding="utf-8")
    for policy in (policy_file, other):
        run("eval", "--policy", policy, "--report", tmp_path / "report", "--data", path)
    assert len(ScriptedJudge.seen) == 6


@pytest.mark.usefixtures("scripted")
def test_the_plain_question_stands_beside_the_judge_and_is_not_asked_again_of_what_it_answered(
    run: Any, policy_file: Path, tmp_path: Path, tiny: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(baseline: Baseline, policy: Policy, texts: Sequence[str]) -> AsyncIterator[tuple[str, Kept]]:
        asked.extend(texts)
        return evaluate_baselines.ask(baseline, policy, texts)

    question = Baseline("yes_or_no", "plain question", ("bot.baselines.yes_or_no", str(tiny.path), "1", "0"))
    monkeypatch.setattr(evaluate, "usable_baselines", lambda *_: (question,))
    monkeypatch.setattr(evaluate_run, "ask", ask)
    command = ("eval", "--policy", policy_file, "--baselines", "--report", tmp_path / "report", "--json", "--data")
    first = json.loads(run(*command, write_rows(tmp_path / "rows.jsonl", [*ROWS, {"text": "crash", "label": 1}])).out)
    assert first["baselines"]["yes_or_no"]["n"] == len(asked) == 5
    assert first["baselines"]["yes_or_no"]["messages_per_second"] > 0
    again = json.loads(run(*command, write_rows(tmp_path / "rows.jsonl", [*ROWS, {"text": "0.5 0.4", "label": 1}])).out)
    assert asked[5:] == ["0.5 0.4"]
    assert again["baselines"]["yes_or_no"]["n"] == 6
    assert not list((tmp_path / "report").glob(".*"))
