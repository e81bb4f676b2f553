"""A policy is compiled once on a machine; the card that was kept is the card that was compiled. No model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.domain.policy_text import parse_policy
from bot.judge.card import Card
from bot.judge.compile import Compiled, card_of, compiled
from bot.judge.kept import KeptFolder
from bot.judge.kept_cards import KeptCards
from bot.judge.library import load_library
from bot.judge.reader import Reader
from tests.judge.fakes import FixedScorer, Words, a_readout, states

POLICY = parse_policy(
    "1. No insults about the harbour. [delete]\n2. Boats stay in #boats. [flag]\n\n## Examples\n"
    '- "you seagull" breaks 1\n- "nice boat" is fine\n- "nobody has this rule" breaks 9\n'
)
ROW = states("any")


@pytest.fixture
def reader() -> Reader:
    words = Words()
    return Reader(load_library(), words, a_readout(Reader(load_library(), words, None)))


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def kept(tmp_path: Path, reader: Reader, said: list[str]) -> KeptCards:
    return KeptCards(KeptFolder(tmp_path, warn=said.append), "a model", reader)


@pytest.fixture
def fresh(reader: Reader) -> Compiled:
    return compiled(POLICY, reader, FixedScorer(ROW))


def odds(card: Card, reader: Reader) -> np.ndarray:
    return card.odds(reader.message_odds(ROW), {0: 1.0, 1: -1.0}, ROW, reader)


def test_the_card_that_was_kept_judges_as_the_one_that_was_compiled(
    kept: KeptCards, reader: Reader, fresh: Compiled
) -> None:
    assert kept.recall(POLICY) is None
    kept.keep(POLICY, fresh)
    found = kept.recall(POLICY)
    assert found is not None
    before, after = card_of(POLICY, reader, fresh), card_of(POLICY, reader, found)
    assert after.rules == before.rules
    assert after.broken == before.broken == (0, None)
    assert np.array_equal(odds(before, reader), odds(after, reader))


def test_a_card_is_of_one_policy_one_model_and_one_readout(
    kept: KeptCards, tmp_path: Path, reader: Reader, fresh: Compiled
) -> None:
    kept.keep(POLICY, fresh)
    assert kept.recall(parse_policy(POLICY.source + " ")) is None
    assert KeptCards(KeptFolder(tmp_path), "another model", reader).recall(POLICY) is None
    assert KeptCards(KeptFolder(tmp_path), "a model", Reader(load_library(), Words(), None)).recall(POLICY) is None


def test_nothing_of_the_policys_words_is_in_the_file(kept: KeptCards, tmp_path: Path, fresh: Compiled) -> None:
    kept.keep(POLICY, fresh)
    (file,) = tmp_path.iterdir()
    assert b"harbour" not in file.read_bytes()
    assert b"seagull" not in file.read_bytes()


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"[]\n",
        b'{"topics": [[0]], "shape": [0, 0]}\n',
        b'{"topics": [[999], []], "shape": [2, 1]}\n' + bytes(16),
        b'{"topics": [[0], []], "shape": [2, 9]}\n' + bytes(16),
    ],
    ids=["empty", "no card", "too few rules", "no such topic", "too few numbers"],
)
def test_what_does_not_fit_the_policy_is_named_and_compiled_anew(
    kept: KeptCards, tmp_path: Path, said: list[str], fresh: Compiled, held: bytes
) -> None:
    kept.keep(POLICY, fresh)
    (file,) = tmp_path.iterdir()
    KeptFolder(tmp_path).write(file.name, held)
    assert kept.recall(POLICY) is None
    assert not list(tmp_path.iterdir())
    assert said == [f"{file.name} among the kept prefixes does not fit its policy: it is removed and made anew."]
