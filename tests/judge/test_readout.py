"""The trained readout that is shipped fits the packs and the model that are shipped; another's is not used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.judge.library import load_library
from bot.judge.models import load_catalogue
from bot.judge.reader import Reader
from bot.judge.readout import features, load_readout, readout_for, save_readout
from tests.judge.fakes import Words

LIBRARY = load_library()


def test_the_shipped_readout_was_trained_for_the_shipped_packs() -> None:
    reader = Reader(LIBRARY, Words(), load_readout())
    assert load_readout().text_digest == reader.digest, "run `python -m benchmarks.train`"
    assert load_readout().outputs == (*(topic.label for topic in LIBRARY.topics), "anything")
    assert reader.readout is load_readout()


def test_the_shipped_readout_is_for_the_default_model_and_no_other() -> None:
    catalogue = load_catalogue()
    assert readout_for(catalogue["default"].sha256) is load_readout()
    assert readout_for(catalogue["tiny"].sha256) is None


def test_a_readout_of_another_librarys_text_is_left_aside() -> None:
    words = Words()
    reader = Reader(LIBRARY, words, replace(load_readout(), text_digest="0" * 64))
    assert reader.readout is None
    odds = reader.message_odds(words.logits({"ordinary": 3.0, "report": -40.0, "scams": 1.0}))
    place = next(i for i, topic in enumerate(LIBRARY.topics) if topic.label == "scams")
    assert odds[place] == pytest.approx(-2.0, abs=0.01)


def test_features_do_not_depend_on_how_large_a_state_is() -> None:
    states = np.random.default_rng(1).normal(size=(3, 2, 1_536)).astype(np.float32)
    assert features(states).shape == (3, 2 * 1_536)
    assert features(states) == pytest.approx(features(states * np.float32(7.0)), abs=1e-4)


def test_a_readout_is_the_same_once_written_and_read(tmp_path: Path) -> None:
    save_readout(load_readout(), tmp_path / "readout.npz")
    again = load_readout(tmp_path / "readout.npz")
    rows = np.random.default_rng(2).normal(size=(3, 2, 1_536)).astype(np.float32)
    assert again.of_messages(rows) == pytest.approx(load_readout().of_messages(rows))
    assert again.of_pairs(rows) == pytest.approx(load_readout().of_pairs(rows))
    assert again.blend == pytest.approx(load_readout().blend)
    assert again.of_rules(rows) == pytest.approx(load_readout().of_rules(rows))
