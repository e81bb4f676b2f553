"""What became of a message in a few words, for the sandbox's page and for the terminal."""

from __future__ import annotations

from bot.domain.decision import Mode, Outcome
from bot.domain.policy import PUNISHING, ActionKind
from bot.domain.records import ActionOutcome, CaseRecord, Judgement, ReviewKind
from bot.sandbox.marks import LONGEST, Tone

PAST = {
    ActionKind.FLAG: "flagged",
    ActionKind.DELETE: "deleted",
    ActionKind.WARN: "author warned",
    ActionKind.TIMEOUT: "author timed out",
    ActionKind.KICK: "author kicked",
    ActionKind.BAN: "author banned",
    ActionKind.ESCALATE: "moderators called",
    ActionKind.HELP: "author offered help",
    ActionKind.LINK: "only linked",
}
PENDING = "pending"
_ANSWERS = {
    ReviewKind.CONFIRM: "confirmed by a moderator",
    ReviewKind.OVERTURN: "overturned by a moderator",
    ReviewKind.OTHER: "decided by a moderator",
}

Words = tuple[str, Tone]


def on_passed_over(reason: str) -> Words:
    """Of a message that the server's settings leave out, which is nobody's trouble."""
    return _short(f"not judged: {reason}"), "quiet"


def on_opened(case: CaseRecord) -> Words:
    """Of a message about which a case was opened, while it is acted on and explained."""
    sure = case.decision.outcome is Outcome.ACT
    if case.decision.rule is None:
        return "for a moderator: the case is being written", "waiting"
    return f"{'breaks' if sure else 'may break'} rule {case.decision.rule}: the case is being written", "waiting"


def on_answered(case: CaseRecord, answer: ReviewKind) -> Words:
    """Of a message whose case a moderator answered."""
    tones: dict[ReviewKind, Tone] = {ReviewKind.CONFIRM: "bad", ReviewKind.OVERTURN: "good", ReviewKind.OTHER: "bad"}
    return _joined([_ANSWERS[answer]], _where(case.decision.rule, case.number)), tones[answer]


def on_settled(judgement: Judgement, case: CaseRecord | None) -> Words:
    """Of a message on which nothing more is done by the bot itself."""
    decision = judgement.decision
    if decision.outcome is Outcome.ALLOW:
        return (_short(f"not judged: {decision.reason}"), "warning") if decision.reason else ("allowed", "good")
    where = _where(decision.rule, judgement.case_number)
    done = _done(case)
    if decision.outcome is Outcome.REVIEW:
        return _joined(["for a moderator", *map(PAST.__getitem__, done)], where), "warning"
    if judgement.mode is Mode.SHADOW:
        return _joined(["shadow mode, nothing done"], where), "warning"
    if not done:
        return _joined(["nothing could be done"], where), "warning"
    return _joined([PAST[kind] for kind in done], where), "bad" if PUNISHING.intersection(done) else "warning"


def _where(rule: str | None, case_number: int | None) -> str:
    """The rule that it rests on and the case, where there are any."""
    parts = [f"rule {rule}" if rule else "", f"case {case_number}" if case_number is not None else ""]
    return ", ".join(part for part in parts if part)


def _done(case: CaseRecord | None) -> list[ActionKind]:
    """What was carried out; that words are only linked is told in the log."""
    records = case.actions if case is not None else ()
    kinds = [one.action.kind for one in records if one.outcome is ActionOutcome.DONE]
    return [kind for kind in kinds if kind is not ActionKind.LINK] or kinds


def _joined(parts: list[str], where: str) -> str:
    """What was done and where it stands, without the last parts where they are too many for a mark."""
    while len(text := f"{', '.join(parts)}: {where}" if where else ", ".join(parts)) > LONGEST and len(parts) > 1:
        parts = parts[:-1]
    return _short(text)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
