"""The default model with the readout that is shipped, for what is fitted or weighed behind it."""

from __future__ import annotations

import os

from bot.judge.engine import Engine, EngineSettings
from bot.judge.library import load_library
from bot.judge.models import default_model_dir, resolve_model
from bot.judge.reader import Reader
from bot.judge.readout import load_readout
from bot.judge.scoring import EngineScorer


def shipped() -> tuple[Reader, EngineScorer]:
    """Load it, on all cores that the process may use: what reads, and what asks the model around the reader's texts."""
    readout = load_readout()
    engine = Engine(
        resolve_model("default", default_model_dir()).path, EngineSettings(threads=len(os.sched_getaffinity(0)))
    )
    reader = Reader(load_library(), lambda text: engine.tokenize(text)[0], readout)
    return reader, EngineScorer(engine, reader, readout.layers)
