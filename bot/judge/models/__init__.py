"""The model catalogue: which models there are, fetching them, and checking that a file is the right one."""

from __future__ import annotations

from bot.judge.models.catalogue import (
    Catalogue,
    HubSource,
    ModelSpec,
    PackageSource,
    default_model_dir,
    load_catalogue,
)
from bot.judge.models.errors import ModelError, ModelFileError, PullError, UnknownModelError, human_size
from bot.judge.models.gguf import GgufInfo, read_gguf
from bot.judge.models.pull import (
    ModelFile,
    find_target,
    present_models,
    pull_model,
    resolve_model,
    verify_model,
)

__all__ = [
    "Catalogue",
    "GgufInfo",
    "HubSource",
    "ModelError",
    "ModelFile",
    "ModelFileError",
    "ModelSpec",
    "PackageSource",
    "PullError",
    "UnknownModelError",
    "default_model_dir",
    "find_target",
    "human_size",
    "load_catalogue",
    "present_models",
    "pull_model",
    "read_gguf",
    "resolve_model",
    "verify_model",
]
