"""What the pipeline counts; the web part makes figures of it."""

from __future__ import annotations

from typing import Protocol


class Metrics(Protocol):
    """Told of each event once."""

    def message(self) -> None:
        """A submission was journalled."""

    def backfilled(self) -> None:
        """A message that was missed was found in a channel's history and handed in."""

    def verdict(self, outcome: str, seconds: float) -> None:
        """A submission was decided on, `seconds` after it was posted."""

    def told_alike(self) -> None:
        """A submission was told what like messages were, and the judge was not asked."""

    def action(self, kind: str, outcome: str) -> None:
        """An action was done, failed or skipped."""


class NoMetrics:
    """Counts nothing."""

    def message(self) -> None:
        """Nothing."""

    def backfilled(self) -> None:
        """Nothing."""

    def verdict(self, outcome: str, seconds: float) -> None:
        """Nothing."""

    def told_alike(self) -> None:
        """Nothing."""

    def action(self, kind: str, outcome: str) -> None:
        """Nothing."""
