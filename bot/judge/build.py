"""Builds the judge that the settings ask for."""

from __future__ import annotations

from bot.judge.fallback import FallbackJudge
from bot.judge.harmony import Effort, Thinking
from bot.judge.interface import Judge
from bot.judge.models import ModelFile, resolve_model
from bot.judge.remote.client import Client
from bot.judge.remote.judge import RemoteJudge
from bot.judge.supervisor import LocalJudge
from bot.judge.two_stage import TwoStageJudge
from bot.settings import Settings


def build_judge(settings: Settings, model: ModelFile | None) -> Judge:
    """A judge that is not started yet; `model` is the local one, None where a remote server judges alone.

    ModelError where the reasoner's model is missing or damaged.
    """
    local = _on_this_machine(settings, model) if model else None
    remote = remote_judge(settings)
    if remote and local:
        return FallbackJudge(remote, local)
    judge = remote or local
    if judge is None:
        raise ValueError("there is neither a remote server nor a model")
    return judge


def _on_this_machine(settings: Settings, model: ModelFile) -> Judge:
    judge = local_judge(settings, model)
    if settings.reasoner_model is None:
        return judge
    reasoner = local_judge(settings, resolve_model(settings.reasoner_model, settings.model_dir))
    return TwoStageJudge(judge, reasoner, settings.screen_pass_below)


def local_judge(settings: Settings, model: ModelFile) -> LocalJudge:
    """The judge of one model on this machine, not started yet."""
    return LocalJudge(
        model,
        settings.kept_prefixes,
        settings.threads,
        settings.gpu_layers,
        settings.prefix_cache_mb,
        Thinking(Effort(settings.reasoning_effort), settings.reasoning_tokens),
    )


def remote_judge(settings: Settings) -> RemoteJudge | None:
    """The judge behind the server that is set, not started yet; None where none is."""
    if settings.remote_url is None:
        return None
    client = Client(str(settings.remote_url), settings.remote_api_key, settings.remote_timeout)
    return RemoteJudge(client, settings.remote_model)
