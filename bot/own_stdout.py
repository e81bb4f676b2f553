"""Standard output for answers alone, in a process that answers by lines."""

from __future__ import annotations

import os
from typing import TextIO


def own_stdout() -> TextIO:
    """A line-buffered copy of stdout; whatever else the process or a library (llama.cpp does) prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return answers
