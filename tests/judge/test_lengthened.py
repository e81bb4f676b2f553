"""Long texts are read with a correction, lines of chat without."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.judge.correction import corrected_digest
from bot.judge.lengthened import (
    CHAT_TOKENS,
    LONG_TOKENS,
    lengthened_for,
    load_lengthened,
    long_share,
    save_lengthened,
)
from bot.judge.library import load_library
from bot.judge.reader import Reader
from bot.judge.readout import Readout, load_readout
from tests.judge.fakes import Words


@pytest.fixture(scope="module")
def readout() -> Readout:
    return load_readout()


def states() -> np.ndarray:
    width = load_readout().centre.size // 2
    return np.random.default_rng(5).normal(size=(2, width)).astype(np.float32)


def test_the_correction_that_is_shipped_was_fitted_to_the_readout_that_is_shipped(readout: Readout) -> None:
    assert load_lengthened().correction.readout_digest == corrected_digest(readout)


def test_a_readout_that_it_was_not_fitted_to_is_used_without_it(readout: Readout) -> None:
    assert lengthened_for(replace(readout, pair_bias=readout.pair_bias + 1.0)) is None
    assert lengthened_for(replace(readout, message_bias=readout.message_bias + 1.0)) is None
    assert lengthened_for(None) is None


def test_a_line_of_chat_is_no_long_text_and_an_essay_is_one() -> None:
    assert long_share(1) == long_share(CHAT_TOKENS) == 0.0
    assert long_share(LONG_TOKENS) == long_share(5_000) == 1.0
    assert long_share((CHAT_TOKENS + LONG_TOKENS) // 2) == pytest.approx(0.5)


def test_a_pair_is_corrected_in_proportion_to_the_texts_length(readout: Readout) -> None:
    reader = Reader(load_library(), Words(), readout)
    assert reader.lengthened is not None
    said = states()
    chat, half, essay = (float(reader.pair_odds(said, long)) for long in (0.0, 0.5, 1.0))
    assert chat == pytest.approx(float(readout.of_pairs(said)))
    assert essay - chat == pytest.approx(float(reader.lengthened.correction.of_pairs(said)))
    assert half == pytest.approx((chat + essay) / 2)
    assert abs(essay - chat) > 0.01


def test_a_messages_topics_are_corrected_in_proportion_to_its_length(readout: Readout) -> None:
    reader = Reader(load_library(), Words(), readout)
    assert reader.lengthened is not None
    said = states()
    chat, half, essay = (reader.message_odds(said, long) for long in (0.0, 0.5, 1.0))
    assert chat == pytest.approx(readout.of_messages(said))
    assert essay - chat == pytest.approx(reader.lengthened.correction.of_messages(said))
    assert half == pytest.approx((chat + essay) / 2)
    assert abs(essay - chat).max() > 0.01


def test_the_verdict_on_a_long_text_is_less_sure_than_the_same_on_a_line_of_chat(readout: Readout) -> None:
    reader = Reader(load_library(), Words(), readout)
    odds = np.array([6.0, 2.0, -4.0])
    chat, remark, comment, essay = (reader.tempered(odds, long) for long in (0.0, 0.125, 0.25, 1.0))
    assert chat.tolist() == odds.tolist()
    assert remark == pytest.approx((chat + essay) / 2)
    assert comment.tolist() == essay.tolist()
    assert np.ptp(essay) < np.ptp(chat)
    assert essay.argsort().tolist() == chat.argsort().tolist()


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "lengthened.npz"
    save_lengthened(load_lengthened(), file)
    again, shipped = load_lengthened(file), load_lengthened()
    assert again.correction.of_pairs(states()) == pytest.approx(shipped.correction.of_pairs(states()))
    assert again.sureness == shipped.sureness
    assert again.correction.of_messages(states()) == pytest.approx(shipped.correction.of_messages(states()))
