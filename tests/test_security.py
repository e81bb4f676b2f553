"""SECURITY.md names a test for each threat, and there is such a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
THREATS = [
    line
    for line in (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## Threats")[2].splitlines()
    if line.startswith("| ") and not line.startswith("| threat ")
]


@pytest.mark.parametrize("line", THREATS)
def test_each_threat_names_a_test_that_exists(line: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", line)
    assert named, "no test is named"
    for file, function in named:
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not function or re.search(rf"^(async )?def {function}\(", text, re.MULTILINE)
