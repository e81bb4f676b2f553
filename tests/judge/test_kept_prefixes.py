"""Texts are read once on a machine, not at each start, and then say the same. Real inference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from bot.judge.cells import CellsError, with_layers_above, without_layers_above
from bot.judge.engine import Continuation, Engine, EngineError, EngineSettings, Keep, Prefix
from bot.judge.kept import KeptFolder
from bot.judge.kept_prefixes import KeptPrefixes
from bot.judge.models import ModelFile

pytestmark = pytest.mark.model

BASE = "Fruit sorted by colour.\n\n" + "Fruit: banana\nColour: yellow\n\nFruit: cherry\nColour: red\n\n" * 4
OWN = "Vegetables too.\n\n" + "Vegetable: leek\nColour: green\n\nVegetable: beet\nColour: red\n\n" * 4
TEXTS = 150  # tokens of both, at least
ASKED = "Vegetable: pea\nColour:"
LAYER = 12

Start = Callable[..., Engine]


@pytest.fixture
def start(tiny: ModelFile, tmp_path: Path) -> Iterator[Start]:
    """Load the model anew, as at each start of the program."""
    engines: list[Engine] = []

    def start(digest: str = "a model") -> Engine:
        kept = KeptPrefixes(KeptFolder(tmp_path / "prefixes"), digest)
        engines.append(Engine(tiny.path, EngineSettings(context_tokens=512, sequences=16, threads=1, kept=kept)))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


def files(folder: Path) -> list[Path]:
    return sorted((folder / "prefixes").iterdir())


def prefix(engine: Engine, layer: int | None = None) -> Prefix:
    base = engine.prefix(BASE, layer=layer, keep=Keep.SHARED)
    return engine.prefix(OWN, base, layer=layer, keep=Keep.POLICY)


def answer(engine: Engine) -> np.ndarray:
    return engine.last_logits([Continuation(prefix(engine), engine.tokenize(ASKED))])[0]


def states(engine: Engine, layer: int | None = LAYER) -> np.ndarray:
    return engine.states([Continuation(prefix(engine, layer), engine.tokenize(ASKED))], LAYER)[0]


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


@pytest.mark.parametrize("read", [answer, states])
def test_what_was_read_before_is_not_read_again_and_says_the_same_to_the_bit(
    start: Start, tmp_path: Path, decoded: list[int], read: Callable[[Engine], np.ndarray]
) -> None:
    first = read(start())
    assert {file.suffix for file in files(tmp_path)} == {".shared", ".policy"}
    decoded.clear()
    engine = start()
    again = read(engine)
    assert sum(decoded) == len(engine.tokenize(ASKED))
    assert np.array_equal(first, again)


def test_a_prefix_read_up_to_a_layer_says_there_what_the_whole_says(start: Start) -> None:
    engine = start()
    # They lie elsewhere in the cache, and are added up in another order.
    assert np.corrcoef(states(engine).ravel(), states(engine, None).ravel())[0, 1] > 0.999


def test_behind_a_prefix_read_up_to_a_layer_nothing_above_is_read_or_written(start: Start) -> None:
    engine = start()
    asked = [Continuation(prefix(engine, LAYER), engine.tokenize(ASKED))]
    for read in (
        lambda: engine.last_logits(asked),
        lambda: engine.states(asked, LAYER + 1),
        lambda: engine.begin(asked, 5, bool),
        lambda: engine.prefix("more", asked[0].prefix),
    ):
        with pytest.raises(EngineError, match="not read in"):
            read()


def test_a_prefix_read_up_to_a_layer_keeps_nothing_of_the_layers_above(start: Start, tmp_path: Path) -> None:
    """What stands there is left over from other texts, a member's among them, and must not reach the disk."""
    engine = start()
    prefix(engine)
    whole = {file.name: file.stat().st_size for file in files(tmp_path)}
    prefix(engine, LAYER)
    short = [file.stat().st_size for file in files(tmp_path) if file.name not in whole]
    layers = llama_cpp.llama_model_n_layer(engine._model)
    for long, cut in zip(sorted(whole.values()), sorted(short), strict=True):
        assert cut / long == pytest.approx((LAYER + 1) / layers, rel=0.01)


def test_cells_come_back_with_zeros_in_the_layers_that_were_left_out(start: Start, tmp_path: Path) -> None:
    prefix(start())
    state = files(tmp_path)[0].read_bytes()[50:]
    short = without_layers_above(state, LAYER)
    back = with_layers_above(short, LAYER)
    assert len(back) == len(state)
    assert without_layers_above(back, LAYER) == short
    assert back.count(0) > state.count(0)


@pytest.mark.parametrize("cells", [b"", b"abc", bytes(64), bytes(range(256)) * 4])
def test_cells_of_another_form_are_refused(cells: bytes) -> None:
    with pytest.raises(CellsError):
        without_layers_above(cells, LAYER)
    with pytest.raises(CellsError):
        with_layers_above(cells, LAYER)


def test_a_prefix_that_was_kept_shares_the_cells_of_the_one_before_it(start: Start) -> None:
    rooms = []
    for _ in range(2):
        engine = start()
        rooms.append(engine.longest_continuation(prefix(engine)))
    assert rooms[0] == rooms[1]
    # As much as is promised also fits.
    engine.last_logits([Continuation(engine.prefix(BASE), tuple(range(100, 100 + rooms[1])))])


def test_a_broken_file_is_named_in_one_line_read_anew_and_replaced(
    start: Start, tmp_path: Path, decoded: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    first = answer(start())
    whole = [file.read_bytes() for file in files(tmp_path)]
    for file in files(tmp_path):
        file.write_bytes(file.read_bytes()[:1_000])
    decoded.clear()
    assert np.array_equal(first, answer(start()))
    assert sum(decoded) > TEXTS
    assert [file.read_bytes() for file in files(tmp_path)] == whole
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("is broken: it is removed and made anew" in line and "Fruit" not in line for line in lines)


def test_another_models_files_are_not_taken(start: Start, decoded: list[int]) -> None:
    answer(start())
    decoded.clear()
    answer(start("another model"))
    assert sum(decoded) > TEXTS


def test_what_is_not_said_to_be_kept_is_not(start: Start, tmp_path: Path) -> None:
    engine = start()
    engine.prefix("a rule " * 60, engine.frame(BASE))
    assert not (tmp_path / "prefixes").exists()
