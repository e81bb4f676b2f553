"""What is still to be told of an appeal. From the deed on it stands as the appeal's note, until it was told. Pure."""

from __future__ import annotations

from enum import StrEnum

from bot.language import LANGUAGES, mark, speaking, tr


class Untold(StrEnum):
    """Moderators hear of an appeal; the member hears their answer, and what they decided."""

    APPEAL = "appeal"
    ANSWER = "answer"
    DECISION = "decision"


_NOTES = {
    Untold.APPEAL: mark("moderators are yet to be told of this appeal"),
    Untold.ANSWER: mark("the member is yet to be told the answer"),
    Untold.DECISION: mark("the member is yet to be told what was decided"),
}


def untold_note(untold: Untold) -> str:
    """The note that says so to moderators, in the language spoken."""
    return tr(_NOTES[untold])


def untold_by(note: str) -> Untold | None:
    """What a note, in whatever language it was written, says is still to be told; None where it says something else."""
    return _by_note().get(note)


def untold_notes() -> frozenset[str]:
    """All notes that say so, in all languages."""
    return frozenset(_by_note())


def _by_note() -> dict[str, Untold]:
    found: dict[str, Untold] = {}
    for language in LANGUAGES:
        with speaking(language):
            found |= {untold_note(untold): untold for untold in Untold}
    return found
