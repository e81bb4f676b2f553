"""The policy packs as texts to begin with: what `policies/` holds, by the names of its folders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.resources import resource_dir


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
