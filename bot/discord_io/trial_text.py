"""What a decision would come to, in words. Pure."""

from __future__ import annotations

from bot.domain.decision import Decision, Mode, Outcome, planned
from bot.domain.policy import ActionKind
from bot.language import tr


def would_do(decision: Decision, mode: Mode) -> str:
    """What a decision would come to in a mode."""
    if decision.outcome is Outcome.ALLOW:
        return tr("nothing: the message is fine")
    if decision.outcome is Outcome.REVIEW:
        enforced = _asks(decision)
        if mode is Mode.SHADOW:
            return tr("a human is asked")
    else:
        enforced = ", ".join(str(action) for action in planned(decision))
    if mode is Mode.ENFORCE:
        return enforced
    return tr("nothing, as the mode is {mode}; when enforced: {actions}", mode=mode.value, actions=enforced)


def _asks(decision: Decision) -> str:
    """What a decision to ask a human comes to when it is enforced."""
    kinds = {action.kind for action in decision.actions}
    if {ActionKind.ESCALATE, ActionKind.HELP} <= kinds:
        return tr("a human is asked, and called at once, and the author is offered help")
    if ActionKind.ESCALATE in kinds:
        return tr("a human is asked, and called at once")
    if ActionKind.HELP in kinds:
        return tr("a human is asked, and the author is offered help")
    return tr("a human is asked")
