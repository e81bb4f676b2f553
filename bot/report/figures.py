"""The page's figures: from numbers to SVG, pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from markupsafe import Markup

from bot.domain.curves import AtThreshold, Bar
from bot.domain.evaluation import Bin
from bot.report.svg import Axes, Point, element, legend, mark, picture, text

NAMES = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "auroc": "AUROC",
    "ece": "Calibration error",
}
"""The figures in their order, with what they are called."""

WIDTH, HEIGHT = 560.0, 430.0
_PLOT = Axes(left=66.0, top=40.0, width=474.0, height=330.0)
_ROW = 62.0
_APART = 15.0
_WIDE = 1_120.0
_MOST_DISC = 17.0


def intervals(ways: Mapping[str, Mapping[str, float]], ci: Mapping[str, Mapping[str, tuple[float, float]]]) -> Markup:
    """Each figure of each way of judging as a point on its interval; `ci` has the intervals by the same names."""
    height = _ROW * len(NAMES)
    area = Axes(left=150.0, top=44.0, width=_WIDE - 190.0, height=height)
    drawn = [legend((area.left, 24.0), ways)]
    for tick in range(11):
        x, _ = area.at(tick / 10, 0.0)
        drawn.append(element("line", x1=x, y1=area.top, x2=x, y2=area.top + height, class_="grid"))
        drawn.append(text((x, area.top + height + 20), f"{tick / 10:g}"))
    for row, (key, name) in enumerate(NAMES.items()):
        middle = area.top + (row + 0.5) * _ROW
        if row:
            edge = area.top + row * _ROW
            drawn.append(element("line", x1=20, y1=edge, x2=_WIDE - 40, y2=edge, class_="grid"))
        drawn.append(text((area.left - 18, middle + 5), name, "row", "end"))
        for series, way in enumerate(ways):
            y = middle + (series - (len(ways) - 1) / 2) * _APART
            low, high = ci[way][key]
            told = f"{way}, {name}: {ways[way][key]:.3f} ({low:.3f} to {high:.3f})"
            ends = {"x1": area.at(low, 0)[0], "x2": area.at(high, 0)[0], "y1": y, "y2": y}
            drawn.append(element("line", class_=f"bar s{series}", **ends))
            drawn.append(mark((area.at(ways[way][key], 0)[0], y), series, told=told))
    told = "Points are the figures, bars hold 95 % of resamples. The numbers stand in the table above."
    return picture(_WIDE, height + 84, "All figures with their intervals", told, *drawn)


def reliability(bins: Sequence[Bin]) -> Markup:
    """What was said against what was so, a disc a bin, its area by the bin's count; the diagonal is what is sought."""
    most = max((one.texts for one in bins), default=1)
    drawn = [_PLOT.grid("mean probability said", "share that breaks the policy"), _PLOT.line([(0, 0), (1, 1)], "ideal")]
    for one in sorted(bins, key=lambda one: -one.texts):
        size = max(_MOST_DISC * 0.55 * sqrt(one.texts / most), 4.0)
        told = f"{one.texts} texts: said {one.said:.2f}, so {one.broken:.2f}"
        drawn.append(mark(_PLOT.at(one.said, one.broken), 0, size, told))
    off = max((abs(one.said - one.broken) for one in bins), default=0.0)
    told = f"{len(bins)} bins of equal count; the farthest is {off:.2f} from the diagonal."
    return picture(WIDTH, HEIGHT, "Reliability", told, *drawn)


def thresholds(points: Sequence[AtThreshold], review_at: float, act_at: float) -> Markup:
    """Precision and recall over the threshold, with the two thresholds that the bot starts with."""
    precision = [(one.at, one.precision) for one in points if one.precision is not None]
    drawn = [
        _PLOT.grid("threshold", "precision, recall"),
        _PLOT.upright(review_at, f"review_at {review_at:.2f}", "end"),
        _PLOT.upright(act_at, f"act_at {act_at:.2f}", "end"),
        _PLOT.line([(one.at, one.recall) for one in points], "curve s1 dashed"),
        _PLOT.line(precision, "curve s0"),
        _named_lines(("precision", "recall")),
    ]
    told = f"{_at(points, review_at, 'review_at')}; {_at(points, act_at, 'act_at')}"
    return picture(WIDTH, HEIGHT, "Precision and recall over thresholds", told + ".", *drawn)


