"""Which part of the record is asked for, as it stands in an address. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bot.store.audit import Before, Sort
from bot.web.console.numbers import LARGEST_ID, LARGEST_VERSION, number_in


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Entries of a sort, by somebody, from before a place in the record; all of them, from the newest, where nothing
    is asked for that can be read."""

    sort: Sort | None = None
    author_id: int | None = None
    before: Before = field(default_factory=Before)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> AuditQuery:
        """From an address."""
        sort, by = given.get("sort", ""), given.get("by", "")
        change, _, number = given.get("before", "").partition(".")
        return cls(
            Sort(sort) if sort in list(Sort) else None,
            number_in(by, LARGEST_ID),
            Before(number_in(change, LARGEST_ID), number_in(number, LARGEST_VERSION)),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out, but by where it begins."""
        return self.sort is not None or self.author_id is not None

    def earlier(self, before: Before) -> str:
        """The address of the page that begins before a place in the record."""
        place = f"{before.change_id or ''}.{before.number or ''}"
        asked = {"sort": self.sort, "by": self.author_id, "before": place}
        return f"audit?{urlencode({name: value for name, value in asked.items() if value is not None})}"
