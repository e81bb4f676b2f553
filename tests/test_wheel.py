"""The wheel holds all that the program needs outside the checkout: packs, migrations, the examples, the page."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parent.parent

_LOOK = """
import bot, pathlib
from bot.trial.examples import FIRST, OTHERS, load_example
from bot.judge.library import load_library
from bot.resources import resource_dir
assert pathlib.Path(bot.__file__).is_relative_to({unpacked!r}), bot.__file__
page = pathlib.Path(bot.__file__).parent / "sandbox" / "page"
assert {{"index.html", "main.js", "layout.css"}} <= {{path.name for path in page.iterdir()}}
for name in ("policies", "migrations", "sandbox/example"):
    assert resource_dir(name).is_dir() and resource_dir(name).is_relative_to({unpacked!r}), name
assert all(load_example(name).lines for name in (FIRST, *OTHERS))
print(len(list(resource_dir("policies").glob("*/policy.md"))))
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def run_outside(unpacked: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the unpacked wheel before everything else, in another folder."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "LAWSPEAKER_DATA_DIR": str(folder / "data")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_packs_migrations_and_the_example_travel_in_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    answer = run_outside(unpacked, tmp_path, "-c", _LOOK.format(unpacked=str(unpacked)))
    assert (answer.returncode, answer.stdout) == (0, "22\n"), answer.stderr


def test_the_wheel_installs_the_program_and_nothing_beside_it(unpacked: Path) -> None:
    names = {path.name for path in unpacked.iterdir()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"bot", "cogs"}


def test_the_database_can_be_made_outside_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    answer = run_outside(unpacked, tmp_path, "-m", "bot.cli", "db", "upgrade")
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "data" / "lawspeaker.sqlite3").is_file()


def test_the_wheel_names_the_command(unpacked: Path) -> None:
    (entry_points,) = unpacked.glob("lawspeaker-*.dist-info/entry_points.txt")
    assert "lawspeaker = bot.cli:main" in entry_points.read_text(encoding="utf-8")
