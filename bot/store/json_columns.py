"""What is kept as JSON in a column, written and read back; what may be typed by now does not matter to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.domain.decision import Ahead, Thresholds, ThresholdTable
from bot.domain.ladder import Ladder, LadderTable, Step
from bot.domain.policy import Action, ActionKind


def thresholds_json(table: ThresholdTable) -> dict[str, Any]:
    """Thresholds as they are kept: two probabilities for the server, and for each rule that has its own."""
    return {
        "default": [table.default.act_at, table.default.review_at],
        "rules": {key: [one.act_at, one.review_at] for key, one in table.by_rule.items()},
    }


def thresholds_of(kept: dict[str, Any]) -> ThresholdTable:
    """Thresholds from what is kept."""
    return ThresholdTable(Thresholds(*kept["default"]), {key: Thresholds(*pair) for key, pair in kept["rules"].items()})


def ladder_json(table: LadderTable) -> dict[str, Any]:
    """Ladders as they are kept: the steps of the general one, and of each rule that has its own."""
    return {
        "default": _steps_json(table.default),
        "rules": {key: _steps_json(ladder) for key, ladder in table.by_rule.items()},
    }


def ladder_of(kept: dict[str, Any] | None) -> LadderTable:
    """Ladders from what is kept; none where nothing is."""
    if kept is None:
        return LadderTable()
    return LadderTable(_steps_of(kept["default"]), {key: _steps_of(steps) for key, steps in kept["rules"].items()})


def ahead_json(ahead: Ahead) -> dict[str, Any]:
    """What comes next as it is kept."""
    return {"action": _action_json(ahead.action), "until": ahead.until.isoformat(), "rule": ahead.rule}


def ahead_of(kept: dict[str, Any] | None) -> Ahead | None:
    """What comes next from what is kept."""
    if kept is None:
        return None
    return Ahead(_action_of(kept["action"]), datetime.fromisoformat(kept["until"]), kept["rule"])


def _action_json(action: Action) -> list[Any]:
    """An action as its kind and its duration in seconds, null where it has none."""
    return [action.kind.value, action.duration.total_seconds() if action.duration is not None else None]


def _action_of(kept: list[Any]) -> Action:
    """An action from what is kept."""
    kind, seconds = kept
    return Action(ActionKind(kind), timedelta(seconds=seconds) if seconds is not None else None)


def _steps_json(ladder: Ladder) -> list[list[Any]]:
    return [[step.count, step.window.total_seconds(), _action_json(step.action)] for step in ladder]


def _steps_of(kept: list[Any]) -> Ladder:
    return tuple(Step(count, timedelta(seconds=seconds), _action_of(action)) for count, seconds, action in kept)
