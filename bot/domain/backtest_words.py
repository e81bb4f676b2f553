"""What people are told of a backtest. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.backtest import Against, Findings, Reading
from bot.domain.decision import Outcome
from bot.domain.records import PolicyVersion
from bot.language import mark, tr, trn

_WORDS = {
    Outcome.ALLOW: mark("fine ({share:.0%})"),
    Outcome.ACT: mark("acted on ({share:.0%})"),
    Outcome.REVIEW: mark("asks a human ({share:.0%})"),
}
_WORDS_WITH_RULE = {
    Outcome.ACT: mark("acted on, rule {rule} ({share:.0%})"),
    Outcome.REVIEW: mark("asks a human, rule {rule} ({share:.0%})"),
}


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a backtest came: of `asked` messages the judge had no answer to `failed`. No law: `live` is None."""

    live: PolicyVersion | None
    draft: PolicyVersion
    asked: int
    failed: int


def reached_sentence(found: Findings, extent: Extent) -> str:
    """How many messages were judged, and why not all."""
    judged = len(found.compared)
    said = [
        trn("{n:,} stored message was judged by both.", "{n:,} stored messages were judged by both.", judged),
    ]
    if extent.failed:
        said.append(tr("To {count:,} more the judge had no answer.", count=extent.failed))
    if left := extent.asked - judged - extent.failed:
        said.append(tr("Time was up before {count:,} others: ask for fewer, or at a quieter hour.", count=left))
    return " ".join(said)


def against_words(figures: Against) -> str:
    """A policy against the reviews of humans, in shares."""
    parts = [tr("agrees with {share:.0%}", share=figures.agreement)]
    parts += [tr("precision {share:.0%}", share=figures.precision)] if figures.precision is not None else []
    parts += [tr("recall {share:.0%}", share=figures.recall)] if figures.recall is not None else []
    return " · ".join(parts)


def reading_words(reading: Reading, rule: str) -> str:
    """What is made of a message; `rule` is its rule's key as it may be shown."""
    if reading.caught and reading.rule is not None:
        return tr(_WORDS_WITH_RULE[reading.outcome], rule=rule, share=reading.probability)
    return tr(_WORDS[reading.outcome], share=reading.probability)
