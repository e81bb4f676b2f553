"""Long texts are read once on a machine, not at each start. Real inference."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from bot.judge.engine import Continuation, Engine, EngineSettings
from bot.judge.kept import MOST_FILES, KeptPrefixes
from bot.judge.models import ModelFile

pytestmark = pytest.mark.model

BASE = "Fruit sorted by colour.\n\n" + "Fruit: banana\nColour: yellow\n\nFruit: cherry\nColour: red\n\n" * 4
OWN = "Vegetables too.\n\n" + "Vegetable: leek\nColour: green\n\nVegetable: beet\nColour: red\n\n" * 4
TEXTS = 150  # tokens of both, at least
ASKED = "Vegetable: pea\nColour:"

Start = Callable[..., Engine]


@pytest.fixture
def start(tiny: ModelFile, tmp_path: Path) -> Iterator[Start]:
    """Load the model anew, as at each start of the program."""
    engines: list[Engine] = []

    def start(digest: str = "a model") -> Engine:
        kept = KeptPrefixes(tmp_path / "prefixes", digest)
        engines.append(Engine(tiny.path, EngineSettings(context_tokens=512, sequences=16, kept=kept)))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


def files(folder: Path) -> list[Path]:
    return sorted((folder / "prefixes").iterdir())


def answer(engine: Engine) -> np.ndarray:
    prefix = engine.kept_prefix(OWN, engine.kept_prefix(BASE))
    return engine.last_logits([Continuation(prefix, engine.tokenize(ASKED))])[0]


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens each call of llama.cpp decoded."""
    counts: list[int] = []
    decode = llama_cpp.llama_decode

    def counting(context: object, batch: object) -> int:
        counts.append(batch.n_tokens)  # type: ignore[attr-defined]
        return int(decode(context, batch))

    monkeypatch.setattr(llama_cpp, "llama_decode", counting)
    return counts


def test_what_was_read_before_is_not_read_again_and_says_the_same(
    start: Start, tmp_path: Path, decoded: list[int]
) -> None:
    first = answer(start())
    assert len(files(tmp_path)) == 2
    decoded.clear()
    engine = start()
    again = answer(engine)
    assert sum(decoded) == len(engine.tokenize(ASKED))
    assert np.array_equal(first, again)


def test_a_prefix_that_was_kept_shares_the_cells_of_the_one_before_it(start: Start) -> None:
    rooms = []
    for _ in range(2):
        engine = start()
        answer(engine)
        rooms.append(engine.longest_continuation(engine.kept_prefix(OWN, engine.kept_prefix(BASE))))
    assert rooms[0] == rooms[1]
    # As much as is promised also fits.
    engine.last_logits([Continuation(engine.kept_prefix(BASE), tuple(range(100, 100 + rooms[1])))])


def test_a_broken_file_is_read_anew_and_replaced(start: Start, tmp_path: Path, decoded: list[int]) -> None:
    first = answer(start())
    whole = [file.read_bytes() for file in files(tmp_path)]
    for file in files(tmp_path):
        file.write_bytes(file.read_bytes()[:1_000])
    decoded.clear()
    assert np.array_equal(first, answer(start()))
    assert sum(decoded) > TEXTS
    assert [file.read_bytes() for file in files(tmp_path)] == whole


def test_another_models_files_are_not_taken(start: Start, decoded: list[int]) -> None:
    answer(start())
    decoded.clear()
    answer(start("another model"))
    assert sum(decoded) > TEXTS


def test_the_files_used_longest_ago_make_room(start: Start, tmp_path: Path) -> None:
    answer(start())
    used = files(tmp_path)
    for number in range(MOST_FILES):
        old = tmp_path / "prefixes" / f"{number}.state"
        old.write_bytes(b"of a version before")
        os.utime(old, (number, number))
    answer(start("another model"))
    assert len(files(tmp_path)) == MOST_FILES
    assert set(used) <= set(files(tmp_path))


def test_what_servers_publish_is_not_kept(start: Start, tmp_path: Path) -> None:
    engine = start()
    engine.prefix("a rule " * 60, engine.frame(BASE))
    assert not (tmp_path / "prefixes").exists()


def test_a_folder_that_cannot_be_written_changes_nothing(start: Start, tmp_path: Path) -> None:
    (tmp_path / "prefixes").write_text("a file stands where the folder would")
    assert answer(start()).shape
