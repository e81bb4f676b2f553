"""A server's ladder: what a member's repeated violations bring besides a rule's own actions. Pure.

Written as `3 cases in 7d: timeout 1h; 5 in 30d: ban`. A step counts the new case itself, so that the third case within
7 days is the first with the timeout, and so is each one after it for as long as there are three. Of several steps that
are reached the severest counts. Which cases count is said in `bot.domain.standing`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.action_text import DEFAULT_TIMEOUT
from bot.domain.policy import CALLING, MAX_TIMEOUT, Action, ActionKind, format_duration
from bot.domain.setting_values import SettingError
from bot.language import tr

MOST_CHARACTERS = 500
MOST_STEPS = 8
LEAST_CASES, MOST_CASES = 2, 50
"""Cases that a step may ask for; what the first case brings, the rule's own actions say."""
LEAST_WINDOW, MOST_WINDOW = timedelta(minutes=1), timedelta(days=365)

_SEVERITY = {kind: rank for rank, kind in enumerate(("warn", "timeout", "kick", "ban"))}
_REMOVING = frozenset({ActionKind.TIMEOUT, ActionKind.KICK, ActionKind.BAN})
_STEP = re.compile(
    r"(?P<count>\d{1,4})\s*(?:cases?|flags?|violations?|times?)?\s+(?:in|within)\s+(?P<window>[^:→>]+?)\s*"
    r"(?::|→|->)\s*(?P<action>.+)",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_DURATION = re.compile(r"(\d{1,6})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?)", re.ASCII | re.IGNORECASE)
_MINUTES = {"m": 1, "h": 60, "d": 1_440, "w": 10_080}
_NONE = frozenset({"", "none"})


@dataclass(frozen=True, slots=True)
class Step:
    """So many cases, the new one included, of one member within `window` bring `action`."""

    count: int
    window: timedelta
    action: Action

    def __str__(self) -> str:
        """Write the step as it may be typed again: `3 cases in 7d: timeout 1h`."""
        return f"{self.count} cases in {format_duration(self.window)}: {self.action}"


Ladder = tuple[Step, ...]
"""Steps by their counts, then their windows; empty where repeated violations bring nothing more."""


@dataclass(frozen=True, slots=True)
class LadderTable:
    """A server's ladders: the general one, and those of single rules by key.

    A rule with a ladder of its own, be it an empty one, is apart: its cases count for that ladder alone. The general
    one counts the cases of all other rules together.
    """

    default: Ladder = ()
    by_rule: Mapping[str, Ladder] = field(default_factory=dict)

    def of(self, rule_key: str) -> Ladder:
        """The ladder that holds for a rule."""
        return self.by_rule.get(rule_key, self.default)

    def counts(self, earlier: str, rule_key: str) -> bool:
        """Whether a case of the rule `earlier` counts where a case of `rule_key` is new."""
        if rule_key in self.by_rule:
            return earlier == rule_key
        return earlier not in self.by_rule


@dataclass(frozen=True, slots=True)
class Reached:
    """A step that a case reaches; `count` is how many cases there are within the step's window, this one included."""

    step: Step
    count: int


def read_ladder(text: str) -> Ladder:
    """Read a ladder as it is typed, its steps with semicolons or line breaks between; SettingError says what is wrong.

    Nothing, or `none`, is the empty ladder.
    """
    if text.strip().casefold() in _NONE:
        return ()
    if len(text) > MOST_CHARACTERS:
        raise SettingError(
            tr(
                "A ladder has at most {most} characters, and this has {number}: shorten it.",
                most=MOST_CHARACTERS,
                number=len(text),
            )
        )
    parts = [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
    if len(parts) > MOST_STEPS:
        raise SettingError(
            tr(
                "A ladder has at most {most} steps, and these are {number}: take some out.",
                most=MOST_STEPS,
                number=len(parts),
            )
        )
    steps = tuple(sorted(map(_step, parts), key=lambda step: (step.count, step.window)))
    for step in steps:
        _require_effect(step, steps)
    return steps


def show_ladder(ladder: Ladder) -> str:
    """Write a ladder as it may be typed again."""
    return "; ".join(map(str, ladder)) or "none"


def reached(ladder: Ladder, at: datetime, earlier: Iterable[datetime]) -> Reached | None:
    """The step that a new case at `at` reaches, of several the severest; None where it reaches none.

    `earlier` are the times of the member's other cases that count, in any order; later ones than `at` do not. Asked
    with the time of now, it says in advance what the next case would bring. A case exactly a window ago is out of it.
    """
    ages = [at - time for time in earlier if time <= at]
    found = [Reached(step, 1 + sum(age < step.window for age in ages)) for step in ladder]
    return max(
        (one for one in found if one.count >= one.step.count), key=lambda one: _severity(one.step.action), default=None
    )


def stepped_up(actions: Sequence[Action], further: Action | None) -> tuple[Action, ...]:
    """A rule's own actions with the ladder's.

    Never milder than they were. Nothing is added where the rule asks for a human or offers help, for somebody in need
    is not to be punished, nor where its own actions are as severe; a milder timeout or kick makes way for the severer
    action.
    """
    kinds = {action.kind for action in actions}
    if further is None or kinds & CALLING or _is_in(further, actions, kinds):
        return tuple(actions)
    gives_way = _REMOVING if further.kind in _REMOVING else frozenset()
    return (*(action for action in actions if action.kind not in gives_way), further)


def _is_in(further: Action, actions: Sequence[Action], kinds: Collection[ActionKind]) -> bool:
    """Whether the ladder's action adds nothing to a rule's own."""
    if further.kind not in _REMOVING:
        return further.kind in kinds
    return any(one.kind in _REMOVING and _severity(one) >= _severity(further) for one in actions)


def _severity(action: Action) -> tuple[int, timedelta]:
    return _SEVERITY[action.kind], action.duration or timedelta()


def _step(text: str) -> Step:
    match = _STEP.fullmatch(text)
    if match is None:
        raise SettingError(tr("“{step}” is no step: write it as 3 cases in 7 days: timeout 1h.", step=_brief(text)))
    count = int(match["count"])
    if not LEAST_CASES <= count <= MOST_CASES:
        raise SettingError(
            tr(
                "A step asks for {least} to {most} cases, not {number}: change “{step}”.",
                least=LEAST_CASES,
                most=MOST_CASES,
                number=count,
                step=_brief(text),
            )
        )
    window = _duration(match["window"], text)
    if not LEAST_WINDOW <= window <= MOST_WINDOW:
        raise SettingError(
            tr(
                "A step looks back from 1 minute to {days} days: change “{step}”.",
                days=MOST_WINDOW.days,
                step=_brief(text),
            )
        )
    return Step(count, window, _action(match["action"], text))


def _action(written: str, step: str) -> Action:
    name, _, rest = written.strip().partition(" ")
    kind = name.casefold()
    if kind not in _SEVERITY:
        raise SettingError(
            tr("A step brings one of {actions}: change “{step}”.", actions=", ".join(_SEVERITY), step=_brief(step))
        )
    if kind != ActionKind.TIMEOUT:
        if rest.strip():
            raise SettingError(
                tr("Only a timeout has a duration, and a step brings one action: change “{step}”.", step=_brief(step))
            )
        return Action(ActionKind(kind))
    duration = _duration(rest, step) if rest.strip() else DEFAULT_TIMEOUT
    if not timedelta() < duration <= MAX_TIMEOUT:
        raise SettingError(
            tr(
                "A timeout lasts from 1 minute to {days} days: change “{step}”.",
                days=MAX_TIMEOUT.days,
                step=_brief(step),
            )
        )
    return Action(ActionKind.TIMEOUT, duration)


def _duration(text: str, step: str) -> timedelta:
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise SettingError(
            tr(
                "“{given}” is no duration in “{step}”: write it as 30m, 12h or 7d.",
                given=_brief(text.strip()),
                step=_brief(step),
            )
        )
    return timedelta(minutes=int(match[1]) * _MINUTES[match[2][0].casefold()])


def _require_effect(step: Step, steps: Iterable[Step]) -> None:
    """SettingError where another step is reached whenever this one is, and is as severe."""
    others = [other for other in steps if other is not step]
    for other in others:
        is_reached_too = other.count <= step.count and other.window >= step.window
        if is_reached_too and _severity(other.action) >= _severity(step.action):
            raise SettingError(
                tr(
                    "“{step}” would change nothing, as “{other}” is reached by then and as severe: take one of them "
                    "out.",
                    step=step,
                    other=other,
                )
            )


def _brief(text: str) -> str:
    """What was typed, short enough for a sentence."""
    return text if len(text) <= 60 else f"{text[:59]}…"
