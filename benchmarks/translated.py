"""How well the judge reads other languages: `python -m benchmarks.translated [--json] [--languages de,tr]`.

`languages/en.jsonl` holds 119 of the packs' examples, `de`, `fr`, `es` (as in Spain), `pt` (as in Brazil) and `tr` the
same, written anew as a member of that language would write them. Each is judged by its pack's policy, in English as
it stands. The English originals are what the readout was trained on: their figures are no fair measure but an upper
bound, there for comparison. What the translations reach shows how much of it carries over to another language.

How the originals were drawn: random.Random(3); the packs in alphabetical order; of each pack's rows with three or
more different words, in the file's order, `sample` of 3 breaking ones, then of 3 near misses or reports, then of 1
ordinary one. The pack `language` was left out, since a translation of what is fine there breaks its rule.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.domain.decision import REVIEW_AT
from bot.domain.evaluation import Judged, confusion, figures, intervals
from bot.domain.normalise import normalise, seen_at_first
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.judge.engine import Engine, EngineSettings
from bot.judge.judging import Asked, Judging
from bot.judge.kept import KeptFolder
from bot.judge.kept_prefixes import KeptPrefixes
from bot.judge.library import load_library
from bot.judge.models import ModelFile, default_model_dir, resolve_model
from bot.judge.readout import readout_for
from bot.resources import resource_dir
from bot.settings import load_settings

FOLDER = Path(__file__).parent / "languages"
NAMES = {"de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese", "tr": "Turkish", "en": "English"}
SEED = 1
MINUTES = 10.0
SHOWN = ("accuracy", "precision", "recall", "f1", "auroc")


@dataclass(frozen=True, slots=True)
class Row:
    """A message, the pack by whose policy it is judged, whether it breaks that, and the English original's text."""

    text: str
    pack: str
    topic: str | None
    breaks: bool
    of: str


def load(language: str) -> list[Row]:
    """The rows of a language of `NAMES`, in the originals' order."""
    lines = (FOLDER / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Row(**json.loads(line)) for line in lines]


def summary(rows: Sequence[Row], judged: Sequence[Judged]) -> dict[str, Any]:
    """A language's figures, each with what 95 of 100 resamples lie between, and how many are right by pack."""
    right: dict[str, int] = {}
    for row, one in zip(rows, judged, strict=True):
        right[row.pack] = right.get(row.pack, 0) + ((one.probability >= REVIEW_AT) == one.breaks)
    return {
        "n": len(judged),
        "base_rate": sum(one.breaks for one in judged) / len(judged),
        **figures(judged, REVIEW_AT),
        "ci": intervals(judged, REVIEW_AT, SEED),
        "confusion": asdict(confusion(judged, REVIEW_AT)),
        "right_by_pack": right,
    }


def main() -> None:
    """Parse the command line, judge, print."""
    parser = argparse.ArgumentParser(description="How well the judge reads other languages.")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--languages", type=_languages, default=list(NAMES), help=f"of {','.join(NAMES)}; all if unset")
    parser.add_argument("--model", default="default", help="a name of the catalogue")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="what does not fit is left out and said so")
    arguments = parser.parse_args()
    model = resolve_model(arguments.model, default_model_dir())
    result = measure(model, load_settings().kept_prefixes, arguments.languages, arguments.minutes)
    print(json.dumps(result, indent=2) if arguments.json else table(result))


def measure(model: ModelFile, kept: Path, languages: Sequence[str], minutes: float) -> dict[str, Any]:
    """Judge languages with a model, one after another; a dictionary fit for JSON.

    `kept` is the folder where what the model makes of the judge's long texts is kept. A language that would
    not be done within so many minutes, if it took as long as the slowest before it, is left out.
    """
    started = time.monotonic()
    settings = EngineSettings(threads=len(os.sched_getaffinity(0)), kept=KeptPrefixes(KeptFolder(kept), model.digest))
    engine = Engine(model.path, settings)
    judging = Judging(engine, load_library(), readout_for(model.digest))
    found: dict[str, Any] = {}
    left_out: list[str] = []
    slowest = 0.0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for language in languages:
            begun = time.monotonic()
            if begun - started + slowest > minutes * 60:
                left_out.append(language)
                continue
            rows = load(language)
            found[language] = summary(rows, _judge(judging, rows, progress, NAMES[language]))
            progress.console.print(f"{NAMES[language]}: accuracy {found[language]['accuracy']:.2f}")
            slowest = max(slowest, time.monotonic() - begun)
    return {
        "model": model.name,
        "model_digest": model.digest,
        "caught_from": REVIEW_AT,
        "seed": SEED,
        "languages": found,
        "left_out": left_out,
        "seconds": round(time.monotonic() - started, 1),
    }


def table(result: dict[str, Any]) -> str:
    """The figures as a Markdown table, a language a row, each with its interval."""
    lines = [
        f"{result['model']}; caught from {result['caught_from']:.2f} on; between: 95 % of resamples",
        "",
        "| language | n | " + " | ".join(SHOWN) + " |",
        "|---" * (2 + len(SHOWN)) + "|",
    ]
    for language, told in result["languages"].items():
        cells = [f"{told[name]:.2f} ({told['ci'][name][0]:.2f} to {told['ci'][name][1]:.2f})" for name in SHOWN]
        name = f"{NAMES[language]} (trained on these)" if language == "en" else NAMES[language]
        lines.append(f"| {name} | {told['n']} | " + " | ".join(cells) + " |")
    if result["left_out"]:
        left_out = ", ".join(NAMES[language] for language in result["left_out"])
        lines += ["", f"No time was left for {left_out}: give more with --minutes."]
    return "\n".join(lines)


def _judge(judging: Judging, rows: Sequence[Row], progress: Progress, name: str) -> list[Judged]:
    """Each row's verdict, in order. Rows of one pack, which stand together, share passes."""
    task = progress.add_task(name, total=len(rows))
    judged = []
    for pack in dict.fromkeys(row.pack for row in rows):
        policy = _policy(pack)
        of_pack = [row for row in rows if row.pack == pack]
        answers = judging.classify([_asked(policy, row.text) for row in of_pack])
        for row, answer in zip(of_pack, answers, strict=True):
            if not isinstance(answer, dict):
                sys.exit(f"A text of {name} is too long to be judged: shorten {row.text[:40]!r}.")
            rule = max(answer, key=lambda key: answer[key])
            judged.append(Judged(row.breaks, answer[rule], rule))
        progress.advance(task, len(of_pack))
    return judged


@cache
def _policy(pack: str) -> Policy:
    return parse_policy((resource_dir("policies") / pack / "policy.md").read_text(encoding="utf-8"))


def _asked(policy: Policy, text: str) -> Asked:
    """A message as the bot asks for it."""
    return Asked(policy.digest, policy.source, normalise(text), seen_at_first(text))


def _languages(text: str) -> list[str]:
    names = list(dict.fromkeys(text.split(",")))
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no language {unknown[0]!r}: use some of {','.join(NAMES)}")
    return names


if __name__ == "__main__":
    main()
