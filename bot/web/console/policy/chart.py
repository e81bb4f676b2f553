"""The chart of precision and recall over the threshold, drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.domain.curves import AtThreshold, over_thresholds
from bot.domain.decision import Thresholds
from bot.domain.evaluation import Judged
from bot.language import tr
from bot.report.svg import Axes, element, picture, text

WIDTH, HEIGHT = 680.0, 440.0
_PLOT = Axes(left=66.0, top=86.0, width=590.0, height=290.0)
_STEPS = 100
_TOLD_AT = tuple(step / 10 for step in range(1, 10))


@dataclass(frozen=True, slots=True)
class Curve:
    """What one law makes of reviewed messages: its name, and precision and recall at each threshold."""

    name: str
    points: tuple[AtThreshold, ...]

    def near(self, at: float) -> AtThreshold:
        """What holds at the threshold nearest to one."""
        return min(self.points, key=lambda one: abs(one.at - at))


@dataclass(frozen=True, slots=True)
class Row:
    """A threshold with what each curve has there, as the table tells it."""

    at: float
    told: tuple[AtThreshold, ...]


def curve(name: str, judged: Sequence[Judged]) -> Curve:
    """Of messages with what a human found and the probability they were given."""
    return Curve(name, tuple(over_thresholds(judged, _STEPS)))


def rows(curves: Sequence[Curve], thresholds: Thresholds) -> list[Row]:
    """The chart in numbers: at every tenth, and at both thresholds as they are set."""
    places = sorted({*_TOLD_AT, round(thresholds.review_at, 2), round(thresholds.act_at, 2)})
    return [Row(at, tuple(one.near(at) for one in curves)) for at in places]


def chart(curves: Sequence[Curve], thresholds: Thresholds) -> Markup:
    """The curves of at most two laws, with the thresholds that are set."""
    review, act = tr("a human looks"), tr("acts")
    drawn = [
        _PLOT.grid(tr("threshold"), tr("precision, recall")),
        _upright(thresholds.review_at, f"{review} {thresholds.review_at:.0%}", 0, "review-line"),
        _upright(thresholds.act_at, f"{act} {thresholds.act_at:.0%}", 1, "act-line"),
    ]
    for series, one in reversed(list(enumerate(curves))):
        kind = "" if series == 0 else " faint"
        precise = [(point.at, point.precision) for point in one.points if point.precision is not None]
        drawn.append(_PLOT.line([(point.at, point.recall) for point in one.points], f"curve recall{kind}"))
        drawn.append(_PLOT.line(precise, f"curve precision{kind}"))
    drawn.append(_legend(curves))
    told = " ".join(_told(one, thresholds) for one in curves)
    return picture(WIDTH, HEIGHT, tr("Precision and recall over the threshold"), told, *drawn)


def _told(one: Curve, thresholds: Thresholds) -> str:
    """A curve at both thresholds, in a sentence."""
    act, review = one.near(thresholds.act_at), one.near(thresholds.review_at)
    return tr(
        "{name}: from {act_at} on precision is {precision} and recall {recall}; "
        "from {review_at} on {asked} and {found}.",
        name=one.name,
        act_at=f"{thresholds.act_at:.0%}",
        review_at=f"{thresholds.review_at:.0%}",
        precision=share(act.precision),
        recall=share(act.recall),
        asked=share(review.precision),
        found=share(review.recall),
    )


def share(value: float | None) -> str:
    """A share in per cent; a dash for a share of nothing."""
    return "–" if value is None else f"{value:.0%}"


def _upright(at: float, words: str, row: int, kind: str) -> Markup:
    """A line from bottom to top, its words above it, where they stay within the drawing."""
    x, _ = _PLOT.at(at, 0.0)
    y = _PLOT.top - 22 + 15 * row
    anchor = "start" if at < 0.2 else "end" if at > 0.8 else "middle"
    line = element("line", x1=x, y1=y + 4, x2=x, y2=_PLOT.top + _PLOT.height, class_=f"threshold {kind}")
    return line + text((x + {"start": 5, "end": -5, "middle": 0}[anchor], y), words, "threshold-name", anchor)


def _legend(curves: Sequence[Curve]) -> Markup:
    """Which line is which: precision is drawn through, recall is broken; the second law is fainter."""
    drawn = []
    for series, one in enumerate(curves):
        faint, y = ("" if series == 0 else " faint"), 22 + 20 * series
        for place, (kind, words) in enumerate((("precision", tr("precision")), ("recall", tr("recall")))):
            x = _PLOT.left + place * _PLOT.width / 2
            name = words if len(curves) == 1 else f"{one.name}: {words}"
            drawn.append(element("line", x1=x, y1=y - 5, x2=x + 30, y2=y - 5, class_=f"curve {kind}{faint}"))
            drawn.append(text((x + 38, y), name, "legend", "start"))
    return Markup("").join(drawn)
