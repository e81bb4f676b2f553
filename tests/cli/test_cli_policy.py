"""`lawspeaker policy`: the linter and the parser, outside Discord."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

GOOD = '1. No spoilers for films. [delete]\n\n## Examples\n- "he dies at the end" breaks 1\n'


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_lint_ends_with_0_where_there_is_nothing_to_mend(run: Any, tmp_path: Path) -> None:
    ran = run("policy", "lint", write(tmp_path, "good.md", GOOD))
    assert ran.status == 0
    assert ran.out.endswith("good.md: nothing to mend\n")


def test_lint_ends_with_1_and_says_what_is_unclear(run: Any, tmp_path: Path) -> None:
    good, vague = write(tmp_path, "good.md", GOOD), write(tmp_path, "vague.md", "1. Be nice to all here. [warn]\n")
    ran = run("policy", "lint", good, vague)
    assert ran.status == 1
    assert "vague.md: warning: Rule 1 is unclear at “Be nice”" in ran.out


def test_a_note_is_told_but_no_problem(run: Any, tmp_path: Path) -> None:
    ran = run("policy", "lint", write(tmp_path, "p.md", GOOD.replace(" [delete]", "")))
    assert ran.status == 0
    assert "note: Rule 1 names no action" in ran.out


def test_lint_goes_on_after_a_file_that_is_no_policy_and_ends_with_2(run: Any, tmp_path: Path) -> None:
    ran = run("policy", "lint", write(tmp_path, "empty.md", " "), write(tmp_path, "good.md", GOOD))
    assert ran.status == 2
    assert "empty.md: The policy is empty" in ran.err
    assert "good.md: nothing to mend" in ran.out


def test_lint_with_json_is_one_object(run: Any, tmp_path: Path) -> None:
    empty, vague = write(tmp_path, "empty.md", ""), write(tmp_path, "vague.md", "1. Be nice to all here. [warn]\n")
    report = json.loads(run("policy", "lint", empty, vague, "--json").out)
    assert report["ok"] is False
    assert [bool(one["error"]) for one in report["files"]] == [True, False]
    assert report["files"][1]["findings"][0]["severity"] == "warning"
    assert report["files"][1]["findings"][0]["rule"] == "1"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"a" * 16_001, "16,001 characters"),
        (b"a" * 100_000, "too long"),
        (b"1. No spoilers. \xff\xfe", "UTF-8"),
        (b"1. No\x00spoilers.", "NUL"),
        (b"1. No spoilers. [explode]", "explode"),
        (b"\n".join(b"%d. No spoilers of kind %d." % (n, n) for n in range(1, 22)), "21 rules"),
    ],
)
def test_a_policy_that_cannot_be_used_is_one_sentence(run: Any, tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "bad.md"
    file.write_bytes(content)
    sentence = run("policy", "show", file).sentence
    assert words in sentence
    assert "bad.md" in sentence


def test_show_tells_how_a_policy_is_read(run: Any, policy_file: Path) -> None:
    shown = run("policy", "show", policy_file)
    assert "1. No spoilers for films. [delete, timeout 1h]" in shown.out
    read = json.loads(run("policy", "show", policy_file, "--json").out)
    assert read["title"] == "House policy"
    assert read["rules"][1] == {"key": "2", "text": "No trading of tickets.", "actions": ["flag"]}
    assert len(read["digest"]) == 64


def test_show_writes_a_line_of_json_per_file(run: Any, policy_file: Path) -> None:
    lines = run("policy", "show", policy_file, policy_file, "--json").out.splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["House policy"] * 2


def test_a_policys_text_does_nothing_to_the_terminal(run: Any, policy_file: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "p.md", "1. No \x1b[31mred\x1b[0m text\u202e at all. [flag]\n")
    for arguments in (("show", file), ("diff", policy_file, file), ("lint", file)):
        out = run("policy", *arguments).out
        assert "\x1b" not in out
        assert "\u202e" not in out
    assert "red" in run("policy", "diff", policy_file, file).out


def test_diff_shows_the_lines_and_which_rules_that_changes(run: Any, policy_file: Path, tmp_path: Path) -> None:
    text = policy_file.read_text().replace("[flag]", "[delete]") + "3. No maths homework.\n"
    new = write(tmp_path, "new.md", text)
    ran = run("policy", "diff", policy_file, new)
    assert ran.status == 1
    assert "-2. No trading of tickets. [flag]\n+2. No trading of tickets. [delete]\n" in ran.out
    told = json.loads(run("policy", "diff", policy_file, new, "--json").out)
    assert told["same"] is False
    assert told["rules"] == {"added": ["3"], "removed": [], "changed": ["2"]}
    back = json.loads(run("policy", "diff", new, policy_file, "--json").out)
    assert back["rules"]["removed"] == ["3"]


def test_diff_of_the_same_text_ends_with_0(run: Any, policy_file: Path) -> None:
    ran = run("policy", "diff", policy_file, policy_file)
    assert (ran.status, ran.out) == (0, "")
