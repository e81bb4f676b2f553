"""Charts of the console, drawn as SVG: each says in words what it shows, for those who do not see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.report.svg import element, picture, text

WIDTH, HEIGHT = 560, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 12, 30


@dataclass(frozen=True, slots=True)
class Series:
    """Values over the same places as others; None where there is none. `kind` is the class it is drawn in."""

    name: str
    kind: str
    values: Sequence[float | None]


def nice(most: float) -> float:
    """The least of 1, 2, 4, 6, 10 times a power of ten that is not below `most`, and at least 1."""
    step = 1.0
    while True:
        for factor in (1, 2, 4, 6):
            if factor * step >= most:
                return factor * step
        step *= 10


def stacked(title: str, told: str, places: Sequence[str], series: Sequence[Series]) -> Markup:
    """Bars of several parts, side by side; `places` are the names below the first, the middle and the last."""
    count = max(len(series[0].values), 1)
    sums = [sum(one.values[place] or 0.0 for one in series) for place in range(len(series[0].values))]
    top = nice(max(sums, default=0.0))
    wide = (WIDTH - _LEFT - _RIGHT) / count
    bars = []
    for place in range(len(sums)):
        below = 0.0
        for one in series:
            value = one.values[place] or 0.0
            if value:
                y, high = _y(below + value, top), _y(below, top) - _y(below + value, top)
                bars.append(
                    element(
                        "rect", x=_LEFT + place * wide + 0.5, y=y, width=max(wide - 1, 1), height=high, class_=one.kind
                    )
                )
            below += value
    return picture(WIDTH, HEIGHT, title, told, _grid(top, places), *bars)


def lines(title: str, told: str, places: Sequence[str], series: Sequence[Series], top: float | None = None) -> Markup:
    """Lines over the same places; a line is broken where it has no value. `top` is the upper end where it is fixed."""
    values = [value for one in series for value in one.values if value is not None]
    upper = top if top is not None else nice(max(values, default=0.0))
    count = max(len(series[0].values) - 1, 1)
    wide = (WIDTH - _LEFT - _RIGHT) / count
    drawn = []
    for one in series:
        for part in _unbroken(one.values):
            points = [(_LEFT + place * wide, _y(value, upper)) for place, value in part]
            if len(points) == 1:
                drawn.append(element("circle", cx=points[0][0], cy=points[0][1], r=3, class_=f"dot {one.kind}"))
            else:
                joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
                drawn.append(element("polyline", points=joined, class_=f"line {one.kind}"))
    return picture(WIDTH, HEIGHT, title, told, _grid(upper, places), *drawn)


def parts(title: str, told: str, shares: Mapping[str, float]) -> Markup:
    """One bar whose parts are to one another as the values; classes s0, s1, … in their order."""
    total, x, drawn = sum(shares.values()) or 1.0, 0.0, []
    for place, value in enumerate(shares.values()):
        wide = WIDTH * value / total
        drawn.append(element("rect", x=x, y=0, width=wide, height=26, class_=f"s{place}"))
        x += wide
    return picture(WIDTH, 26, title, told, *drawn)


def _y(value: float, top: float) -> float:
    return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - min(value / top, 1.0))


def _grid(top: float, places: Sequence[str]) -> Markup:
    """Lines at nothing, half and the upper end, with their values, and what stands below."""
    drawn = []
    for value in (0.0, top / 2, top):
        y = _y(value, top)
        drawn.append(element("line", x1=_LEFT, y1=y, x2=WIDTH - _RIGHT, y2=y, class_="grid-line"))
        drawn.append(text((_LEFT - 7, y + 4), f"{value:g}", anchor="end"))
    for place, name in enumerate(places):
        share = place / max(len(places) - 1, 1)
        anchor = "start" if place == 0 else "end" if place == len(places) - 1 else "middle"
        at = (_LEFT + share * (WIDTH - _LEFT - _RIGHT), HEIGHT - 8)
        drawn.append(text(at, name, kind=f"tick {anchor}", anchor=anchor))
    return Markup("").join(drawn)


def _unbroken(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    found: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(values):
        if value is not None:
            found[-1].append((place, value))
        elif found[-1]:
            found.append([])
    return [part for part in found if part]
