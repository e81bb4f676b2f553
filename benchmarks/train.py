"""Train the readout of the default model: `python -m benchmarks.train`, some three hours on 2 cores.

Reads every training text once, as the judge would, fits linear weights for each question, says how well they do on
policies left out of the fit, and writes bot/judge/readout.npz. To be run again when packs or training change, and
`python -m benchmarks.weigh` after it, which says what the questions' answers are worth together. Pairs take two of the
three hours: `--without-pairs` leaves their weights as they are.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from rich.progress import track

from benchmarks.fitting import Mask
from benchmarks.parts import ANYTHING, FOLDS, Part
from benchmarks.training_data import Pair, Text, Training, load_training
from bot.judge.card import WORTH_READING
from bot.judge.engine import Engine, EngineSettings
from bot.judge.library import load_library
from bot.judge.models import default_model_dir, resolve_model
from bot.judge.reader import Reader
from bot.judge.readout import READOUT_FILE, Floats, Layers, Readout, Said, features, load_readout, save_readout
from bot.judge.scoring import EngineScorer

T = TypeVar("T")

# Of the default model's 28, counted from 0. On a third of the messages 14, 16 and 18 told the same (left-out AUROC of
# topics 0.981), on a third of the pairs 12 less than 18, 15 and 20 much the same, 24 and the last less again.
LAYERS = Layers(messages=14, rules=18)
TOGETHER = 48
KEPT_EVERY = 20


def main() -> None:
    """Read, fit, write, check."""
    parser = fit_parser("Train the readout of a model.", READOUT_FILE)
    parser.add_argument("--model", default="default", help="a name of the catalogue")
    parser.add_argument("--without-pairs", action="store_true", help="leave what tells of pairs as it is")
    arguments = parser.parse_args()
    library = load_library()
    training = load_training(library)
    file = resolve_model(arguments.model, default_model_dir())
    engine = Engine(file.path, EngineSettings(threads=len(os.sched_getaffinity(0))))
    reader = Reader(library, lambda text: engine.tokenize(text)[0], None)
    scorer = EngineScorer(engine, reader, LAYERS)
    kept = Kept(arguments.features)
    topics = tuple(topic.label for topic in library.topics)

    rows = kept.read("messages", [text.text for text in training.messages], scorer.messages)
    messages = Part("messages", training.messages, rows, (*topics, ANYTHING), training.overlapping)
    rows = kept.read("rules", [text.text for text in training.rules], scorer.rules)
    rules = Part("rules", training.rules, rows, topics)
    groups = sorted({t.group for t in (*training.messages, *training.rules)} | {pair.group for pair in training.pairs})
    folds = {group: number % FOLDS for number, group in enumerate(groups)}
    message_odds = messages.left_out([folds[text.group] for text in training.messages])
    messages.report(message_odds, _those_of_policies(training.messages))
    rules.report(rules.left_out([folds[text.group] for text in training.rules]), _those_of_policies(training.rules))

    shipped = load_readout()
    if arguments.without_pairs:
        of_pairs = (shipped.pair_weights, shipped.pair_bias)
    else:
        asked = worth_reading(training, message_odds, topics)
        of_pairs = _of_pairs(training, asked, kept, scorer, folds)
    readout = Readout(
        file.digest,
        reader.digest,
        LAYERS,
        messages.outputs,
        *messages.fitted(),
        *rules.fitted(),
        *of_pairs,
        shipped.blend,
        messages.rows.mean(axis=0),
    )
    save_readout(readout, arguments.out)


def fit_parser(description: str, out: Path) -> argparse.ArgumentParser:
    """A command line of what every fit asks for: `--out`, a file to write, and `--features`, one for a `Kept`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, default=out, help="where to write what was fitted")
    parser.add_argument("--features", type=Path, help="a file that keeps what the model said, for another fit")
    return parser


def _of_pairs(
    training: Training, asked: list[Pair], kept: Kept, scorer: EngineScorer, folds: Mapping[str, int]
) -> tuple[Floats, Floats]:
    """Weights and bias that tell of pairs: those `asked`, of policies, and all others."""
    of_policies = np.arange(len(asked) + len(training.pairs)) < len(asked)
    asked = [*asked, *training.pairs]
    rows = kept.read("pairs", [(pair.rule, pair.text) for pair in asked], scorer.pairs)
    texts = tuple(Text(pair.text, pair.topics, pair.breaks, pair.group) for pair in asked)
    pairs = Part("pairs", texts, rows, (ANYTHING,))
    by_pair = pairs.left_out([folds[pair.group] for pair in asked])
    print("pairs alone")
    pairs.report(by_pair, ~of_policies)
    on_topics = np.array([bool(pair.topics) for pair in asked])
    print("rules on topics, then on none")
    pairs.report(by_pair, of_policies & on_topics)
    pairs.report(by_pair, of_policies & ~on_topics)
    return pairs.fitted()


def worth_reading(training: Training, odds: Floats, topics: Sequence[str]) -> list[Pair]:
    """The pairs of policies whose rule the topics leave possible, and all of rules on none.

    `odds` are those of the training messages by weights that were fitted without them.
    """
    by_text = {(text.group, text.text): row for text, row in zip(training.messages, odds, strict=True)}

    def possible(pair: Pair) -> bool:
        row = by_text[pair.group, pair.text]
        return not pair.topics or max(row[topics.index(topic)] for topic in pair.topics) > WORTH_READING

    return [pair for pair in training.of_policies if possible(pair)]


def of_policy(text: Text) -> bool:
    """Whether a text is of a whole policy, on which the check is reported."""
    return " " not in text.group and text.group not in {"packs", "single"}


def _those_of_policies(texts: Sequence[Text]) -> Mask:
    """Which texts are, shape (texts,)."""
    return np.array([of_policy(text) for text in texts])


class Kept:
    """What the model said of texts, kept in a file if there is to be another fit."""

    def __init__(self, file: Path | None) -> None:
        """What is in the file is not read again."""
        self._file = file
        self._known: dict[str, Said] = {}
        if file and file.exists():
            with np.load(file) as held:
                self._known = dict(zip(held["texts"].tolist(), held["said"], strict=True))

    def read(self, what: str, texts: Sequence[T], score: Callable[[Sequence[T]], Said]) -> Floats:
        """Features of all texts, shape (texts, features), by `score`."""
        missing = [text for text in dict.fromkeys(texts) if f"{what}:{text}" not in self._known]
        starts = range(0, len(missing), TOGETHER)
        for number, start in enumerate(track(starts, description=f"reading {what}"), start=1):
            some = missing[start : start + TOGETHER]
            rows = score(some).astype(np.float16)
            self._known |= {f"{what}:{text}": row for text, row in zip(some, rows, strict=True)}
            if number % KEPT_EVERY == 0 or number == len(starts):
                self._keep()
        return features(np.stack([self._known[f"{what}:{text}"] for text in texts]))

    def _keep(self) -> None:
        if self._file:
            np.savez(self._file, texts=list(self._known), said=np.stack(list(self._known.values())))


if __name__ == "__main__":
    main()
