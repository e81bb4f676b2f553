"""How a trial looks in a terminal: each message with what became of it, and a count at the end."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.text import Text

from bot.discord_io.text import terminal
from bot.domain.decision import Outcome
from bot.domain.records import ActionOutcome, ActionRecord, Judgement
from bot.trial.trial import Settled
from bot.trial.words import PAST

_STYLES = {Outcome.ALLOW: "green", Outcome.REVIEW: "yellow", Outcome.ACT: "red"}


class ConsoleView:
    """Writes to stdout; members' texts are printed as data, never as markup or control characters."""

    def __init__(self, console: Console | None = None) -> None:
        """Write to a console, the terminal's unless given."""
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._outcomes: Counter[Outcome] = Counter()

    def note(self, text: str) -> None:
        """Say how far it is."""
        self._console.print(Text(text, style="dim"))

    def settled(self, settled: Settled) -> None:
        """Show a message and what became of it."""
        judgement = settled.judgement
        outcome = judgement.decision.outcome
        self._outcomes[outcome] += 1
        head = Text()
        head.append(f"#{terminal(settled.channel, 30)} ", style="cyan")
        head.append(f"{terminal(judgement.submission.author_name, 32)}: ", style="bold")
        head.append(terminal(judgement.submission.text, 160))
        self._console.print(head)
        self._console.print(Text(f"    {terminal(self._verdict(settled), 400)}", style=_STYLES[outcome]))
        for label, text in _reasons(settled):
            self._console.print(Text(f"    {label}: {terminal(text, 300)}"))

    def summary(self) -> None:
        """How many messages went which way."""
        counts = self._outcomes
        total = sum(counts.values())
        self._console.print(
            Text(
                f"{total} messages settled: {counts[Outcome.ALLOW]} allowed, {counts[Outcome.REVIEW]} for a moderator "
                f"to look at, {counts[Outcome.ACT]} acted on.",
                style="bold",
            )
        )

    def _verdict(self, settled: Settled) -> str:
        judgement = settled.judgement
        case = f", case {judgement.case_number}" if judgement.case_number is not None else ""
        match judgement.decision.outcome:
            case Outcome.ALLOW:
                return f"allowed ({_likeliest(judgement)})"
            case Outcome.REVIEW:
                return f"for a moderator to look at ({_likeliest(judgement)}){case}"
            case Outcome.ACT:
                done = ", ".join(_action(record) for record in (settled.case.actions if settled.case else ()))
                return f"{done} ({_likeliest(judgement)}){case}"


def _reasons(settled: Settled) -> list[tuple[str, str]]:
    if settled.case is None:
        return []
    if settled.case.verdict is None:
        return [("why", settled.case.decision.reason)]
    verdict = settled.case.verdict
    return [(label, text) for label, text in (("why", verdict.rationale), ("quote", verdict.quote)) if text]


def _likeliest(judgement: Judgement) -> str:
    verdict = judgement.verdict
    if verdict is None or verdict.rule is None:
        return judgement.decision.reason or "no rule applies"
    rule = judgement.decision.rule or verdict.rule
    return f"rule {rule} at {verdict.probabilities[rule]:.2f}"


def _action(record: ActionRecord) -> str:
    word = PAST[record.action.kind]
    if record.outcome is ActionOutcome.DONE:
        return word
    return f"{word}: {record.outcome.value}" + (f", {record.note}" if record.note else "")
