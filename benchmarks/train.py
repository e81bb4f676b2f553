"""Train the readout of the default model: `python -m benchmarks.train`, about two hours on 2 cores.

Reads every training text once, as the judge would, fits linear weights for each question, says how well they do on
policies left out of the fit, and writes bot/judge/readout.npz. To be run again when packs or training change.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from rich.progress import track

from benchmarks.fitting import Mask, fit
from benchmarks.parts import ANYTHING, FOLDS, Part
from benchmarks.training_data import Pair, Text, Training, load_training
from bot.judge.card import WORTH_READING
from bot.judge.engine import Engine, EngineSettings
from bot.judge.examples import library_examples
from bot.judge.judging import EngineScorer
from bot.judge.library import load_library
from bot.judge.models import default_model_dir, resolve_model
from bot.judge.reader import Reader
from bot.judge.readout import READOUT_FILE, Floats, Logits, Readout, features, save_readout

Places = npt.NDArray[np.int64]
T = TypeVar("T")

SEED = 0
TOKENS = 4096
# Of the default model's 151,936 tokens the last are markup or never used.
WORDS = 151_000
TOGETHER = 32
# Added to the log-odds of rules on topics and of those on none, and what they are multiplied by. For rules on topics
# chosen on benchmarks/cases; those on none are found too seldom without, and are seldom sure enough to act.
LEAN = (0.3, 0.9)
SHARPEN = (1.6, 1.0)


def main() -> None:
    """Read, fit, write, check."""
    parser = argparse.ArgumentParser(description="Train the readout of a model.")
    parser.add_argument("--model", default="default", help="a name of the catalogue")
    parser.add_argument("--out", type=Path, default=READOUT_FILE, help="where to write the readout")
    parser.add_argument("--features", type=Path, help="a file that keeps what the model said, for another fit")
    arguments = parser.parse_args()
    library = load_library()
    training = load_training(library, frozenset(text for text, _ in library_examples(library)))
    file = resolve_model(arguments.model, default_model_dir())
    engine = Engine(file.path, EngineSettings(threads=len(os.sched_getaffinity(0))))
    reader = Reader(library, lambda word: engine.tokenize(f" {word}")[0], None)
    scorer = EngineScorer(engine, reader)
    tokens = chosen_tokens(engine)
    kept = Features(tokens, arguments.features)
    topics = tuple(topic.label for topic in library.topics)

    rows = kept.read("messages", [text.text for text in training.messages], scorer.messages)
    messages = Part("messages", training.messages, rows, (*topics, ANYTHING), training.overlapping)
    rows = kept.read("rules", [text.text for text in training.rules], scorer.rules)
    rules = Part("rules", training.rules, rows, topics)
    groups = sorted({text.group for text in (*training.messages, *training.rules, *training.pairs)})
    folds = {group: number % FOLDS for number, group in enumerate(groups)}
    message_odds = messages.left_out([folds[text.group] for text in training.messages])
    messages.report(message_odds, _of_policies(training.messages))
    rules.report(rules.left_out([folds[text.group] for text in training.rules]), _of_policies(training.rules))

    asked, by_topics = worth_reading(training, message_odds, topics)
    of_policies = np.arange(len(asked) + len(training.pairs)) < len(asked)
    asked += training.pairs
    rows = kept.read("pairs", [(pair.rule, pair.text) for pair in asked], scorer.pairs)
    texts = tuple(Text(pair.text, pair.topics, pair.breaks, pair.group) for pair in asked)
    pairs = Part("pairs", texts, rows, (ANYTHING,))
    by_pair = pairs.left_out([folds[pair.group] for pair in asked])[:, 0]
    on_topics = np.array([bool(pair.topics) for pair in asked])
    both = np.stack([np.pad(by_topics, (0, len(training.pairs))), by_pair, np.ones(len(asked))], axis=1)
    print("rules on topics")
    on_some = _blend(pairs, both, of_policies & on_topics, LEAN[0], SHARPEN[0])
    print("rules on none")
    on_none = _blend(pairs, both, of_policies & ~on_topics, LEAN[1], SHARPEN[1])
    print("pairs alone")
    pairs.report(by_pair[:, None], ~of_policies)

    readout = Readout(
        file.digest,
        reader.digest,
        messages.outputs,
        tokens,
        *messages.fitted(),
        *rules.fitted(),
        *pairs.fitted(),
        np.stack([on_some, on_none]),
        messages.rows.mean(axis=0),
    )
    save_readout(readout, arguments.out)


def chosen_tokens(engine: Engine) -> Places:
    """Which tokens' logits are the features: any will do, if they are more than the model is wide."""
    words = min(engine.vocabulary, WORDS)
    return np.sort(np.random.default_rng(SEED).choice(words, TOKENS, replace=False))


