"""Growth is told from what comes and goes, and from warming up."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

import pytest

from tests.reliability.growth import EMPTY_AT_REST, growths, left_over
from tests.reliability.vitals import Vitals

SAMPLES = 200
COMES_AND_GOES = (0, 3, 1, 5, 2)


def run(name: str = "", step: float = 0.0, held: float = 0.0) -> list[Vitals]:
    """A run that warms up and then stays as it is, but for a figure that grows by a step at each sample."""
    found = []
    for number, noise in zip(range(SAMPLES), cycle(COMES_AND_GOES), strict=False):
        warming = min(number / (SAMPLES / 4), 1.0)
        figures = {
            "memory": 60 + 60 * warming + noise,
            "files": 20 + noise,
            "threads": 4 + noise % 2,
            "tasks": 15 + noise,
            "objects": 100_000 + 100_000 * warming + 100 * noise,
        }
        figures[name] = figures.get(name, 0) + step * number
        figures.pop("", None)
        found.append(Vitals(number, held={"Intake._recent": int(held * number), "Tries._from": noise}, **figures))
    return found


def test_what_only_warms_up_and_what_comes_and_goes_is_no_growth() -> None:
    noted = run()
    assert growths(noted, noted[-1]) == []


@pytest.mark.parametrize(("name", "step"), [("memory", 0.15), ("files", 0.11), ("objects", 150)])
def test_what_grows_a_little_each_time_is_told(name: str, step: float) -> None:
    noted = run(name, step)
    (told,) = growths(noted, noted[-1])
    assert told.startswith(f"{name} grew from ")


def test_a_collection_that_grows_is_told_by_its_name() -> None:
    noted = run(held=1.0)
    assert growths(noted, noted[-1]) == ["Intake._recent grew from 74.5 to 199"]


@pytest.mark.parametrize(("name", "more"), [("tasks", 7), ("threads", 9), ("files", 25)])
def test_what_is_left_when_all_is_done_is_told(name: str, more: int) -> None:
    first = replace(run()[0], held=dict.fromkeys(EMPTY_AT_REST, 0))
    assert left_over(first, first) == []
    rest = replace(first, held={**first.held, "Tries._failures": 2}, **{name: getattr(first, name) + more})
    told = left_over(first, rest)
    assert told[0] == "Tries._failures still holds 2"
    assert told[1].startswith(f"{name} grew from ")
