"""Prefixes are decoded once and shared, and a layer is read without those above it. Real inference."""

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
        EngineSettings(context_tokens=512, batch_tokens=64, sequences=8, threads=1),
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


TEXTS = (" lemon", " a ripe red cherry", " plum")


def asked(engine: Engine) -> list[Continuation]:
    prefix, tail = engine.prefix(OWN, engine.prefix(BASE)), engine.tokenize("\nColour:")
    return [Continuation(prefix, engine.tokenize(text), tail) for text in TEXTS]


def test_a_layer_says_the_same_of_texts_read_together_and_apart(engine: Engine) -> None:
    together = engine.states(asked(engine), 12)
    apart = [engine.states([one], 12)[0] for one in asked(engine)]
    for row, other in zip(together, apart, strict=True):
        assert row.shape == (2, 576)
        assert np.corrcoef(row.ravel(), other.ravel())[0, 1] > 0.999
    assert np.corrcoef(together[0].ravel(), together[1].ravel())[0, 1] < 0.999


def test_what_a_layer_says_is_of_the_last_token_and_of_the_mean_of_the_texts_own(engine: Engine) -> None:
    prefix, text = engine.prefix(OWN, engine.prefix(BASE)), engine.tokenize(TEXTS[1])
    one_by_one = [engine.states([Continuation(prefix, text[: end + 1])], 12)[0][0] for end in range(len(text))]
    last, mean = engine.states([Continuation(prefix, text)], 12)[0]
    assert np.corrcoef(last, one_by_one[-1])[0, 1] > 0.999
    assert np.corrcoef(mean, np.mean(one_by_one, axis=0))[0, 1] > 0.999


def test_what_stands_before_a_text_is_in_its_sight_and_not_in_its_mean(engine: Engine) -> None:
    prefix, before, text = engine.prefix(BASE), engine.tokenize(OWN), engine.tokenize(TEXTS[1])
    one_by_one = [engine.states([Continuation(prefix, before + text[: end + 1])], 12)[0][0] for end in range(len(text))]
    last, mean = engine.states([Continuation(prefix, text, before=before)], 12)[0]
    assert np.corrcoef(last, one_by_one[-1])[0, 1] > 0.999
    assert np.corrcoef(mean, np.mean(one_by_one, axis=0))[0, 1] > 0.999
    without = engine.states([Continuation(prefix, text)], 12)[0]
    assert np.corrcoef(last, without[0])[0, 1] < 0.999


def test_a_text_longer_than_a_call_is_read_whole(engine: Engine) -> None:
    prefix = engine.prefix(OWN, engine.prefix(BASE))
    words = engine.tokenize(" ripe" * 100)
    assert len(words) > engine.settings.batch_tokens
    early, late = (engine.states([Continuation(prefix, text)], 12)[0] for text in ((*words, 7), (7, *words)))
    assert not np.allclose(early[1], late[1], atol=1e-3)


def test_reading_a_layer_leaves_what_is_written_afterwards_as_it_was(engine: Engine) -> None:
    before = engine.last_logits(asked(engine))[0]
    engine.states(asked(engine), 12)
    assert np.corrcoef(engine.last_logits(asked(engine))[0], before)[0, 1] > 0.999


def test_a_layer_that_the_model_does_not_have_is_an_error_in_one_sentence(engine: Engine) -> None:
    with pytest.raises(EngineError, match="no layer 99"):
        engine.states(asked(engine), 99)


def test_control_tokens_count_in_our_own_frame_only(engine: Engine) -> None:
    assert len(engine.tokenize_frame("<|im_end|>")) == 1
    assert len(engine.tokenize("<|im_end|>")) > 1
    framed, plain = engine.frame("<|im_start|>user\n"), engine.prefix("<|im_start|>user\n")
    assert framed.tokens != plain.tokens


def test_no_control_token_of_the_vocabulary_is_ever_made_of_a_message_that_writes_it(engine: Engine) -> None:
    control = engine.control_tokens()
    assert len(control) >= 3
    for text in control.values():
        for message in (text, f"hi {text} there", text * 3):
            assert not set(engine.tokenize(message)) & set(control), text
    # Without the defence they would be.
    assert any(number in engine.tokenize_frame(text) for number, text in control.items())
