"""What people are told of how a version's rules are calibrated, as Discord shows it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.discord_io.text import inert, within
from bot.domain.calibration import RuleShift
from bot.domain.calibration_words import ended_line, shift_line
from bot.domain.records import PolicyVersion
from bot.language import mark, tr

_NOTE = 1_400
_NAME = 20
_HINT = mark("`/policy calibrate` shows this and takes it away.")


def shift_lines(shifts: Iterable[RuleShift]) -> list[str]:
    """A sentence for each rule."""
    return [shift_line(one, inert(one.rule, _NAME)) for one in shifts]


def published_note(shifts: Sequence[RuleShift], ended: Sequence[str], before: PolicyVersion | None) -> str:
    """What a publication changed of how rules are taken, to be added to the answer; empty where nothing is changed."""
    lines = shift_lines(shifts)
    if before is not None:
        lines += [ended_line(inert(key, _NAME), before.number) for key in ended]
    if not lines:
        return ""
    return "\n" + within(lines, _NOTE) + "\n" + tr(_HINT)
