"""What goes wrong with model files; each message is one sentence that says what to do."""

from __future__ import annotations


class ModelError(ValueError):
    """A model cannot be used."""


class UnknownModelError(ModelError):
    """The name or reference means nothing: unusable input."""


class ModelFileError(ModelError):
    """A model's file is missing, damaged or not the one it should be."""


class PullError(ModelError):
    """A model's file could not be fetched."""


def human_size(count: int) -> str:
    """Write a number of bytes as people say it, in powers of ten."""
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{count} bytes" if unit == "bytes" else f"{size:.1f} {unit}"