def _at(points: Sequence[AtThreshold], threshold: float, name: str) -> str:
    nearest = min(points, key=lambda one: abs(one.at - threshold))
    precision = "none" if nearest.precision is None else f"{nearest.precision:.2f}"
    return f"at {name} precision is {precision} and recall {nearest.recall:.2f}"


def _named_lines(names: Sequence[str]) -> Markup:
    drawn = []
    for series, name in enumerate(names):
        x = _PLOT.left + 130 * series
        kind = f"curve s{series}" + (" dashed" if series else "")
        drawn += [element("line", x1=x, y1=20, x2=x + 26, y2=20, class_=kind)]
        drawn += [text((x + 34, 24), name, "legend", "start")]
    return Markup("").join(drawn)


def roc(curves: Mapping[str, Sequence[Point]], areas: Mapping[str, float]) -> Markup:
    """Breaking texts caught against fine texts caught, a curve for each way of judging."""
    drawn = [_PLOT.grid("share of fine texts caught", "share of breaking texts caught")]
    drawn.append(_PLOT.line([(0, 0), (1, 1)], "ideal"))
    for series, points in reversed(list(enumerate(curves.values()))):
        drawn.append(_PLOT.line(points, f"curve s{series}"))
        # A few marks along the line tell it apart without its colour.
        drawn += [mark(_PLOT.at(*points[len(points) * part // 6]), series, 4.0) for part in range(1, 6) if points]
    drawn.append(legend((_PLOT.left, 24.0), curves))
    told = ", ".join(f"{name} has an area of {areas[name]:.3f}" for name in curves)
    return picture(WIDTH, HEIGHT, "ROC curve", told + ".", *drawn)


def histogram(bars: Sequence[Bar]) -> Markup:
    """How many texts have which probability: those that break the policy above the line, fine ones below it."""
    up = _nice(max((bar.breaking for bar in bars), default=1))
    down = _nice(max((bar.fine for bar in bars), default=1))
    area = Axes(_PLOT.left, _PLOT.top, _PLOT.width, _PLOT.height, -down, up)
    drawn = [area.grid("probability said", "texts", sorted({-down, -down / 2, 0.0, up / 2, up}))]
    for bar in bars:
        for count, kind, sign in ((bar.breaking, "breaking", 1), (bar.fine, "fine", -1)):
            if count:
                x, y = area.at(bar.low, max(count * sign, 0))
                _, end = area.at(bar.low, min(count * sign, 0))
                wide = (bar.high - bar.low) * area.width - 2
                title = element("title", f"{bar.low:.2f} to {bar.high:.2f}: {count} {kind}")
                drawn.append(element("rect", title, x=x + 1, y=y, width=wide, height=end - y, class_=kind))
    x, y = area.at(0.0, 0.0)
    drawn.append(element("line", x1=x, y1=y, x2=x + area.width, y2=y, class_="zero"))
    for at, kind, words in ((0, "breaking", "above: break the policy"), (200, "fine", "below: fine")):
        drawn.append(element("rect", x=area.left + at, y=13, width=12, height=12, class_=kind))
        drawn.append(text((area.left + at + 20, 24), words, "legend", "start"))
    told = f"{sum(bar.breaking for bar in bars)} texts break the policy, {sum(bar.fine for bar in bars)} are fine."
    return picture(WIDTH, HEIGHT, "Probabilities of both kinds", told, *drawn)


def _nice(most: int) -> float:
    """The least of 2, 4, 10, 20, 40, 100 … that is not below a count."""
    step = 1
    while True:
        for times in (2, 4, 10):
            if times * step >= most:
                return float(times * step)
        step *= 10
