"""The judging that `lawspeaker eval` does: all texts by one policy, by the judge and by what it is compared with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cli.bounded import in_order
from bot.cli.common import CliError, say
from bot.cli.evaluate_baselines import Baseline, ask
from bot.cli.evaluate_kept import Kept, KeptAnswers
from bot.cli.labelled import Labelled
from bot.cli.stage import stage
from bot.domain.decision import REVIEW_AT
from bot.domain.evaluation import Judged, measure
from bot.domain.normalise import normalise
from bot.domain.policy import Policy
from bot.domain.verdict import Verdict
from bot.judge.interface import Judge, JudgeError, JudgeInfo
from bot.report.content import Row, Way


@dataclass(frozen=True, slots=True)
class Answers:
    """What the judge made of each text, in order, None where it could not judge; what it is, and seconds it took."""

    judged: tuple[Judged | None, ...]
    info: JudgeInfo
    seconds: float


async def judge_all(judge: Judge, policy: Policy, labelled: Sequence[Labelled], kept: KeptAnswers) -> Answers:
    """Start the judge, have it judge all texts and stop it; what is kept is not judged again.

    CliError where it could judge none.
    """
    try:
        await judge.start()
        say("Compiling the policy…")
        await judge.prepare(policy)
        judged = await _judge_each(judge, policy, labelled, kept)
        answers = Answers(tuple(judged), judge.info(), kept.seconds)
    except JudgeError as error:
        raise CliError(str(error)) from error
    finally:
        await judge.stop()
    if not any(judged):
        raise CliError("No text could be judged: see the lines above for why.")
    return answers


async def _judge_each(
    judge: Judge, policy: Policy, labelled: Sequence[Labelled], kept: KeptAnswers
) -> list[Judged | None]:
    async def one(text: str) -> tuple[str, Verdict | None]:
        try:
            return text, await judge.classify(policy, text, normalise(text))
        except JudgeError as error:
            say(f"A text could not be judged: {error}")
            return text, None

    missing = kept.missing(given.text for given in labelled)
    with stage("judging", len(labelled), done=len(labelled) - len(missing)) as advance:
        since = time.perf_counter()
        async for text, verdict in in_order(missing, one):
            now = time.perf_counter()
            if verdict is not None:
                kept.keep(text, Kept(verdict.probability, verdict.rule, seconds=now - since))
                since = now
            advance()
    return [_judged(given, kept) if given.text in kept else None for given in labelled]


def _judged(given: Labelled, kept: KeptAnswers) -> Judged:
    answer = kept[given.text]
    return Judged(given.breaks, answer.probability, answer.likeliest, given.rule)


def judge_way(answers: Answers, seed: int) -> Way:
    """The judge's own figures."""
    judged = [one for one in answers.judged if one is not None]
    speed = len(answers.judged) / answers.seconds
    return Way("judge", "Lawspeaker", measure(judged, REVIEW_AT, seed), speed)


async def compare(baseline: Baseline, policy: Policy, rows: Sequence[Row], seed: int, kept: KeptAnswers) -> Way:
    """A baseline's figures on the texts that the judge could judge, so that all stand on the same; CliError.

    It is not asked again for what is kept.
    """
    same = [row for row in rows if row.judged is not None]
    missing = kept.missing(row.text for row in same)
    if missing:
        with stage(baseline.name, len(same), done=len(same) - len(missing)) as advance:
            async for text, answer in ask(baseline, policy, missing):
                kept.keep(text, answer)
                advance()
    answers = [kept[row.text] for row in same]
    judged = [Judged(row.breaks, answer.probability) for row, answer in zip(same, answers, strict=True)]
    measured = measure(judged, REVIEW_AT, seed)
    return Way(baseline.key, baseline.name, measured, len(same) / kept.seconds, sum(answer.cut for answer in answers))
