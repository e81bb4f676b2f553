"""The page on an evaluation: one self-contained HTML file, nothing in it from elsewhere and no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.discord_io.limits import clip
from bot.discord_io.text import plain
from bot.domain import curves
from bot.domain.decision import ACT_AT, REVIEW_AT
from bot.domain.evaluation import Judged, reliability
from bot.report import figures
from bot.report.content import Evaluation, Row

MOST_WRONG = 20
_MOST_CHARACTERS = 1_200
_TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A text that was judged wrongly: what is shown of it, what was said, and the rule it was said to break."""

    text: str
    probability: float
    rule: str
    cut: bool


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["three"] = "{:.3f}".format
    environment.filters["percent"] = "{:.0%}".format
    return environment


def page(found: Evaluation) -> str:
    """The whole page; every text of the policy and of members is escaped."""
    judged = found.judge.measured.judged
    bins = reliability(judged)
    points = curves.over_thresholds(judged)
    return (
        _environment()
        .get_template("page.html")
        .render(
            found=found,
            title=plain(found.policy.title) or "Policy",
            facts=facts(found),
            style=Markup((_TEMPLATES / "page.css").read_text("utf-8")),  # noqa: S704 - our own file
            names=figures.NAMES,
            bins=bins,
            sampled=[point for point in points if round(point.at * 100) % 10 == 0 or point.at in (REVIEW_AT, ACT_AT)],
            review_at=REVIEW_AT,
            act_at=ACT_AT,
            rule_texts={rule.key: plain(rule.text) for rule in found.policy.rules},
            wrongly_caught=most_wrong(found.rows, breaks=False),
            missed=most_wrong(found.rows, breaks=True),
            most_wrong=MOST_WRONG,
            drawn=_drawn(found, points),
        )
    )


def _drawn(found: Evaluation, points: Sequence[curves.AtThreshold]) -> dict[str, Markup]:
    """The figures by name."""
    judged = found.judge.measured.judged
    by_name = {way.name: way.measured for way in found.ways}
    return {
        "intervals": figures.intervals(
            {name: measured.figures for name, measured in by_name.items()},
            {name: measured.ci for name, measured in by_name.items()},
        ),
        "reliability": figures.reliability(reliability(judged)),
        "thresholds": figures.thresholds(points, REVIEW_AT, ACT_AT),
        "roc": figures.roc(
            {name: curves.roc(measured.judged) for name, measured in by_name.items()},
            {name: measured.figures["auroc"] for name, measured in by_name.items()},
        ),
        "histogram": figures.histogram(curves.histogram(judged)),
    }


def facts(found: Evaluation) -> list[tuple[str, str]]:
    """What was measured and how, by name, in the order to show it."""
    judged = found.judge.measured.judged
    breaking = sum(one.breaks for one in judged)
    told = [
        ("Policy", f"{plain(found.policy.title) or 'untitled'}, {len(found.policy.rules)} rules"),
        ("Policy digest", found.policy.digest),
        ("Data", found.run.data),
        ("Texts", f"{len(judged)}, of which {breaking} break the policy (base rate {found.base_rate:.3f})"),
        ("Model", found.model),
        ("Model digest", found.model_digest),
        ("Seed", str(found.run.seed)),
        ("Command", found.run.command),
        ("Lawspeaker", f"{found.run.version}, on {found.run.made:%Y-%m-%d %H:%M} UTC"),
    ]
    if found.not_judged:
        told.append(("Not judged", f"{found.not_judged} texts, which are in no figure"))
    return told


def most_wrong(rows: Sequence[Row], *, breaks: bool) -> list[Wrong]:
    """The breaking texts that were let pass, or the fine ones that were caught, the worst first; at most MOST_WRONG."""
    wrong = [
        (row.text, row.judged)
        for row in rows
        if row.judged is not None and row.breaks == breaks and (row.judged.probability < REVIEW_AT) == breaks
    ]
    wrong.sort(key=lambda one: one[1].probability, reverse=not breaks)
    return [_shown(text, judged) for text, judged in wrong[:MOST_WRONG]]


def _shown(text: str, judged: Judged) -> Wrong:
    visible = plain(text).strip()
    cut = len(visible) > _MOST_CHARACTERS
    return Wrong(clip(visible, _MOST_CHARACTERS), judged.probability, judged.likeliest or "", cut)
