"""docs/reliability.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_each_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+(?:\.py)?)`", (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8"))
    assert len(named) >= 20
    assert [path for path in named if not (ROOT / path).exists()] == []
