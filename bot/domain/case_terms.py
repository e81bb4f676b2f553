"""What the parts of a case are called wherever one is shown: in embeds, lists, answers and on the console. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.policy import ActionKind
from bot.domain.records import ActionOutcome, CaseStatus, ReviewKind
from bot.domain.waiting import Why
from bot.language import mark

STATUS: Mapping[CaseStatus, str] = {
    CaseStatus.OPEN: mark("open"),
    CaseStatus.CONFIRMED: mark("confirmed"),
    CaseStatus.OVERTURNED: mark("overturned"),
    CaseStatus.OTHER: mark("other"),
}
BECAME: Mapping[ActionOutcome, str] = {
    ActionOutcome.PLANNED: mark("… {action} planned"),
    ActionOutcome.ATTEMPTED: mark("… {action} attempted"),
    ActionOutcome.DONE: mark("✅ {action} done"),
    ActionOutcome.FAILED: mark("⚠️ {action} failed"),
    ActionOutcome.SKIPPED: mark("⏭️ {action} skipped"),
}
"""What became of an action."""
UNDONE: Mapping[ActionOutcome, str] = {
    ActionOutcome.PLANNED: mark("… to be undone"),
    ActionOutcome.ATTEMPTED: mark("… being undone"),
    ActionOutcome.DONE: mark("↩️ undone"),
    ActionOutcome.FAILED: mark("⚠️ not undone"),
    ActionOutcome.SKIPPED: mark("⏭️ nothing undone"),
}
"""What became of taking an action back."""
PAST: Mapping[ActionKind, str] = {
    ActionKind.FLAG: mark("flagged"),
    ActionKind.DELETE: mark("deleted"),
    ActionKind.WARN: mark("warned"),
    ActionKind.TIMEOUT: mark("timed out"),
    ActionKind.KICK: mark("kicked"),
    ActionKind.BAN: mark("banned"),
    ActionKind.ESCALATE: mark("escalated"),
    ActionKind.HELP: mark("offered help"),
    ActionKind.LINK: mark("only linked"),
}
ANSWERED: Mapping[ReviewKind, str] = {
    ReviewKind.CONFIRM: mark("✅ confirmed by {moderator} {time}"),
    ReviewKind.OVERTURN: mark("↩️ overturned by {moderator} {time}"),
    ReviewKind.OTHER: mark("🔨 answered with another action by {moderator} {time}"),
}
WAITS: Mapping[Why, str] = {
    Why.APPEAL: mark("its author appeals"),
    Why.ESCALATION: mark("a human was called"),
    Why.REPORT: mark("reported by a member"),
    Why.FAILURE: mark("it could not be judged"),
    Why.UNSURE: mark("between the thresholds"),
}
"""Why a case waits for a human."""
ANSWERED_BEFORE: Mapping[ReviewKind, str] = {
    ReviewKind.CONFIRM: mark("Case {number} was confirmed already by {moderator}, {when}."),
    ReviewKind.OVERTURN: mark("Case {number} was overturned already by {moderator}, {when}."),
    ReviewKind.OTHER: mark("Case {number} was answered with another action already by {moderator}, {when}."),
}
"""For whoever answers second."""
CLAIMED = mark("Case {number} is claimed by {moderator} until {until}: leave it to them, or wait.")
"""For whoever would answer what another moderator holds."""
