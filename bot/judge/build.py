"""Builds the judge that the settings ask for."""

from __future__ import annotations

from bot.judge.harmony import Effort, Thinking
from bot.judge.interface import Judge
from bot.judge.models import ModelFile, resolve_model
from bot.judge.supervisor import LocalJudge
from bot.judge.two_stage import TwoStageJudge
from bot.settings import Settings


def build_judge(settings: Settings, model: ModelFile) -> Judge:
    """A judge that is not started yet; ModelError where the reasoner's model is missing or damaged."""
    judge = _local(settings, model)
    if settings.reasoner_model is None:
        return judge
    reasoner = _local(settings, resolve_model(settings.reasoner_model, settings.model_dir))
    return TwoStageJudge(judge, reasoner, settings.screen_pass_below)


def _local(settings: Settings, model: ModelFile) -> LocalJudge:
    thinking = Thinking(Effort(settings.reasoning_effort), settings.reasoning_tokens)
    return LocalJudge(model, settings.kept_prefixes, settings.threads, settings.gpu_layers, thinking)
