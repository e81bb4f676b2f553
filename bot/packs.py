"""The policy packs as texts to begin with: what `policies/` holds, by the names of its folders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.domain.borderline import PackText, words_of
from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.resources import resource_dir

# Where the judge is least sure: what comes near to breaking a rule, and what does break it.
_KINDS = ("near_miss", "breaking")


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack's name, as `scams`, and its policy."""

    name: str
    policy: Policy


@lru_cache(maxsize=4)
def load_packs(folder: Path | None = None) -> tuple[Pack, ...]:
    """Every pack below `folder` (the shipped policies unless given), in the order of their names."""
    files = sorted((folder or resource_dir("policies")).glob("*/policy.md"))
    return tuple(Pack(file.parent.name, parse_policy(file.read_text(encoding="utf-8"))) for file in files)


@lru_cache(maxsize=4)
def load_pack_texts(folder: Path | None = None) -> tuple[PackText, ...]:
    """Messages of every pack that break its rules or come near to it, in turn; each pack in its own order."""
    where = folder or resource_dir("policies")
    return tuple(text for pack in load_packs(folder) for text in _texts(where / pack.name / "examples.jsonl", pack))


def _texts(file: Path, pack: Pack) -> Iterator[PackText]:
    about = words_of(" ".join([pack.name, *(rule.text for rule in pack.policy.rules)]))
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    of_kind = [[row["text"] for row in rows if row["kind"] == kind] for kind in _KINDS]
    for place in range(max(map(len, of_kind))):
        yield from (PackText(pack.name, texts[place], about) for texts in of_kind if place < len(texts))
