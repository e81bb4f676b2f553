"""The picture of `/stats`: day by day, what was judged, what became of the cases, how far moderators agreed.

Drawn by matplotlib, whose figures need no screen. It is loaded with the first picture: a bot that is never asked for
one does not hold it in memory.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.domain.decision import Outcome
from bot.domain.figures import Answers, Day
from bot.language import mark, tr

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES, _DPI = (9.0, 7.5), 110
# Agreement is that of the cases opened in so many days up to each: a single day has few answers.
AGREEMENT_DAYS = 7
# Colours that people who see fewer of them can tell apart too (Okabe and Ito, 2002).
_JUDGED = (
    (Outcome.ALLOW, mark("allowed"), "#56B4E9"),
    (Outcome.REVIEW, mark("for a human"), "#E69F00"),
    (Outcome.ACT, mark("to be acted on"), "#D55E00"),
)
_ANSWERED = (
    (mark("confirmed"), "#009E73"),
    (mark("overturned"), "#CC79A7"),
    (mark("another action"), "#0072B2"),
    (mark("not reviewed"), "#B8B8B8"),
)
_MONTHS = (
    mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun"),
    mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec"),
)  # fmt: skip


def stats_picture(days: Sequence[Day]) -> bytes:
    """A PNG of these days, oldest first; at least one."""
    # The figure is used without pyplot, whose state is shared: pictures are drawn in threads.
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, dpi=_DPI, layout="constrained")
    judged, cases, agreement = figure.subplots(3, 1, sharex=True)
    outcomes = [(name, colour, [day.judged.get(kind, 0) for day in days]) for kind, name, colour in _JUDGED]
    _stacked(judged, tr("Messages judged"), outcomes)
    parts = list(zip(*(_parts(day.answers) for day in days), strict=True))
    _stacked(cases, tr("Cases opened"), [(*named, values) for named, values in zip(_ANSWERED, parts, strict=True)])
    _agreement(agreement, agreements(days))
    labels = [tr("{day} {month}", day=day.until.day, month=tr(_MONTHS[day.until.month - 1])) for day in days]
    every = max(len(days) // 10, 1)
    shown = range((len(days) - 1) % every, len(days), every)
    agreement.set_xticks(list(shown), [labels[place] for place in shown])
    agreement.set_xlabel(tr("24 hours up to each day's time of asking, UTC"))
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", metadata={"Software": None})
    return drawn.getvalue()


def agreements(days: Sequence[Day]) -> list[float | None]:
    """The share confirmed of the cases confirmed or overturned, for each day with those before it; None without any."""
    return [
        sum((one.answers for one in days[max(place - AGREEMENT_DAYS + 1, 0) : place + 1]), Answers()).agreement
        for place in range(len(days))
    ]


def picture_text(days: Sequence[Day]) -> str:
    """What the picture shows, for who hears it read out."""
    judged = sum(sum(day.judged.values()) for day in days)
    told = sum((day.answers for day in days), Answers())
    return tr(
        "Three charts of the last {days} days: {judged:,} messages judged, {cases:,} cases opened of which "
        "{confirmed:,} were confirmed and {overturned:,} overturned, and the share confirmed over time.",
        days=len(days),
        judged=judged,
        cases=told.cases,
        confirmed=told.confirmed,
        overturned=told.overturned,
    )


def _parts(answers: Answers) -> tuple[int, int, int, int]:
    left = answers.cases - answers.confirmed - answers.overturned - answers.other
    return answers.confirmed, answers.overturned, answers.other, left


def _stacked(axes: Axes, title: str, series: Sequence[tuple[str, str, Sequence[int]]]) -> None:
    from matplotlib.ticker import MaxNLocator

    below = [0] * len(series[0][2])
    for name, colour, values in series:
        axes.bar(range(len(values)), values, bottom=below, color=colour, label=tr(name), width=0.85)
        below = [under + value for under, value in zip(below, values, strict=True)]
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_ylim(bottom=0, top=None if any(below) else 1)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize="small")
    _dressed(axes, title)


def _agreement(axes: Axes, shares: Sequence[float | None]) -> None:
    values: list[Any] = [float("nan") if share is None else share * 100 for share in shares]
    axes.plot(range(len(values)), values, color="#009E73", marker="o", markersize=4)
    axes.set_ylim(0, 105)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0f} %")
    _dressed(axes, tr("Agreement of moderators, over {days} days", days=AGREEMENT_DAYS))


def _dressed(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize="medium", fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#E4E4E4")
    axes.set_axisbelow(True)
