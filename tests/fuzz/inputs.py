"""How much is tried: a property is a test, and its inputs are made by functions of a `random.Random` (`makers.py`).

In `make test` hypothesis plays that Random: a few hundred inputs, the same each time, and one that fails is made
small. In `make soak` 100,000 are played from seeds, others each time, which is ten times as fast. Of one that fails the
seed is said: with LAWSPEAKER_SEED it is the first that is tried.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random, SystemRandom
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.makers import Make
from tests.reliability.figures import is_soak, note

MANY = 100_000
# Longer than anything takes, even on a machine that has much else to do.
HANGS_SECONDS = 300
_LONGEST_SHOWN = 2_000

Property = Callable[..., None]


def tried(short: int = 200, soak: int = 0, each: str = "", **makers: Make[Any]) -> Callable[[Property], Property]:
    """A test of what is promised of any input; what `makers` make is handed to it by name, beside its fixtures.

    `short` and `soak` say how many are tried, 100,000 if not said. Where `each` names one that is a list, what stands
    in it is counted.
    """

    def of_property(promised: Property) -> Property:
        test = _long(promised, makers, soak or MANY, each) if is_soak() else _short(promised, makers, short)
        test.makers, test.promised = makers, promised  # type: ignore[attr-defined]
        return pytest.mark.soak(test)

    return of_property


def _short(promised: Property, makers: dict[str, Make[Any]], many: int) -> Property:
    played = settings(
        max_examples=many,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    made = {name: st.randoms(use_true_random=False).map(make) for name, make in makers.items()}
    return played(given(**made)(promised))


def _long(promised: Property, makers: dict[str, Make[Any]], many: int, each: str) -> Property:
    @functools.wraps(promised)
    def test(**fixtures: Any) -> None:
        first = int(os.environ.get("LAWSPEAKER_SEED") or SystemRandom().getrandbits(48))
        began, slowest, done = time.process_time(), 0.0, 0
        for seed in itertools.count(first):
            if done >= many:
                break
            random = Random(seed)
            inputs = {name: make(random) for name, make in makers.items()}
            begun = time.process_time()
            try:
                with _ended():
                    promised(**inputs, **fixtures)
            except BaseException as error:
                error.add_note(f"LAWSPEAKER_SEED={seed}\n{repr(inputs)[:_LONGEST_SHOWN]}")
                raise
            slowest = max(slowest, time.process_time() - begun)
            done += len(inputs[each]) if each else 1
        seconds = time.process_time() - began
        parameters = [f"[{one}]" for one in fixtures.values() if isinstance(one, str)]
        name = promised.__name__.removeprefix("test_").replace("_", " ")
        note(" ".join(["fuzz:", name, *parameters]), inputs=done, seconds=seconds, slowest_ms=slowest * 1_000)

    signature = inspect.signature(promised)
    others = [one for name, one in signature.parameters.items() if name not in makers]
    test.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
    return test


class Hangs(BaseException):
    """What a property does not catch."""


@contextmanager
def _ended() -> Iterator[None]:
    """Raise Hangs in what does not end by itself, at whatever it is."""

    def end(*_: object) -> None:
        raise Hangs(f"not done after {HANGS_SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, HANGS_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def is_one_sentence(error: Exception) -> None:
    """Fail unless an error's words can be shown to who made the mistake: they are there, and on one line."""
    assert str(error).strip()
    assert "\n" not in str(error)
