"""Prefixes are decoded once and shared: a card behind the library's text costs its own tokens only. Real inference."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from bot.judge.engine import Continuation, Engine, EngineError, EngineSettings
from bot.judge.models import default_model_dir, resolve_model

BASE = "Fruit sorted by colour.\n\nFruit: banana\nColour: yellow\n\n"
OWN = "Fruit: cherry\nColour: red\n\nFruit:"
ASKED = " lemon\nColour:"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine(
        resolve_model("tiny", default_model_dir()).path,
        EngineSettings(context_tokens=512, batch_tokens=64, sequences=8),
    )
    yield made
    made.close()


def last(engine: Engine, text: str, base: str | None) -> np.ndarray:
    prefix = engine.prefix(text, engine.prefix(base) if base else None)
    return engine.last_logits([Continuation(prefix, engine.tokenize(ASKED))])[0]


def test_a_prefix_behind_another_is_read_as_if_both_were_one_text(engine: Engine) -> None:
    apart, whole = last(engine, OWN, BASE), last(engine, BASE + OWN, None)
    assert int(apart.argmax()) == int(whole.argmax())
    assert np.corrcoef(apart, whole)[0, 1] > 0.999


def test_a_prefix_behind_another_holds_its_own_tokens_only_and_is_decoded_once(engine: Engine) -> None:
    base = engine.prefix(BASE)
    prefix = engine.prefix(OWN, base)
    assert prefix.tokens == base.tokens + engine.tokenize(OWN)
    assert prefix.own == len(engine.tokenize(OWN))
    assert engine.prefix(OWN, base) is prefix


def test_the_least_used_prefixes_make_room_but_never_the_one_that_is_built_upon(engine: Engine) -> None:
    base = engine.prefix(BASE)
    for number in range(16):
        engine.prefix(f"Fruit number {number}: " + "ripe " * 40 + "\n\nFruit:", base)
        assert engine.prefix(BASE) is base
    assert engine.longest_continuation(base) > 0


def test_what_is_longer_than_the_context_is_refused_in_one_sentence(engine: Engine) -> None:
    with pytest.raises(EngineError, match="too long for the model's context"):
        engine.prefix("ripe " * 2_000, engine.prefix(BASE))
