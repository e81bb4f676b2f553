"""How much is tried, and what: what the files here share.

`make test` tries a few hundred inputs of each kind, the same each time. With LAWSPEAKER_SOAK=1 there are 100,000 of
each, others each time; one that fails is printed with how to try it again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

SOAK = os.environ.get("LAWSPEAKER_SOAK") == "1"


def tried(short: int = 200, soak: int = 100_000) -> settings:
    """So many inputs; nothing is kept on disk, and no input is too slow by itself."""
    return settings(
        max_examples=soak if SOAK else short,
        deadline=None,
        database=None,
        derandomize=not SOAK,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def texts(pieces: Sequence[str], most: int = 40) -> st.SearchStrategy[str]:
    """Texts of up to `most` parts: what a reader looks for, and anything else."""
    return st.lists(st.one_of(st.sampled_from(pieces), st.text(max_size=6)), max_size=most).map("".join)


def is_one_sentence(error: Exception) -> None:
    """Fail unless an error's words can be shown to who made the mistake: they are there, and on one line."""
    assert str(error).strip()
    assert "\n" not in str(error)
