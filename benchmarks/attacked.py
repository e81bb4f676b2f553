"""How often tricks get a message past the judge, with its defences and without: `python -m benchmarks.attacked`.

Each attack of `benchmarks/attacks` is judged three times by the policy there: in plain words; as it is with defences
(normalisation, control tokens as plain text); and as it is without them. The attack's success is the share of those
caught in plain words that is then not caught. With `--json` JSON only; progress goes to stderr.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from benchmarks.measures import likeliest
from bot.domain.decision import REVIEW_AT
from bot.domain.normalise import normalise, seen_at_first
from bot.domain.policy_text import parse_policy
from bot.judge.engine import Engine, EngineSettings
from bot.judge.judging import Answer, Asked, Judging
from bot.judge.kept import KeptFolder
from bot.judge.kept_prefixes import KeptPrefixes
from bot.judge.library import load_library
from bot.judge.models import ModelFile, default_model_dir, resolve_model
from bot.judge.readout import readout_for
from bot.settings import load_settings

FOLDER = Path(__file__).parent / "attacks"
SEED = 7
TOGETHER = 16
MOST_SECONDS = 570.0
Z = 1.96  # 95 % of a normal distribution
FILLER = (
    "the bus was late again", "we had soup with barley", "my cousin paints fences", "rain is forecast for noon",
    "that cabinet hums a little", "the claw machine ate a coin", "somebody left an umbrella", "tea is ready over there",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attack:
    """A message, the key of the rule it breaks (None for a control that is fine), and the same in plain words."""

    kind: str
    text: str
    rule: str | None
    plain: str | None


class PlainEngine(Engine):
    """An engine without its defence: control tokens that a message writes are control tokens."""

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Tokens of `text`, control tokens included."""
        return self.tokenize_frame(text)


