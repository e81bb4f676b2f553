"""Drawing in SVG: elements whose values are escaped, and a plot with two axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_MARKS = 3
_LETTER = 7.2  # about a letter's width, in units of the drawing

Point = tuple[float, float]


def element(name: str, *inside: str, **attributes: str | float) -> Markup:
    """An SVG element; `class_` and `font_size` stand for `class` and `font-size`, and what is inside is escaped."""
    given = Markup("").join(
        Markup(' {}="{}"').format(key.strip("_").replace("_", "-"), _plain(value)) for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), given, Markup("").join(escape(part) for part in inside))  # noqa: S704 - names are ours


def picture(width: float, height: float, title: str, told: str, *inside: Markup) -> Markup:
    """A whole drawing; `title` names it and `told` says what it shows, for those who do not see it."""
    return element(
        "svg",
        element("title", title),
        element("desc", told),
        *inside,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=f"{title}. {told}",
    )


def text(at: Point, words: str, kind: str = "tick", anchor: str = "middle") -> Markup:
    """Words at a point; `anchor` is start, middle or end."""
    return element("text", words, x=at[0], y=at[1], class_=kind, text_anchor=anchor)


def mark(at: Point, series: int, size: float = 5.5, told: str = "") -> Markup:
    """A point of a series in its own colour and shape: a disc, a square, a diamond; `told` shows under the pointer."""
    x, y = at
    kind = f"mark s{series}"
    title = [element("title", told)] if told else []
    if series % _MARKS == 0:
        return element("circle", *title, cx=x, cy=y, r=size, class_=kind)
    if series % _MARKS == 1:
        return element("rect", *title, x=x - size, y=y - size, width=2 * size, height=2 * size, class_=kind)
    corners = f"M{x:.1f} {y - 1.3 * size:.1f}l{1.3 * size:.1f} {1.3 * size:.1f}l{-1.3 * size:.1f} {1.3 * size:.1f}"
    return element("path", *title, d=f"{corners}l{-1.3 * size:.1f} {-1.3 * size:.1f}z", class_=kind)


def legend(at: Point, names: Iterable[str]) -> Markup:
    """The series' names in a row, each behind its mark."""
    x, y = at
    drawn = []
    for series, name in enumerate(names):
        drawn += [mark((x + 6, y - 4), series), text((x + 18, y), name, "legend", "start")]
        x += 40 + _LETTER * len(name)
    return Markup("").join(drawn)


@dataclass(frozen=True, slots=True)
class Axes:
    """A plot's area in units of the drawing, and the values at its lower and upper ends."""

    left: float
    top: float
    width: float
    height: float
    lowest: float = 0.0
    highest: float = 1.0

    def at(self, x: float, y: float) -> Point:
        """Where a value stands; x runs from 0 to 1."""
        share = (y - self.lowest) / (self.highest - self.lowest)
        return self.left + x * self.width, self.top + (1.0 - share) * self.height

    def grid(self, x_title: str, y_title: str, y_ticks: Sequence[float] = TICKS) -> Markup:
        """Lines and numbers of both axes, and what they stand for."""
        bottom = self.top + self.height
        drawn = []
        for tick in y_ticks:
            x, y = self.at(0.0, tick)
            drawn.append(element("line", x1=x, y1=y, x2=x + self.width, y2=y, class_="grid"))
            drawn.append(text((x - 9, y + 4), f"{abs(tick):g}", anchor="end"))
        for tick in TICKS:
            x, _ = self.at(tick, self.lowest)
            drawn.append(element("line", x1=x, y1=self.top, x2=x, y2=bottom, class_="grid"))
            drawn.append(text((x, bottom + 19), f"{tick:g}"))
        drawn.append(text((self.left + self.width / 2, bottom + 42), x_title, "axis"))
        across, down = self.left - 44, self.top + self.height / 2
        turned = f"rotate(-90 {across:g} {down:g})"
        named = element("text", y_title, x=across, y=down, class_="axis", text_anchor="middle", transform=turned)
        return Markup("").join([*drawn, named])

    def line(self, points: Iterable[Point], kind: str) -> Markup:
        """A line through values in their order."""
        joined = " ".join("{:.1f},{:.1f}".format(*self.at(*point)) for point in points)
        return element("polyline", points=joined, class_=kind)

    def upright(self, x: float, words: str, anchor: str = "start") -> Markup:
        """A broken line from bottom to top at a value of x, with words at its upper end."""
        at, _ = self.at(x, self.lowest)
        beside = at + (5 if anchor == "start" else -5)
        bottom = self.top + self.height
        line = element("line", x1=at, y1=self.top, x2=at, y2=bottom, class_="threshold")
        return line + text((beside, bottom - 10), words, "threshold-name", anchor)


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
