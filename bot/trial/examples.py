"""The example servers of the sandbox: a policy, a chat and what to try, from the files beside it."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from bot.resources import resource_dir
from bot.sandbox.scenes import Line

FIRST = "workshop"
"""The example that `lawspeaker sandbox` replays; its files stand beside the others' folders."""
OTHERS = ("game", "reviews", "study")


@dataclass(frozen=True, slots=True)
class Place:
    """A channel. One that is not watched is not judged."""

    name: str
    topic: str
    watched: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """A server: `policy` is its source, `tries` say what one may try there, each in a sentence.

    `members` are the names of those whom one may be in the page.
    """

    name: str
    server: str
    about: str
    policy: str
    lines: tuple[Line, ...]
    tries: tuple[str, ...]
    channels: tuple[Place, ...]
    members: tuple[str, ...]


def example_folder(name: str) -> Path:
    """Where an example's files are."""
    folder = resource_dir("sandbox/example")
    return folder if name == FIRST else folder / name


def load_example(name: str) -> Example:
    """A shipped example: `scene.toml`, `policy.md` and `chat.jsonl`."""
    folder = example_folder(name)
    scene = tomllib.loads((folder / "scene.toml").read_text(encoding="utf-8"))
    chat = (folder / "chat.jsonl").read_text(encoding="utf-8").splitlines()
    return Example(
        name,
        scene["server"],
        scene["about"],
        (folder / "policy.md").read_text(encoding="utf-8"),
        tuple(Line(**json.loads(row)) for row in chat),
        tuple(scene["tries"]),
        tuple(Place(**row) for row in scene["channels"]),
        tuple(scene["members"]),
    )
