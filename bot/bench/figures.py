"""What the benchmark makes of its measurements: pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def time_slice(name: str, left: Mapping[str, float], seconds: float) -> float:
    """Seconds for a part out of those that remain, by its share among the shares of all parts that are `left`.

    What a part does not use so goes to those after it, and what it uses too much is taken from them.
    """
    return max(seconds, 0.0) * left[name] / sum(left.values())


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: the least value that so many percent of the values do not exceed.

    ValueError where there is none.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(math.ceil(percent / 100 * len(ordered)), 1) - 1]


def speedup(ours: float | None, theirs: float | None) -> float | None:
    """How many times as fast; None where either was not measured."""
    return round(ours / theirs, 3) if ours and theirs else None


def limit(
    own_tokens: float, read_per_second: float, share: float, rationale_tokens: float, written_per_second: float
) -> float:
    """Messages a second that this machine could reach with the whole model, were nothing else to be done.

    1 / (own_tokens / read_per_second + share * rationale_tokens / written_per_second), where `own_tokens` are the mean
    tokens of a message by itself, `share` the share of messages with a rationale, `rationale_tokens` its mean tokens,
    `read_per_second` the speed of prompt processing at 512 tokens and `written_per_second` that of writing with a full
    batch. A judge that reads a message with its policy does more than this; one that stops reading at an earlier layer
    does less, and may pass it.
    """
    return 1 / (own_tokens / read_per_second + share * rationale_tokens / written_per_second)
