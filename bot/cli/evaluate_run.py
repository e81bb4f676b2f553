"""The judging that `lawspeaker eval` does: all texts by one policy, by the judge and by what it is compared with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cli.bounded import in_order
from bot.cli.common import CliError, say
from bot.cli.evaluate_baselines import Baseline, ask
from bot.cli.labelled import Labelled
from bot.cli.stage import stage
from bot.domain.decision import REVIEW_AT
from bot.domain.evaluation import Judged, measure
from bot.domain.normalise import normalise
from bot.domain.policy import Policy
from bot.judge.interface import Judge, JudgeError, JudgeInfo
from bot.report.content import Row, Way


@dataclass(frozen=True, slots=True)
class Answers:
    """What the judge made of each text, in order, None where it could not judge; what it is, and seconds it took."""

    judged: tuple[Judged | None, ...]
    info: JudgeInfo
    seconds: float


async def judge_all(judge: Judge, policy: Policy, labelled: Sequence[Labelled]) -> Answers:
    """Start the judge, have it judge all texts and stop it; CliError where it could judge none."""
    try:
        await judge.start()
        say("Compiling the policy…")
        await judge.prepare(policy)
        started = time.perf_counter()
        judged = await _judge_each(judge, policy, labelled)
        answers = Answers(tuple(judged), judge.info(), time.perf_counter() - started)
    except JudgeError as error:
        raise CliError(str(error)) from error
    finally:
        await judge.stop()
    if not any(judged):
        raise CliError("No text could be judged: see the lines above for why.")
    return answers


async def _judge_each(judge: Judge, policy: Policy, labelled: Sequence[Labelled]) -> list[Judged | None]:
    async def one(given: Labelled) -> Judged | None:
        try:
            verdict = await judge.classify(policy, given.text, normalise(given.text))
        except JudgeError as error:
            say(f"A text could not be judged: {error}")
            return None
        return Judged(given.breaks, verdict.probability, verdict.rule, given.rule)

    answers = []
    with stage("judging", len(labelled)) as advance:
        async for answer in in_order(labelled, one):
            answers.append(answer)
            advance()
    return answers


def judge_way(answers: Answers, seed: int) -> Way:
    """The judge's own figures."""
    judged = [one for one in answers.judged if one is not None]
    speed = len(answers.judged) / answers.seconds
    return Way("judge", "Lawspeaker", measure(judged, REVIEW_AT, seed), speed)


async def compare(baseline: Baseline, policy: Policy, rows: Sequence[Row], seed: int) -> Way:
    """A baseline's figures on the texts that the judge could judge, so that all stand on the same; CliError."""
    same = [row for row in rows if row.judged is not None]
    asked = await ask(baseline, policy, [row.text for row in same])
    judged = [Judged(row.breaks, said) for row, said in zip(same, asked.probabilities, strict=True)]
    measured = measure(judged, REVIEW_AT, seed)
    return Way(baseline.key, baseline.name, measured, len(same) / asked.seconds, asked.cut)
