"""`lawspeaker sandbox`: the real bot, the real model, a server of its own; every line settled, once."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
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


class AtTerminal:
    """The command in a process of its own whose input is a terminal, and all that it says, line by line."""

    def __init__(self, process: subprocess.Popen[str], terminal: int) -> None:
        self.process = process
        self._terminal = terminal
        self._said: Queue[str] = Queue()
        self._unmatched: list[str] = []
        for stream in (process.stdout, process.stderr):
            threading.Thread(target=self._listen, args=(stream,), daemon=True).start()

    def _listen(self, stream: Any) -> None:
        for row in stream:
            self._said.put(row.rstrip())

    def heard(self, pattern: str) -> re.Match[str]:
        """Wait for a line that matches, or take one from before: two streams come in whatever order."""
        for at, row in enumerate(self._unmatched):
            if found := re.search(pattern, row):
                del self._unmatched[at]
                return found
        while True:
            row = self._said.get(timeout=240)
            if found := re.search(pattern, row):
                return found
            self._unmatched.append(row)

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def at_terminal(*arguments: str | Path) -> Iterator[AtTerminal]:
    """Without a browser of its own, and with the tiny model."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "sandbox", "--no-browser", *map(str, arguments)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LAWSPEAKER_MODEL": "tiny"},
        # Tests that run in the background are deaf to Ctrl-C, and what they start would be; at a terminal nothing is.
        preexec_fn=_hear_interrupts,
    )
    os.close(theirs)
    try:
        yield AtTerminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.mark.model
def test_at_a_terminal_it_serves_the_page_posts_what_is_typed_and_stays_until_ctrl_c(
    tiny: ModelFile, tmp_path: Path
) -> None:
    with at_terminal("--port", "0", "--replay", chat(tmp_path, line("hello"))) as sandbox:
        url = sandbox.heard(r"The page is at (http://127\.0\.0\.1:\d+/app/)")[1]
        sandbox.heard("1 messages settled")
        sandbox.heard("Ctrl-C ends the sandbox")
        sandbox.type("what a fine day\n")
        sandbox.heard("#general you: what a fine day")
        with urllib.request.urlopen(url, timeout=20) as page:
            assert b"<title>" in page.read()
        sandbox.process.send_signal(signal.SIGINT)
        assert sandbox.process.wait(timeout=60) == 0


@pytest.mark.model
def test_the_end_of_the_input_ends_it_too(tiny: ModelFile, tmp_path: Path) -> None:
    with at_terminal("--port", "0", "--replay", chat(tmp_path, line("hello"))) as sandbox:
        sandbox.heard("Ctrl-C ends the sandbox")
        sandbox.type("\x04")
        assert sandbox.process.wait(timeout=60) == 0


def test_a_port_that_was_asked_for_and_is_taken_is_one_sentence(tiny: ModelFile) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, at_terminal("--port", str(taken.getsockname()[1])) as sandbox:
        sandbox.heard(r"^lawspeaker: Port \d+ is taken: name another with --port, or 0 for any free one\.$")
        assert sandbox.process.wait(timeout=60) == 2


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
