"""Read the actions that a rule asks for, as `delete, timeout 1h`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from bot.domain.policy import MAX_TIMEOUT, Action, ActionKind, PolicyError
from bot.language import tr

DEFAULT_TIMEOUT = timedelta(hours=1)

_DURATION = re.compile(r"^(\d{1,6})\s*(s|sec|m|min|h|d|w)\w*$", re.IGNORECASE)
_UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def parse_actions(text: str, rule_key: str) -> tuple[Action, ...]:
    """Parse what stands in a rule's brackets, as `delete, timeout 1h`; raises PolicyError."""
    return tuple(_distinct(_action(part.strip(), rule_key) for part in re.split(r"[,;+&]", text) if part.strip()))


def _distinct(actions: Iterable[Action]) -> list[Action]:
    kept: dict[ActionKind, Action] = {}
    for action in actions:
        kept.setdefault(action.kind, action)
    return list(kept.values())


def _action(text: str, rule_key: str) -> Action:
    name, _, rest = text.partition(" ")
    try:
        kind = ActionKind(name.casefold())
    except ValueError:
        known = ", ".join(ActionKind)
        raise PolicyError(
            tr("Rule {rule} asks for “{asked}”; actions are {known}.", rule=rule_key, asked=_brief(text), known=known)
        ) from None
    if kind is not ActionKind.TIMEOUT:
        if rest.strip():
            raise PolicyError(
                tr("Rule {rule}: “{action}” takes no duration, only timeout does.", rule=rule_key, action=kind)
            )
        return Action(kind)
    return Action(kind, _duration(rest.strip(), rule_key) if rest.strip() else DEFAULT_TIMEOUT)


def _duration(text: str, rule_key: str) -> timedelta:
    match = _DURATION.match(text)
    if not match:
        raise PolicyError(
            tr("Rule {rule}: “{given}” is no duration; write it as 10m, 1h or 7d.", rule=rule_key, given=_brief(text))
        )
    seconds = int(match[1]) * _UNITS[match[2].casefold()]
    if not 0 < seconds <= MAX_TIMEOUT.total_seconds():
        raise PolicyError(tr("Rule {rule}: a timeout lasts from 1s to 28d on Discord.", rule=rule_key))
    return timedelta(seconds=seconds)


def _brief(text: str) -> str:
    """What was typed, on one line and short enough for a sentence."""
    return " ".join(text.split())[:40]
