"""Train the readout of the default model: `python -m benchmarks.train`, about 30 minutes on 2 cores.

Reads every training text once behind the library's text, fits one linear readout a topic, says how well it does on
policies left out of the fit, and writes bot/judge/readout.npz. To be run again when packs or training change.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.progress import track

from benchmarks.fitting import Mask, basis_of, fit, on_features
from benchmarks.measures import auroc
from benchmarks.training_data import Pairs, Text, Training, load_training
from bot.judge.engine import Engine, EngineSettings
from bot.judge.examples import library_examples
from bot.judge.judging import EngineScorer
from bot.judge.library import load_library
from bot.judge.models import default_model_dir, resolve_model
from bot.judge.prompts import own_text
from bot.judge.reader import Reader, text_digest
from bot.judge.readout import READOUT_FILE, Floats, Readout, features, save_readout

Places = npt.NDArray[np.int64]

SEED = 0
TOKENS = 4096
# Of the default model's 151,936 tokens the last are markup or never used.
WORDS = 151_000
FOLDS = 8
TOGETHER = 32
ANYTHING = "anything"
# Added to the log-odds of messages: among as many breaking as fine messages of policies left out of the fit, and on
# benchmarks/cases, most are judged rightly so.
LEAN = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two questions: texts with their features, shape (texts, tokens), and what is told of them."""

    name: str
    texts: tuple[Text, ...]
    rows: Floats
    outputs: tuple[str, ...]
    overlapping: Pairs

    def labels(self, output: str) -> tuple[Mask, Mask]:
        """Which texts are of an output, and which say anything for or against it; both of shape (texts,)."""
        if output == ANYTHING:
            return np.array([text.breaks for text in self.texts]), np.ones(len(self.texts), dtype=bool)
        positive = np.array([output in text.topics for text in self.texts])
        near = {other for pair in self.overlapping if output in pair for other in pair if other != output}
        return positive, positive | np.array([not text.topics & near for text in self.texts])

    def fitted(self, used: Mask) -> tuple[Floats, Floats]:
        """Weights, shape (outputs, tokens), and constants, shape (outputs,), fitted on the texts in `used`."""
        basis = basis_of(self.rows[used])
        coordinates = basis(self.rows)
        found = []
        for output in self.outputs:
            positive, counts = self.labels(output)
            counts &= used
            share = positive[counts].mean()
            # Between no correction for how rare a topic is and a full one.
            weight = 0.5 / np.sqrt(share) if 0 < share < 0.25 else 1.0
            found.append(on_features(basis, fit(coordinates[counts], positive[counts], weight)))
        return np.stack([weights for weights, _ in found]), np.array([constant for _, constant in found])


def main() -> None:
    """Read, fit, check, write."""
    parser = argparse.ArgumentParser(description="Train the readout of a model.")
    parser.add_argument("--model", default="default", help="a name of the catalogue")
    parser.add_argument("--out", type=Path, default=READOUT_FILE, help="where to write the readout")
    parser.add_argument("--features", type=Path, help="a file that keeps what the model said, for another fit")
    arguments = parser.parse_args()
    library = load_library()
    shown = frozenset(text for text, _ in library_examples(library))
    training = load_training(library, shown)
    file = resolve_model(arguments.model, default_model_dir())
    engine = Engine(file.path, EngineSettings(threads=len(os.sched_getaffinity(0))))
    reader = Reader(library, lambda word: engine.tokenize(f" {word}")[0], None)
    tokens = chosen_tokens(engine)
    messages, rules = _read(training, EngineScorer(engine, reader), tokens, arguments.features)
    topics = tuple(topic.label for topic in library.topics)
    parts = (
        Part("messages", training.messages, messages, (*topics, ANYTHING), training.overlapping),
        Part("rules", training.rules, rules, topics, Pairs()),
    )
    (weights, bias), of_rules = (part.fitted(np.ones(len(part.texts), dtype=bool)) for part in parts)
    names, centre = parts[0].outputs, messages.mean(axis=0)
    digest = text_digest(reader.text)
    save_readout(Readout(file.digest, digest, names, tokens, weights, bias + LEAN, *of_rules, centre), arguments.out)
    for part in parts:
        check(part)


def chosen_tokens(engine: Engine) -> Places:
    """Which tokens' logits are the features: any will do, if they are more than the model is wide."""
    words = min(engine.vocabulary, WORDS)
    return np.sort(np.random.default_rng(SEED).choice(words, TOKENS, replace=False))


def _read(training: Training, scorer: EngineScorer, tokens: Places, kept: Path | None) -> tuple[Floats, Floats]:
    """Features of all messages and of all rules; from the file `kept` where they are there already."""
    known: dict[str, Floats] = {}
    if kept and kept.exists():
        with np.load(kept) as held:
            known = dict(zip(held["texts"].tolist(), held["features"].astype(np.float64), strict=True))
    parts = {"messages": training.messages, "rules": training.rules}
    for what, texts in parts.items():
        missing = [text.text for text in texts if f"{what}:{text.text}" not in known]
        for some in track(list(_some(missing)), description=f"reading {what}"):
            rows = scorer.messages(own_text([], []), some) if what == "messages" else scorer.rules(some)
            known |= {f"{what}:{text}": row for text, row in zip(some, features(rows, tokens), strict=True)}
        if kept:
            held_now = np.stack(list(known.values())).astype(np.float32)
            np.savez_compressed(kept, texts=np.array(list(known)), features=held_now)
    messages, rules = (np.stack([known[f"{what}:{text.text}"] for text in texts]) for what, texts in parts.items())
    return messages, rules


def _some(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (texts[start : start + TOGETHER] for start in range(0, len(texts), TOGETHER))


def check(part: Part) -> None:
    """Print, for each output, how well it tells texts of groups that were left out of the fit."""
    groups = sorted({text.group for text in part.texts})
    place = {group: number % FOLDS for number, group in enumerate(groups)}
    fold = np.array([place[text.group] for text in part.texts])
    odds = np.zeros((len(part.texts), len(part.outputs)))
    for number in track(range(FOLDS), description=f"checking {part.name}"):
        weights, bias = part.fitted(fold != number)
        left = fold == number
        odds[left] = part.rows[left] @ weights.T + bias
    of_policies = np.array([text.group not in {"packs", "single"} for text in part.texts])
    for column, output in enumerate(part.outputs):
        positive, counts = part.labels(output)
        measured = counts & of_policies
        print(f"{part.name} {output}: {_figures(odds[measured, column], positive[measured])}", flush=True)


def _figures(odds: Floats, positive: Mask) -> str:
    if not positive.any() or positive.all():
        return "not measured"
    hits, others = odds[positive], odds[~positive]
    return (
        f"AUROC {auroc(hits.tolist(), others.tolist()):.3f}, {(hits > 0).sum()} of {len(hits)} found, "
        f"{(others > 0).sum()} of {len(others)} wrongly"
    )


if __name__ == "__main__":
    main()
