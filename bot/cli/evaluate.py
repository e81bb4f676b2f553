"""`lawspeaker eval`: how good the judge is on labelled texts, by a policy."""

from __future__ import annotations

import asyncio
import random
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import screening
from bot.cli.common import (
    AsJson,
    CliError,
    local_model,
    print_json,
    read_policy,
    say,
    settings_for_command,
    usable_model,
)
from bot.cli.evaluate_baselines import Baseline, usable_baselines
from bot.cli.evaluate_kept import KeptAnswers, judge_digest
from bot.cli.evaluate_run import compare, judge_all, judge_way
from bot.cli.evaluate_words import evaluation_json, in_words
from bot.cli.labelled import Labelled, read_labelled
from bot.discord_io.text import terminal
from bot.domain.decision import REVIEW_AT
from bot.domain.evaluation import by_rule
from bot.domain.policy import Policy
from bot.judge.build import build_judge
from bot.judge.interface import Judge
from bot.report.content import Evaluation, Row, Run
from bot.report.files import check_folder, write_report


def evaluate(
    policy: Annotated[Path, typer.Option("--policy", metavar="FILE", help="The policy to judge by.")],
    data: Annotated[Path, typer.Option("--data", metavar="FILE", help="Labelled texts, .csv or JSON lines.")],
    text: Annotated[str, typer.Option(metavar="FIELD", help="The field that holds the text.")] = "text",
    label: Annotated[str, typer.Option(metavar="FIELD", help="The field that says whether it breaks one.")] = "label",
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Judge N texts, drawn by chance.")] = None,
    seed: Annotated[int, typer.Option(help="The seed of what is drawn by chance.")] = 1,
    baselines: Annotated[bool, typer.Option("--baselines", help="Compare with plainer ways to judge.")] = False,
    report: Annotated[Path | None, typer.Option(metavar="DIR", help="Write a page with figures into DIR.")] = None,
    recall: screening.Recall = None,
    as_json: AsJson = False,
) -> None:
    """Judge labelled texts by a policy, and print how good the verdicts are.

    A text counts as caught where the bot would show it to a moderator. A field `rule` in the data, if there is one,
    names the rule that a text breaks. --baselines puts beside the judge the plain question "does this violate the
    policy?", asked of the same model, and alt-profanity-check, on the same texts. --report writes DIR/index.html and
    DIR/verdicts.csv, which hold the texts; where it was cut off, the same command goes on. The exit status is 1 when a
    text could not be judged: the figures leave it out.
    """
    read = read_policy(policy)
    labelled = _fit(read_labelled(data, text, label), read)
    if limit is not None and limit < len(labelled):
        labelled = random.Random(seed).sample(labelled, limit)  # noqa: S311 - no secret
    if report is not None:
        check_folder(report)
    settings = settings_for_command()
    model = usable_model(settings)
    compared = usable_baselines(settings, local_model(settings)) if baselines else ()
    options: dict[str, str | float | None] = {
        "--policy": policy.name,
        "--data": data.name,
        "--text": text,
        "--label": label,
        "--limit": limit,
    }
    options |= {"--seed": seed, "--recall": recall}
    command = _command(options, ["--baselines"] if baselines else [])
    run = Run(data.name, command, version("lawspeaker"), datetime.now(UTC), seed)
    judge = build_judge(screening.judged_by(settings, recall), model)
    # Whatever may make an answer another one; secrets are masked in the settings' repr.
    asked = (read.source, model.digest if model else "", run.version)
    kept = {baseline.key: KeptAnswers(report, baseline.key, asked) for baseline in compared}
    kept["judge"] = KeptAnswers(report, "judge", (*asked, repr(settings), repr(recall), judge_digest()))
    found = asyncio.run(_evaluate(judge, read, labelled, run, compared, kept))
    if recall is not None:
        found = asyncio.run(screening.screened(found, recall, settings, labelled))
    if as_json:
        print_json(evaluation_json(found))
    else:
        print(in_words(found))
    if report is not None:
        say(f"The report is {write_report(report, found)}.")
        if not found.not_judged:
            for answers in kept.values():
                answers.forget()
    if found.not_judged:
        raise typer.Exit(1)


def _fit(labelled: list[Labelled], policy: Policy) -> list[Labelled]:
    """The texts, unless they name a rule that the policy lacks; CliError."""
    known = [rule.key for rule in policy.rules]
    for one in labelled:
        if one.rule is not None and one.rule not in known:
            raise CliError(f"The data name a rule {terminal(one.rule)}: the policy's rules are {', '.join(known)}.")
    return labelled


def _command(options: Mapping[str, str | float | None], flags: Sequence[str]) -> str:
    """The command line by which the same is measured again: files by their names, whatever folder they are in."""
    given = [word for name, value in options.items() if value is not None for word in (name, str(value))]
    return shlex.join(["lawspeaker", "eval", *given, *flags])


async def _evaluate(
    judge: Judge,
    policy: Policy,
    labelled: Sequence[Labelled],
    run: Run,
    compared: Sequence[Baseline],
    kept: Mapping[str, KeptAnswers],
) -> Evaluation:
    """Have all texts judged, and then by each baseline: one model process runs at a time; CliError."""
    answers = await judge_all(judge, policy, labelled, kept["judge"])
    rows = tuple(Row(one.text, one.breaks, said) for one, said in zip(labelled, answers.judged, strict=True))
    ways = [judge_way(answers, run.seed)]
    for baseline in compared:
        ways.append(await compare(baseline, policy, rows, run.seed, kept[baseline.key]))
    judged = ways[0].measured.judged
    keys = [rule.key for rule in policy.rules]
    rules = by_rule(judged, keys, REVIEW_AT) if any(one.rule for one in judged) else {}
    return Evaluation(policy, answers.info.model, answers.info.model_digest, run, rows, tuple(ways), rules)
