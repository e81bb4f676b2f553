"""Builds the judge that the settings ask for."""

from __future__ import annotations

from bot.judge.interface import Judge
from bot.judge.models import ModelFile
from bot.judge.supervisor import LocalJudge
from bot.settings import Settings


def build_judge(settings: Settings, model: ModelFile) -> Judge:
    """A judge that is not started yet."""
    return LocalJudge(model, settings.kept_prefixes, settings.threads, settings.gpu_layers, settings.prefix_cache_mb)
