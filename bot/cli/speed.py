"""What `lawspeaker doctor` says of how fast the model is here, and of which models this machine could run."""

from __future__ import annotations

import asyncio

from bot.bench.machine import cores
from bot.bench.part import Job
from bot.bench.parts import PartError, run_part
from bot.cli.finding import Finding
from bot.judge.models import ModelFile, human_size, load_catalogue
from bot.settings import Settings

_MOST_SECONDS = 120.0
# Of the length that chat messages have.
_MESSAGE = "does anyone know whether the second shelf in the shed needs another coat of paint?"


def look_at_speed(settings: Settings, model: ModelFile) -> Finding:
    """Tokens a second that the model reads and writes, measured now, in a process of its own.

    Half a minute for the default model on 2 cores; a model that takes longer than two minutes is too slow to be of use.
    """
    job = Job(
        model=str(model.path),
        threads=settings.threads or cores(),
        gpu_layers=settings.gpu_layers,
        seconds=_MOST_SECONDS,
        most=1,
        policies=[],
        messages=[(0, _MESSAGE)],
        laid_out_anew=False,  # as the judge runs it
    )
    try:
        told = asyncio.run(run_part("limit", job, _MOST_SECONDS, lambda _: None))
    except PartError as error:
        advice = "Set LAWSPEAKER_MODEL to a smaller model, or LAWSPEAKER_GPU_LAYERS where there is a GPU."
        return Finding("speed", False, f"not measured: {error}", advice)
    read, written, tokens = told["read_per_second"], told["written_per_second"], told["own_tokens"]
    return Finding(
        "speed",
        True,
        f"reads {read:.0f} tokens a second and writes {written:.0f} with several texts at a time: "
        f"a message of {tokens:.0f} tokens takes {tokens / read:.2f} s to read",
    )


def look_at_models(free: int | None) -> Finding:
    """Which models of the catalogue so many bytes of free memory are enough for."""
    if free is None:
        return Finding("models", True, "how much memory is free is not known here")
    models = load_catalogue().values()
    fitting = ", ".join(model.name for model in models if model.memory_bytes <= free)
    larger = [model for model in models if model.memory_bytes > free]
    others = ", ".join(f"{model.name} ({human_size(model.memory_bytes)})" for model in larger)
    found = f"memory for {fitting or 'none'}"
    return Finding("models", True, f"{found}; too little for {others}" if others else found)
