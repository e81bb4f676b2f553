"""What may be told of a failure: never its words, which may be members'."""

from __future__ import annotations

import traceback


def place_of(error: BaseException) -> str:
    """The file, line and function an error comes from; its message may hold what members wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
