"""Progress bars on stderr for a long command."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def stage(name: str, total: int, done: int = 0) -> Iterator[Callable[[], None]]:
    """Show a bar while the block runs; what it gives is called for each thing done, of `total`, that is not `done`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=total, completed=done)
        yield lambda: progress.advance(task)


@contextmanager
def bar(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar while the block runs, where stderr is a terminal; what it gives is told how many more were done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    is_seen = sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not is_seen) as progress:
        task = progress.add_task(name, total=total)
        yield lambda count: progress.advance(task, count)
