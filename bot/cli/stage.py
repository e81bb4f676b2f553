"""A progress bar on stderr for one stage of a long command."""

from __future__ import annotations

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
