"""Builds the judge that the settings ask for."""

from __future__ import annotations

from bot.judge.fallback import FallbackJudge
from bot.judge.interface import Judge
from bot.judge.models import ModelFile
from bot.judge.remote.client import Client
from bot.judge.remote.judge import RemoteJudge
from bot.judge.supervisor import LocalJudge
from bot.settings import Settings


def build_judge(settings: Settings, model: ModelFile | None) -> Judge:
    """A judge that is not started yet; `model` is the local one, None where a remote server judges alone."""
    local = local_judge(settings, model) if model else None
    remote = remote_judge(settings)
    if remote and local:
        return FallbackJudge(remote, local)
    judge = remote or local
    if judge is None:
        raise ValueError("there is neither a remote server nor a model")
    return judge


def local_judge(settings: Settings, model: ModelFile) -> LocalJudge:
    """The judge on this machine, not started yet."""
    return LocalJudge(model, settings.kept_prefixes, settings.threads, settings.gpu_layers, settings.prefix_cache_mb)


def remote_judge(settings: Settings) -> RemoteJudge | None:
    """The judge behind the server that is set, not started yet; None where none is."""
    if settings.remote_url is None:
        return None
    client = Client(str(settings.remote_url), settings.remote_api_key, settings.remote_timeout)
    return RemoteJudge(client, settings.remote_model)
