"""`lawspeaker sandbox`: the real bot, the real model, a server of its own; every line settled, once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.judge.models import ModelFile
from bot.resources import resource_dir

KEYS = set(
    "text violates rule probability rules decision actions rationale quote policy_digest model model_digest method "
    "timings_ms message_id revision channel author case".split()
)


def replay(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", "sandbox", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=480,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
        check=False,
    )


def chat(folder: Path, *rows: Any) -> Path:
    path = folder / "chat.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def line(content: str, author: str = "ash", channel: str = "general") -> dict[str, str]:
    return {"author": author, "channel": channel, "content": content}


@pytest.mark.model
def test_every_line_of_a_replay_is_settled_once_and_printed_as_one_line_of_json(
    tiny: ModelFile, tmp_path: Path
) -> None:
    rows = [line("hello"), line("hello"), line("a word \u001b[31m in red", "böris 🦊", "a-new-channel")]
    policy = tmp_path / "policy.md"
    policy.write_text("# House\n\n## Rules\n1. No spam. [delete, ban]\n", encoding="utf-8")
    answer = replay("--policy", policy, "--replay", chat(tmp_path, *rows), "--exit", "--json", LAWSPEAKER_MODEL="tiny")
    assert answer.returncode == 0, answer.stderr
    settled = [json.loads(row) for row in answer.stdout.splitlines()]
    assert sorted((one["author"], one["channel"], one["text"]) for one in settled) == sorted(
        (one["author"], one["channel"], one["content"]) for one in rows
    )
    assert all(set(one) == KEYS for one in settled)
    assert len({one["message_id"] for one in settled}) == 3
    assert {one["model"] for one in settled} == {"tiny"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("not json", "line 2 is no JSON"),
        pytest.param("[" * 100_000, "line 2 is no JSON", id="nested too deeply"),
        ({"author": "ash", "content": "no channel"}, 'line 2 needs the texts "author", "channel" and "content"'),
        (line("  "), "line 2 must have a content of 1 to 2,000 characters"),
        (line("x" * 2_001), "line 2 must have a content of 1 to 2,000 characters"),
        (line("hi", author=" "), "line 2 names no author or no channel"),
    ],
)
def test_a_line_that_cannot_be_posted_is_named_before_anything_starts(
    run: Any, tmp_path: Path, row: Any, words: str
) -> None:
    answer = run("sandbox", "--replay", str(chat(tmp_path, line("fine"), row)))
    assert answer.status == 2
    assert words in answer.err
    assert answer.err.count("\n") == 1


def test_files_that_are_not_there_are_one_sentence_each(run: Any, tmp_path: Path) -> None:
    for option in ("--policy", "--replay"):
        answer = run("sandbox", option, str(tmp_path / "nothing"))
        assert (answer.status, answer.err.count("\n")) == (2, 1)


@pytest.mark.default_model
def test_the_example_chat_is_moderated_end_to_end_by_the_default_model(tmp_path: Path) -> None:
    """What the shipped example shows: each broken rule is named, each quote is in its message, the rest is let be."""
    expected = {
        "quickgift": "2",
        "saltmarsh": "1",
        "drumlin": "3",
        "weathervane": "4",
    }
    answer = replay("--exit", "--json", LAWSPEAKER_MODEL="default")
    if "lawspeaker model pull default" in answer.stderr:
        pytest.skip("the default model was not pulled")
    assert answer.returncode == 0, answer.stderr
    settled = [json.loads(row) for row in answer.stdout.splitlines()]
    rows = (resource_dir("sandbox/example") / "chat.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(settled) == len(rows)
    found = {one["author"]: one["rule"] for one in settled if one["violates"]}
    assert found == expected
    for one in settled:
        if one["violates"]:
            assert one["rationale"]
            assert one["quote"]
            assert one["quote"] in one["text"]
    deleted = {
        one["author"]
        for one in settled
        for action in one["actions"]
        if (action["kind"], action["outcome"]) == ("delete", "done")
    }
    assert deleted <= {"quickgift", "saltmarsh"}
