"""A chart of what a process held over a long run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.reliability.vitals import Vitals

_PANELS = (
    ("memory", "Memory (MB)", "#0072B2"),
    ("files", "Open files", "#D55E00"),
    ("tasks", "Tasks", "#009E73"),
    ("threads", "Threads", "#CC79A7"),
)


def draw(noted: Sequence[Vitals], file: Path) -> None:
    """An SVG with a panel for each figure over the minutes; the quarter in which the process warms up is shaded."""
    # Without pyplot, which wants a screen's settings; text stays text, which makes the file small.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    minutes = [one.at / 60 for one in noted]
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "long-run", "path.simplify_threshold": 0.5}):
        figure = Figure(figsize=(9.0, 6.5), layout="constrained")
        for axes, (name, title, colour) in zip(figure.subplots(len(_PANELS), 1, sharex=True), _PANELS, strict=True):
            axes.plot(minutes, [getattr(one, name) for one in noted], color=colour, linewidth=1.2)
            axes.axvspan(0, minutes[-1] / 4, color="#F0F0F0", zorder=0)
            axes.set_ylim(bottom=0)
            axes.set_xlim(0, minutes[-1])
            axes.set_title(title, loc="left", fontsize="medium", fontweight="bold")
            axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlabel("Minutes; shaded: warming up")
        figure.savefig(file, format="svg", metadata={"Date": None})
