"""How right and how fast the judge is on this machine: `python -m benchmarks.judge [--json] [--baselines]`.

Each folder of cases is judged by cards compiled as `publish` compiles them, with no hand. `cases` holds the
policies that the wording and the constants were chosen on, `unseen` those that they were not. Ends by itself
after at most ten minutes: what does not fit is left out and said so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import baselines
from benchmarks.measures import Case, Figures, figures, likeliest, load_cases
from bot.domain.decision import REVIEW_AT
from bot.domain.normalise import normalise, seen_at_first
from bot.judge.engine import Engine, EngineSettings
from bot.judge.explaining import Explaining
from bot.judge.judging import Asked, Judging
from bot.judge.kept import KeptFolder
from bot.judge.kept_prefixes import KeptPrefixes
from bot.judge.library import load_library
from bot.judge.models import default_model_dir, resolve_model
from bot.judge.readout import readout_for
from bot.settings import load_settings

HERE = Path(__file__).parent
SEED = 7
MOST_SECONDS = 570.0
MESSAGE_TOKENS = 40
SPEED_MESSAGES = 24
RATIONALES = 8


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description="How right and how fast the judge is on this machine.")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--cases", type=Path, action="append", help="a folder of NAME.md and NAME.jsonl")
    parser.add_argument("--model", default="default", help="a name of the catalogue")
    parser.add_argument("--baselines", action="store_true", help="ask the same model in plain ways too")
    parser.add_argument("--misses", action="store_true", help="show each message that was judged wrongly")
    arguments = parser.parse_args()
    folders = arguments.cases or [HERE / "cases", HERE / "unseen"]
    result = Benchmark(arguments.model, arguments.misses).run(folders, with_baselines=arguments.baselines)
    print(json.dumps(result, indent=2) if arguments.json else _table(result))


class Benchmark:
    """One loaded model and the time that is left."""

    def __init__(self, model: str, show_misses: bool) -> None:
        """Load a model of the catalogue."""
        self._started = time.monotonic()
        self._file = resolve_model(model, default_model_dir())
        self._say(f"loading {self._file.name}")
        kept = KeptPrefixes(KeptFolder(load_settings().kept_prefixes), self._file.digest)
        settings = EngineSettings(threads=len(os.sched_getaffinity(0)), kept=kept)
        self._engine = Engine(self._file.path, settings)
        self._judging = Judging(self._engine, load_library(), readout_for(self._file.digest))
        self._explaining = Explaining(self._engine, self._judging)
        self._show_misses = show_misses

    def run(self, folders: list[Path], *, with_baselines: bool) -> dict[str, Any]:
        """Measure everything; a dictionary fit for JSON."""
        result: dict[str, Any] = {
            "model": self._file.name,
            "model_digest": self._file.digest,
            "machine": {"cores": len(os.sched_getaffinity(0)), "processor": _processor()},
            "seed": SEED,
            "sets": {},
        }
        cases = [(folder.name, case) for folder in folders for case in load_cases(folder)]
        if not cases:
            sys.exit("There are no cases in these folders: give a folder of NAME.md and NAME.jsonl.")
        compile_seconds = []
        for folder, case in cases:
            if self._late(result, f"{folder}/{case.name}"):
                continue
            compile_seconds.append(self._compile(case))
            found = self._figures(case)
            result["sets"].setdefault(folder, {})[case.name] = found.as_dict()
        result["compile_seconds"] = max(compile_seconds)
        result["speed"] = self._speed(cases[0][1])
        result["rationale_seconds"] = self._rationales(cases[0][1])
        if with_baselines:
            result["baselines"] = self._baselines(cases, result)
        result["seconds"] = round(time.monotonic() - self._started, 1)
        return result

    def _say(self, what: str) -> None:
        print(f"[{time.monotonic() - self._started:5.0f} s] {what}", file=sys.stderr, flush=True)

    def _late(self, result: dict[str, Any], what: str) -> bool:
        if time.monotonic() - self._started < MOST_SECONDS * 0.8:
            return False
        result.setdefault("left_out", []).append(what)
        self._say(f"no time left for {what}")
        return True

    def _compile(self, case: Case) -> float:
        self._say(f"compiling {case.name}")
        start = time.perf_counter()
        self._judging.card(case.policy.digest, case.policy.source)
        return round(time.perf_counter() - start, 1)

    def _answers(self, case: Case) -> list[dict[str, float]]:
        answers = self._judging.classify([_asked(case, message.text) for message in case.messages])
        return [answer for answer in answers if isinstance(answer, dict)]

    def _figures(self, case: Case) -> Figures:
        answers = self._answers(case)
        found = figures(case, answers)
        self._say(f"{case.name}: {_line(found.as_dict())}")
        for message, probabilities in zip(case.messages, answers, strict=True):
            rule, probability = likeliest(probabilities)
            named = rule if probability >= REVIEW_AT else None
            if self._show_misses and (named != message.rule or (message.rule and probability < 0.85)):
                shown = " ".join(f"{key}:{value:.2f}" for key, value in probabilities.items())
                self._say(f"  {message.rule or '-'} judged {named or '-'}  {shown}  {message.text}")
        return found

    def _speed(self, case: Case) -> dict[str, float]:
        """Messages a second at MESSAGE_TOKENS tokens each, one at a time and all together."""
        self._say("measuring speed")
        words = " ".join(message.text for message in case.messages).split()
        chance = random.Random(SEED)
        texts = []
        for _ in range(SPEED_MESSAGES):
            text = " ".join(chance.choice(words) for _ in range(MESSAGE_TOKENS))
            texts.append(self._engine.detokenize(self._engine.tokenize(text)[:MESSAGE_TOKENS]))
        asked = [_asked(case, text) for text in texts]
        start = time.perf_counter()
        for one in asked:
            self._judging.classify([one])
        singly = time.perf_counter() - start
        start = time.perf_counter()
        self._judging.classify(asked)
        together = time.perf_counter() - start
        return {"one_at_a_time": round(len(asked) / singly, 2), "together": round(len(asked) / together, 2)}

    def _rationales(self, case: Case) -> float:
        """Mean seconds of a rationale with its quote."""
        self._say("writing rationales")
        breaking = [(message.rule, message.text) for message in case.messages if message.rule][:RATIONALES]
        start = time.perf_counter()
        for rule, text in breaking:
            written = self._explaining.explain(_asked(case, text), rule).rationale
            if self._show_misses:
                self._say(f"  {text}\n      {written}")
        return round((time.perf_counter() - start) / len(breaking), 2)

    def _baselines(self, cases: list[tuple[str, Case]], result: dict[str, Any]) -> dict[str, Any]:
        ways = {"yes_or_no_per_rule": baselines.yes_or_no, "number_of_the_rule": baselines.number_of_the_rule}
        found: dict[str, Any] = {}
        for name, ask in ways.items():
            for folder, case in cases:
                if not self._late(result, f"baseline {name} on {folder}/{case.name}"):
                    self._say(f"baseline {name} on {case.name}")
                    answers = ask(self._engine, case)
                    found.setdefault(name, {})[f"{folder}/{case.name}"] = figures(case, answers).as_dict()
        return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _asked(case: Case, text: str) -> Asked:
    """A message as the bot asks for it."""
    return Asked(case.policy.digest, case.policy.source, normalise(text), seen_at_first(text))


def _line(found: dict[str, float]) -> str:
    return (
        f"right {found['right']}/{found['messages']}, rule named {found['named']}/{found['breaking']}, "
        f"deleted {found['deleted']}/{found['to_delete']}, wrongly {found['wrongly_deleted']}, "
        f"AUROC {found['auroc']:.2f}"
    )


def _table(result: dict[str, Any]) -> str:
    lines = [f"{result['model']} on {result['machine']['cores']} cores ({result['machine']['processor']}), seed {SEED}"]
    for folder, cases in result["sets"].items():
        lines += [f"{folder}:"] + [f"  {name:<10} {_line(found)}" for name, found in cases.items()]
    for name, cases in result.get("baselines", {}).items():
        lines += [f"baseline, {name.replace('_', ' ')}:"]
        lines += [f"  {case:<18} {_line(found)}" for case, found in cases.items()]
    speed = result["speed"]
    lines += [
        f"messages of {MESSAGE_TOKENS} tokens a second: {speed['one_at_a_time']} one at a time, "
        f"{speed['together']} together",
        f"compiling a policy: {result['compile_seconds']} s at most; a rationale: {result['rationale_seconds']} s",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
