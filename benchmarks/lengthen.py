"""Fit what is different in long texts: `python -m benchmarks.lengthen`, some 20 minutes on 2 cores.

Each text of benchmarks/long is read with the rules it breaks and some others. The readout's weights for pairs are
corrected on these (logistic regression with a ridge, in the kernel's form). What topics, pair and "anything" are worth
together was weighed anew too, and dropped: on other texts it told less. To be run after `benchmarks.train`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.train import Kept
from bot.domain.evaluation import auroc
from bot.domain.normalise import normalise
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.judge.engine import Engine, EngineSettings
from bot.judge.judging import EngineScorer
from bot.judge.lengthened import LENGTHENED_FILE, Lengthened, pairs_digest, save_lengthened
from bot.judge.library import load_library
from bot.judge.models import default_model_dir, resolve_model
from bot.judge.prompts import rule_words
from bot.judge.reader import Reader
from bot.judge.readout import Floats, load_readout

FOLDER = Path(__file__).parent / "long"
RULES_READ = 3
FOLDS = 6
# Of 30, 100, 300 and 1,000 the best on texts left out; one broken pair counts as much as two that are not.
RIDGE = 30.0
_BROKEN_COUNTS = 2.0
_STEPS = 60


@dataclass(frozen=True, slots=True)
class LongText:
    """A text as the judge reads it, the rules it breaks, and the places of the rules that it is read with."""

    text: str
    broken: frozenset[str]
    places: tuple[int, ...]


def main() -> None:
    """Read, fit, say how well it does on texts left out, write."""
    parser = argparse.ArgumentParser(description="Fit the readout's correction for long texts.")
    parser.add_argument("--out", type=Path, default=LENGTHENED_FILE, help="where to write the correction")
    parser.add_argument("--features", type=Path, help="a file that keeps what the model said, for another fit")
    arguments = parser.parse_args()
    engine = Engine(
        resolve_model("default", default_model_dir()).path, EngineSettings(threads=len(os.sched_getaffinity(0)))
    )
    readout = load_readout()
    reader = Reader(load_library(), lambda text: engine.tokenize(text)[0], readout)
    scorer = EngineScorer(engine, reader, readout.layer)
    policy = parse_policy((FOLDER / "platform.md").read_text(encoding="utf-8"))
    words = [rule_words(rule.text, policy.fine) for rule in policy.rules]
    texts = load_long(policy)
    kept = Kept(arguments.features)
    asked = [(at, place) for at, text in enumerate(texts) for place in text.places]
    pairs = kept.read("pairs", [(words[place], texts[at].text) for at, place in asked], scorer.pairs)
    broken = np.array([policy.rules[place].key in texts[at].broken for at, place in asked])
    before = pairs @ readout.pair_weights[0] + readout.pair_bias[0]
    left_out = before.copy()
    folds = np.array([at % FOLDS for at, _ in asked])
    for fold in range(FOLDS):
        others = folds != fold
        weights, bias = corrected(pairs[others], before[others], broken[others])
        left_out[~others] += pairs[~others] @ weights + bias
    for name, odds in (("before", before), ("left out", left_out)):
        print(f"pairs, {name}: AUROC {auroc(list(odds[broken]), list(odds[~broken])):.3f}")
    save_lengthened(Lengthened(pairs_digest(readout), *corrected(pairs, before, broken)), arguments.out)


def load_long(policy: Policy, folder: Path = FOLDER) -> list[LongText]:
    """All texts, each with the rules it breaks and, by chance but always the same, others up to RULES_READ."""
    found = []
    for number, line in enumerate((folder / "platform.jsonl").read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        own = [place for place, rule in enumerate(policy.rules) if rule.key in row["rules"]]
        others = [place for place in range(len(policy.rules)) if place not in own]
        drawn = random.Random(number).sample(others, max(RULES_READ - len(own), 0))
        found.append(LongText(normalise(row["text"]), frozenset(row["rules"]), (*own, *drawn)))
    return found


def corrected(pairs: Floats, before: Floats, broken: Sequence[bool] | np.ndarray) -> tuple[Floats, float]:
    """Weights, shape (features,), and a bias to be added to log-odds `before` of pairs, shape (pairs, features).

    Logistic regression with a ridge on the weights alone; by Newton's method on the kernel of the pairs (representer
    theorem), half a step at a time.
    """
    wanted = np.asarray(broken, dtype=np.float64)
    counts = np.where(wanted > 0, _BROKEN_COUNTS, 1.0)
    kernel = pairs @ pairs.T
    size = len(wanted)
    share, bias = np.zeros(size), 0.0
    for _ in range(_STEPS):
        now = kernel @ share + bias
        chance = 1.0 / (1.0 + np.exp(-np.clip(before + now, -30.0, 30.0)))
        bend = counts * chance * (1.0 - chance) + 1e-6
        system = np.ones((size + 1, size + 1))
        system[:size, :size] = kernel + np.diag(RIDGE / bend)
        system[size, size] = 0.0
        step = np.linalg.solve(system, np.append(now - counts * (chance - wanted) / bend, 0.0))
        share, bias = (share + step[:size]) / 2, float((bias + step[size]) / 2)
    return pairs.T @ share, bias


if __name__ == "__main__":
    main()
