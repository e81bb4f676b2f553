"""`lawspeaker eval`: how good the judge is on labelled texts, by a policy."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.cli import screening
from bot.cli.bounded import in_order
from bot.cli.common import AsJson, CliError, print_json, read_policy, say, settings_for_command, usable_model
from bot.cli.labelled import Labelled, read_labelled
from bot.discord_io.text import terminal
from bot.domain.decision import REVIEW_AT
from bot.domain.evaluation import Judged, by_rule, confusion, figures, intervals
from bot.domain.normalise import normalise
from bot.domain.policy import Policy
from bot.judge.build import build_judge
from bot.judge.interface import Judge, JudgeError


def evaluate(
    policy: Annotated[Path, typer.Option("--policy", metavar="FILE", help="The policy to judge by.")],
    data: Annotated[Path, typer.Option("--data", metavar="FILE", help="Labelled texts, .csv or JSON lines.")],
    text: Annotated[str, typer.Option(metavar="FIELD", help="The field that holds the text.")] = "text",
    label: Annotated[str, typer.Option(metavar="FIELD", help="The field that says whether it breaks one.")] = "label",
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Judge N texts, drawn by chance.")] = None,
    seed: Annotated[int, typer.Option(help="The seed of what is drawn by chance.")] = 1,
    recall: screening.Recall = None,
    as_json: AsJson = False,
) -> None:
    """Judge labelled texts by a policy, and print how good the verdicts are.

    A text counts as caught where the bot would show it to a moderator. A field `rule` in the data, if there is one,
    names the rule that a text breaks. The exit status is 1 when a text could not be judged: the figures leave it out.
    """
    read = read_policy(policy)
    labelled = read_labelled(data, text, label)
    known = [rule.key for rule in read.rules]
    unknown = [one.rule for one in labelled if one.rule is not None and one.rule not in known]
    if unknown:
        raise CliError(f"The data name a rule {terminal(unknown[0])}: the policy's rules are {', '.join(known)}.")
    if limit is not None and limit < len(labelled):
        labelled = random.Random(seed).sample(labelled, limit)  # noqa: S311 - no secret
    settings = settings_for_command()
    judge = build_judge(screening.judged_by(settings, recall), usable_model(settings))
    found = asyncio.run(_evaluate(judge, read, labelled, seed, recall))
    if recall is not None:
        asyncio.run(screening.add_cost(found, settings, read, labelled))
    if as_json:
        print_json(found)
    else:
        print(_in_words(found))
    if found["not_judged"]:
        raise typer.Exit(1)


async def _evaluate(
    judge: Judge, policy: Policy, labelled: Sequence[Labelled], seed: int, recall: float | None = None
) -> dict[str, Any]:
    """Judge all, and make an object of the figures that is fit for JSON; CliError where nothing could be judged."""
    try:
        await judge.start()
        say("Compiling the policy…")
        await judge.prepare(policy)
        started = time.perf_counter()
        answers = await _judge_all(judge, policy, labelled)
        seconds = time.perf_counter() - started
        info = judge.info()
    except JudgeError as error:
        raise CliError(str(error)) from error
    finally:
        await judge.stop()
    judged = [answer for answer in answers if answer is not None]
    if not judged:
        raise CliError("No text could be judged: see the lines above for why.")
    found: dict[str, Any] = {
        "n": len(judged),
        "base_rate": sum(one.breaks for one in judged) / len(judged),
        **figures(judged, REVIEW_AT),
        "messages_per_second": round(len(answers) / seconds, 3),
        "ci": intervals(judged, REVIEW_AT, seed),
        "confusion": asdict(confusion(judged, REVIEW_AT)),
        "not_judged": len(answers) - len(judged),
        "seed": seed,
        "policy_digest": policy.digest,
        "model": info.model,
        "model_digest": info.model_digest,
    }
    if any(one.rule for one in judged):
        found["rules"] = by_rule(judged, [rule.key for rule in policy.rules], REVIEW_AT)
    if recall is not None:
        found["screening"] = screening.screening_json(judged, recall)
    return found


async def _judge_all(judge: Judge, policy: Policy, labelled: Sequence[Labelled]) -> list[Judged | None]:
    """What came of each text, in order; None where one could not be judged."""

    async def one(given: Labelled) -> Judged | None:
        try:
            verdict = await judge.classify(policy, given.text, normalise(given.text))
        except JudgeError as error:
            say(f"A text could not be judged: {error}")
            return None
        return Judged(given.breaks, verdict.probability, verdict.rule, given.rule)

    answers = []
    columns = (TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("judging", total=len(labelled))
        async for answer in in_order(labelled, one):
            answers.append(answer)
            progress.advance(task)
    return answers


def _in_words(found: dict[str, Any]) -> str:
    """The figures as a table, each with its interval."""
    counts = found["confusion"]
    lines = [f"{found['n']} texts, {found['base_rate']:.0%} of them break the policy; {found['model']}"]
    for name, (low, high) in found["ci"].items():
        lines.append(f"  {name:<10} {found[name]:.3f}   95 % of resamples: {low:.3f} to {high:.3f}")
    lines += [
        f"  caught {counts['caught']}, missed {counts['missed']}, wrongly caught {counts['wrongly_caught']}, "
        f"let pass {counts['let_pass']}",
        f"  {found['messages_per_second']:.2f} messages a second",
    ]
    for key, told in found.get("rules", {}).items():
        lines.append(
            f"  rule {terminal(key)}: {told['n']} texts, precision {told['precision']:.3f}, recall {told['recall']:.3f}"
        )
    lines += screening.in_words(found)
    if found["not_judged"]:
        lines.append(f"  {found['not_judged']} could not be judged and are left out")
    return "\n".join(lines)