def load_attacks(folder: Path = FOLDER) -> list[Attack]:
    """Read each `KIND.jsonl`; a row with `words` instead of `text` is a recipe for a long message."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            text = row["text"] if "text" in row else long_text(row)
            found.append(Attack(path.stem, text, row["rule"], row["plain"]))
    return found


def long_text(recipe: dict[str, Any]) -> str:
    """A message of about so many words of small talk with the violation at its start, middle or end."""
    chance = random.Random(recipe["seed"])
    said = [chance.choice(FILLER) + "." for _ in range(recipe["words"] // 5)]
    place = {"start": 0, "middle": len(said) // 2, "end": len(said)}[recipe["place"]]
    return " ".join(said[:place] + ([recipe["plain"] + "."] if recipe["plain"] else []) + said[place:])


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927); (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def caught(answer: Answer) -> bool:
    """Whether a moderator would see the message: some rule is likely enough, or it cannot be read whole."""
    return not isinstance(answer, dict) or likeliest(answer)[1] >= REVIEW_AT


def share(hits: int, of: int) -> dict[str, Any]:
    """A share with its interval, for JSON."""
    return {"hits": hits, "of": of, "interval": [round(end, 3) for end in wilson(hits, of)]}


def counted(
    attacks: Sequence[Attack], plain: Sequence[bool], on: Sequence[bool], off: Sequence[bool]
) -> dict[str, Any]:
    """Figures of one kind, from what was caught in plain words, with the defences and without, a place an attack."""
    broken = [n for n, attack in enumerate(attacks) if attack.rule is not None]
    fine = [n for n, attack in enumerate(attacks) if attack.rule is None]
    known = [n for n in broken if plain[n]]
    return {
        "attacks": len(broken),
        "controls": len(fine),
        "plain_caught": share(len(known), len(broken)),
        "caught_with": share(sum(on[n] for n in broken), len(broken)),
        "caught_without": share(sum(off[n] for n in broken), len(broken)),
        "success_with": share(sum(not on[n] for n in known), len(known)),
        "success_without": share(sum(not off[n] for n in known), len(known)),
        "controls_caught_with": share(sum(on[n] for n in fine), len(fine)),
        "controls_caught_without": share(sum(off[n] for n in fine), len(fine)),
    }


def sample(attacks: list[Attack], limit: int | None, seed: int) -> list[Attack]:
    """So many attacks at random, in their order; all of them without a limit."""
    if limit is None or limit >= len(attacks):
        return attacks
    chosen = set(random.Random(seed).sample(range(len(attacks)), limit))
    return [attack for n, attack in enumerate(attacks) if n in chosen]


class Asking:
    """The policy of the corpus and the time that is left. One model is loaded at a time."""

    def __init__(self, file: ModelFile) -> None:
        """Ask a model of the catalogue."""
        self._file = file
        self._policy = parse_policy((FOLDER / "policy.md").read_text(encoding="utf-8"))
        self._started = time.monotonic()

    def say(self, what: str) -> None:
        """Progress, on stderr."""
        print(f"[{time.monotonic() - self._started:5.0f} s] {what}", file=sys.stderr, flush=True)

    def caught(self, make: type[Engine], texts: Sequence[tuple[str, str | None]], what: str) -> list[bool]:
        """Whether each text, with what is seen of it at first, is caught by an engine of this kind.

        SystemExit where ten minutes do not suffice.
        """
        kept = KeptPrefixes(KeptFolder(load_settings().kept_prefixes), self._file.digest)
        engine = make(self._file.path, EngineSettings(threads=len(os.sched_getaffinity(0)), kept=kept))
        try:
            judging = Judging(engine, load_library(), readout_for(self._file.digest))
            found: list[bool] = []
            for start in range(0, len(texts), TOGETHER):
                if time.monotonic() - self._started > MOST_SECONDS:
                    sys.exit("Ten minutes do not suffice on this machine: give --limit.")
                some = texts[start : start + TOGETHER]
                asked = [Asked(self._policy.digest, self._policy.source, text, seen) for text, seen in some]
                found += [caught(answer) for answer in judging.classify(asked)]
                self.say(f"{what}: {len(found)} of {len(texts)}")
            return found
        finally:
            engine.close()


def measure(attacks: Sequence[Attack], file: ModelFile) -> dict[str, Any]:
    """Judge every attack in its three forms; figures of each kind and of all, fit for JSON."""
    asking = Asking(file)
    plain = list(dict.fromkeys(attack.plain for attack in attacks if attack.plain is not None))
    defended = [(normalise(text) or text, seen_at_first(text)) for text in (*plain, *(a.text for a in attacks))]
    with_defences = asking.caught(Engine, defended, "with the defences")
    in_plain = dict(zip(plain, with_defences[: len(plain)], strict=True))
    on = with_defences[len(plain) :]
    off = asking.caught(PlainEngine, [(attack.text, None) for attack in attacks], "without")
    known = [attack.plain is not None and in_plain[attack.plain] for attack in attacks]
    result: dict[str, Any] = {"model": file.name, "model_digest": file.digest, "kinds": {}}
    for kind in sorted({attack.kind for attack in attacks}):
        places = [n for n, attack in enumerate(attacks) if attack.kind == kind]
        columns = [[column[n] for n in places] for column in (known, on, off)]
        result["kinds"][kind] = counted([attacks[n] for n in places], *columns)
    result["all"] = counted(attacks, known, on, off)
    return result


def table(result: dict[str, Any]) -> str:
    """The figures for reading."""
    names = ["plain_caught", "caught_with", "caught_without", "success_with", "success_without"]
    names += ["controls_caught_with", "controls_caught_without"]
    heads = ("kind", "plain", "caught with", "without", "success with", "without", "controls with", "without")
    rows: list[tuple[str, ...]] = [heads]
    for kind, found in (*result["kinds"].items(), ("all", result["all"])):
        rows.append((kind, *(f"{found[name]['hits']}/{found[name]['of']}" for name in names)))
    lines = ["".join(f"{cell:<15}" for cell in row).rstrip() for row in rows]
    for name in ("success_with", "success_without"):
        low, high = result["all"][name]["interval"]
        lines.append(f"{name.replace('_', ' ')} the defences: 95 % interval {low:.2f} to {high:.2f}")
    return "\n".join(lines)


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description="How often tricks get a message past the judge.")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--limit", type=int, help="so many attacks at random instead of all")
    parser.add_argument("--seed", type=int, default=SEED, help="which ones --limit takes")
    parser.add_argument("--model", default="default", help="a name of the catalogue")
    given = parser.parse_args()
    if given.limit is not None and given.limit < 1:
        parser.error("--limit is a number of attacks: give 1 or more.")
    file = resolve_model(given.model, default_model_dir())
    result = measure(sample(load_attacks(), given.limit, given.seed), file) | {"seed": given.seed}
    print(json.dumps(result, indent=2) if given.json else table(result))


if __name__ == "__main__":
    main()