def worth_reading(training: Training, odds: Floats, topics: Sequence[str]) -> tuple[list[Pair], Floats]:
    """The pairs of policies that the judge would read, and the log-odds of their rules' topics, shape (pairs,).

    `odds` are those of the training messages by weights that were fitted without them. Rules on no topic are read
    with every message; for them the log-odds are those of breaking anything.
    """
    by_text = {(text.group, text.text): row for text, row in zip(training.messages, odds, strict=True)}
    rows = [by_text[pair.group, pair.text] for pair in training.of_policies]
    likeliest = np.array(
        [
            max((row[topics.index(topic)] for topic in pair.topics), default=row[-1])
            for pair, row in zip(training.of_policies, rows, strict=True)
        ]
    )
    read = np.array([not pair.topics for pair in training.of_policies]) | (likeliest > WORTH_READING)
    return [pair for pair, wanted in zip(training.of_policies, read, strict=True) if wanted], likeliest[read]


def _blend(pairs: Part, both: Floats, which: Mask, lean: float, sharpen: float) -> Floats:
    """Weights, shape (3,), of the columns of `both`, shape (pairs, 3), fitted on the pairs in `which`."""
    broken, _ = pairs.labels(ANYTHING)
    found = fit(both[which, :2], broken[which], 1.0)
    for odds in (both[:, 0], both[:, 1], both @ found):
        pairs.report(odds[:, None], which)
    blend: Floats = sharpen * (found + np.array([0.0, 0.0, lean]))
    return blend


def _of_policies(texts: Sequence[Text]) -> Mask:
    """Which texts are of whole policies: those on which the check is reported."""
    return np.array([" " not in text.group and text.group not in {"packs", "single"} for text in texts])


class Features:
    """What the model said of texts, kept in a file if there is to be another fit."""

    def __init__(self, tokens: Places, kept: Path | None) -> None:
        """Features are the logits of `tokens`; those in the file `kept` are not read again."""
        self._tokens, self._kept = tokens, kept
        self._known: dict[str, npt.NDArray[np.float32]] = {}
        if kept and kept.exists():
            with np.load(kept) as held:
                self._known = dict(zip(held["texts"].tolist(), held["features"], strict=True))

    def read(self, what: str, texts: Sequence[T], score: Callable[[Sequence[T]], Logits]) -> Floats:
        """Features of all texts, shape (texts, tokens), by `score`."""
        missing = [text for text in dict.fromkeys(texts) if f"{what}:{text}" not in self._known]
        starts = range(0, len(missing), TOGETHER)
        for start in track(starts, description=f"reading {what}"):
            some = missing[start : start + TOGETHER]
            rows = features(score(some), self._tokens).astype(np.float32)
            self._known |= {f"{what}:{text}": row for text, row in zip(some, rows, strict=True)}
        if self._kept and missing:
            np.savez_compressed(self._kept, texts=list(self._known), features=np.stack(list(self._known.values())))
        return np.stack([self._known[f"{what}:{text}"] for text in texts]).astype(np.float64)


if __name__ == "__main__":
    main()
