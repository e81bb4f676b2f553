"""A local judge without a model, whose worker goes wrong as the messages say: see `faulty_worker.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bot.judge.models import ModelFile
from bot.judge.models.gguf import GgufInfo
from bot.judge.supervisor import LocalJudge

_WORKER = Path(__file__).with_name("faulty_worker.py")


class FaultyJudge(LocalJudge):
    """A judge whose worker does as the messages say; with what it is started, see the script."""

    def __init__(self, folder: Path, *at_start: str) -> None:
        info = GgufInfo(3, 1, "qwen3", None, 512, False)
        super().__init__(ModelFile(folder / "none.gguf", "faulty", "ab" * 32, "completion", None, info), folder)
        self.folder = folder
        self.at_start = at_start

    def _command(self) -> list[str]:
        return [sys.executable, "-I", "-S", str(_WORKER), str(self.folder), *self.at_start]

    def asked(self) -> list[tuple[int, str, str]]:
        """What the workers were asked: the number of the life, what for, and the text."""
        path = self.folder / "asked"
        return [tuple(json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []

    def lives_of(self, text: str) -> list[int]:
        """The lives in which the workers were asked about a text."""
        return [life for life, _, asked in self.asked() if asked == text]
