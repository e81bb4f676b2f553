"""`lawspeaker eval --recall`: where the screen of two stages may let messages pass, and what that costs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any

import typer

from bot.cli.common import CliError, say
from bot.cli.labelled import Labelled
from bot.domain.normalise import normalise
from bot.domain.policy import Policy
from bot.domain.screening import FEW_BREAKING, threshold_for
from bot.judge.build import build_judge
from bot.judge.interface import JudgeError
from bot.judge.models import resolve_model
from bot.report.content import Evaluation
from bot.settings import Settings

# A reasoner may take minutes for one message.
TIMED_TEXTS = 5

Recall = Annotated[
    float | None,
    typer.Option(
        "--recall",
        min=0.01,
        max=1.0,
        metavar="SHARE",
        help="Choose the screen's threshold so that this share of what breaks the policy goes on to the reasoner.",
    ),
]


def judged_by(settings: Settings, recall: float | None) -> Settings:
    """The settings of what is to be measured: the screen by itself where its threshold is to be chosen."""
    return settings if recall is None else settings.model_copy(update={"reasoner_model": None})


async def screened(found: Evaluation, recall: float, settings: Settings, labelled: Sequence[Labelled]) -> Evaluation:
    """The evaluation with the threshold for a recall, what it does, and what it costs in seconds a message.

    The reasoner is timed on a few of the texts, where the settings name one; else its seconds are null. CliError where
    the texts cannot tell.
    """
    try:
        chosen = threshold_for(found.judge.measured.judged, recall)
    except ValueError as error:
        raise CliError(f"No threshold can be chosen: {error}.") from None
    fast = 1.0 / found.judge.messages_per_second if found.judge.messages_per_second else None
    slow = await _reasoner_seconds(settings, found.policy, labelled[:TIMED_TEXTS])
    told = {
        "recall_asked": recall,
        **asdict(chosen),
        "rests_on_few": chosen.rests_on_few,
        "screen_seconds": fast,
        "reasoner_seconds": slow,
        "seconds_per_message": None if fast is None or slow is None else fast + chosen.passed_on * slow,
    }
    return replace(found, screening=told)


async def _reasoner_seconds(settings: Settings, policy: Policy, texts: Sequence[Labelled]) -> float | None:
    if settings.reasoner_model is None:
        return None
    alone = settings.model_copy(update={"model": settings.reasoner_model, "reasoner_model": None})
    judge = build_judge(alone, resolve_model(alone.model, alone.model_dir))
    try:
        await judge.start()
        say(f"Timing {alone.model} on {len(texts)} texts…")
        await judge.prepare(policy)
        started = time.perf_counter()
        for one in texts:
            try:
                await judge.classify(policy, one.text, normalise(one.text))
            except JudgeError as error:  # its time was spent all the same
                say(f"A text could not be judged: {error}")
        return (time.perf_counter() - started) / len(texts)
    except JudgeError as error:
        raise CliError(str(error)) from error
    finally:
        await judge.stop()


def in_words(chosen: Mapping[str, Any]) -> list[str]:
    """The same as lines of a table."""
    lines = [
        f"  for a recall of {chosen['recall_asked']:.0%} set LAWSPEAKER_SCREEN_PASS_BELOW={chosen['pass_below']:.4f}",
        f"    recall {chosen['recall']:.3f} on {chosen['breaking']} breaking texts, with 95 % confidence at least "
        f"{chosen['recall_at_least']:.3f}; {chosen['passed_on']:.0%} of all texts go on to the reasoner",
    ]
    if chosen["rests_on_few"]:
        lines.append(f"    fewer than {FEW_BREAKING} breaking texts: choose a lower threshold, or label more")
    if chosen["screen_seconds"] is not None:
        slow, both = chosen["reasoner_seconds"], chosen["seconds_per_message"]
        cost = f"    seconds a message: screen {chosen['screen_seconds']:.2f}"
        lines.append(cost + (f", reasoner {slow:.2f}, both {both:.2f}" if slow is not None else ", no reasoner is set"))
    return lines
