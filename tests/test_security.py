"""SECURITY.md names a test for each threat, and there is such a test; what it says of dependencies holds."""

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


# -- dependencies --------------------------------------------------------------------------------------------


def locked(name: str) -> dict[str, str]:
    """By the first line of each package in a lock file, which is its name, version and marker, the rest of it."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    blocks = re.split(r"(?m)^(?=\S)", re.sub(r"(?m)^ *#.*\n", "", text))
    return {head.removesuffix("\\").strip(): rest for head, _, rest in (one.partition("\n") for one in blocks) if head}


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_every_dependency_is_locked_with_a_hash_and_none_comes_from_elsewhere(name: str) -> None:
    packages = locked(name)
    assert len(packages) > 50
    for head, rest in packages.items():
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*( ; .+)?", head), head
        assert rest, head
        for line in rest.splitlines():
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line), (head, line)


def test_the_program_is_tested_with_the_versions_it_is_run_with() -> None:
    tested = locked("dev.txt")
    for head, hashes in locked("base.txt").items():
        version = head.partition(" ;")[0]
        assert [other for other in tested if other.partition(" ;")[0] == version and tested[other] == hashes], version
