"""A worker that gets no memory for the model: whoever starts it reads so, and it is not started for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.judge import supervisor
from bot.judge.interface import JudgeError
from bot.judge.models import ModelFile
from bot.judge.supervisor import MOST_UNABLE, LocalJudge

pytestmark = pytest.mark.model


class Pressed(LocalJudge):
    """A judge whose worker may have no more address space than so many megabytes."""

    megabytes = 0

    def _command(self) -> list[str]:
        return ["sh", "-c", f'ulimit -v {self.megabytes * 1_024} && exec "$@"', "sh", *super()._command()]


@pytest.mark.parametrize(
    ("megabytes", "sentence"),
    [
        (60, "has the memory for the model"),
        (200, "has the memory for it"),
        (400, "free some memory or choose a smaller model"),
    ],
    ids=["not even for its libraries", "not for the weights", "not for what it reads"],
)
async def test_a_worker_without_memory_says_so_at_the_start(
    megabytes: int, sentence: str, tiny: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_BACKOFF_SECONDS", (0.0,))
    judge = Pressed(tiny, tmp_path, threads=1)
    judge.megabytes = megabytes
    with pytest.raises(JudgeError, match=sentence):
        await judge.start()
    assert judge.info().restarts < MOST_UNABLE
    assert judge.worker_pid is None
