"""What `lawspeaker eval` found, as one JSON object and as a table for the terminal."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bot.cli import screening
from bot.discord_io.text import terminal
from bot.report.content import Evaluation, Way

_NAME_WIDTH = 10
_CELL_WIDTH = 24


def figures_json(way: Way) -> dict[str, Any]:
    """The figures of one way of judging, with their intervals under `ci` and the counts under `confusion`."""
    return {
        "n": len(way.measured.judged),
        **way.measured.figures,
        "messages_per_second": round(way.messages_per_second, 3),
        "ci": way.measured.ci,
        "confusion": asdict(way.measured.confusion),
    }


def evaluation_json(found: Evaluation) -> dict[str, Any]:
    """The judge's figures at the top; those per rule under `rules`, the others' under `baselines`, where there are."""
    value = {
        **figures_json(found.judge),
        "base_rate": found.base_rate,
        "not_judged": found.not_judged,
        "seed": found.run.seed,
        "policy_digest": found.policy.digest,
        "model": found.model,
        "model_digest": found.model_digest,
    }
    if found.rules:
        value["rules"] = found.rules
    if found.screening:
        value["screening"] = found.screening
    if len(found.ways) > 1:
        value["baselines"] = {way.key: figures_json(way) | {"cut": way.cut} for way in found.ways[1:]}
    return value


def in_words(found: Evaluation) -> str:
    """The figures with their intervals, a column for each way of judging."""
    lines = [
        f"{len(found.judge.measured.judged)} texts, {found.base_rate:.0%} of them break the policy; "
        f"{terminal(found.model)}",
        _line("", [way.name for way in found.ways]),
    ]
    for name in found.judge.measured.ci:
        lines.append(_line(name, [_cell(way, name) for way in found.ways]))
    lines.append("  (in brackets: between what 95 % of resamples lie)")
    lines.append(_line("a second", [f"{way.messages_per_second:.2f}" for way in found.ways]))
    for way in found.ways:
        counts = way.measured.confusion
        lines.append(
            f"  {way.name}: caught {counts.caught}, missed {counts.missed}, wrongly caught {counts.wrongly_caught}, "
            f"let pass {counts.let_pass}"
        )
        if way.cut:
            lines.append(f"  {way.name}: {way.cut} texts did not fit and were read from their beginning only")
    for key, told in found.rules.items():
        lines.append(
            f"  rule {terminal(key)}: {told['n']:.0f} texts, precision {told['precision']:.3f}, "
            f"recall {told['recall']:.3f}"
        )
    if found.screening:
        lines += screening.in_words(found.screening)
    if found.not_judged:
        lines.append(f"  {found.not_judged} could not be judged and are left out")
    return "\n".join(lines)


def _line(name: str, cells: list[str]) -> str:
    return f"  {name:<{_NAME_WIDTH}} " + "".join(f"{cell:<{_CELL_WIDTH}}" for cell in cells).rstrip()


def _cell(way: Way, name: str) -> str:
    low, high = way.measured.ci[name]
    return f"{way.measured.figures[name]:.3f} ({low:.3f} to {high:.3f})"
