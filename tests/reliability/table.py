"""Prints what the long runs measured: `python -m tests.reliability.table`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from tests.reliability.figures import FILE


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """A line for each figure, those of one row together. Pure."""
    cells = [
        (row if number == 0 else "", name.replace("_", " "), _shown(figure))
        for row, figures in rows.items()
        for number, (name, figure) in enumerate(figures.items())
    ]
    wide = [max((len(one[column]) for one in cells), default=0) for column in range(3)]
    return "\n".join(f"{row:{wide[0]}}  {name:{wide[1]}}  {figure:>{wide[2]}}" for row, name, figure in cells)


def _shown(figure: float) -> str:
    return f"{figure:,}" if isinstance(figure, int) else f"{figure:,.1f}"


def main() -> int:
    """Exit status 1 where nothing was measured."""
    if not FILE.exists():
        print(f"There is no {FILE.name} yet: `make soak` makes it.", file=sys.stderr)
        return 1
    print(table(json.loads(FILE.read_text())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
