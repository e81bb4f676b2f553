"""`lawspeaker check`: what a policy makes of texts, without Discord."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.bounded import in_order
from bot.cli.common import AsJson, CliError, print_json, read_policy, say, settings_for_command, usable_model
from bot.cli.textfile import encodable, json_object
from bot.discord_io.text import terminal
from bot.domain.decision import Outcome, ThresholdTable, decide, review_for
from bot.domain.normalise import normalise
from bot.domain.policy import Policy
from bot.domain.verdict_json import verdict_json
from bot.judge.build import build_judge
from bot.judge.interface import Judge, JudgeError


def check(
    policy: Annotated[Path, typer.Option("--policy", metavar="FILE", help="The policy to judge by.")],
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="What to judge; from stdin unless given.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge texts by a policy, and print a verdict for each.

    Without TEXT they are read from stdin: a text a line, or JSON lines with a field `text`. With --json each verdict
    is one line of JSON. The exit status is 0 when every text was judged, whatever the verdicts, and 1 when one could
    not be judged: its decision is then `review`.
    """
    read = read_policy(policy)
    given = [encodable(text) for text in texts] if texts else _read_stdin()
    if not all(text.strip() for text in given):
        raise CliError("A text to judge is empty: leave it out.")
    settings = settings_for_command()
    judge = build_judge(settings, usable_model(settings))
    if not asyncio.run(_check(judge, read, given, as_json)):
        raise typer.Exit(1)


async def _check(judge: Judge, policy: Policy, texts: Sequence[str], as_json: bool) -> bool:
    """Print a verdict for each text, in order; False where one could not be judged."""
    all_judged = True
    try:
        await judge.start()
        say("Compiling the policy…")
        await judge.prepare(policy)
        async for verdict in verdicts(judge, policy, texts):
            all_judged = all_judged and verdict["model"] is not None
            if as_json:
                print_json(verdict)
            else:
                print(_in_words(verdict), flush=True)
    except JudgeError as error:
        raise CliError(str(error)) from error
    finally:
        await judge.stop()
    return all_judged


async def verdicts(judge: Judge, policy: Policy, texts: Sequence[str]) -> AsyncIterator[dict[str, Any]]:
    """Verdicts as JSON objects, in the texts' order; a bounded number of texts is judged at a time."""

    async def one(text: str) -> dict[str, Any]:
        return await _judge(judge, policy, text)

    async for verdict in in_order(texts, one):
        yield verdict


async def _judge(judge: Judge, policy: Policy, text: str) -> dict[str, Any]:
    """Judge and decide as the bot would with a server's first settings, and have what breaks a rule explained."""
    try:
        verdict = await judge.classify(policy, text, normalise(text))
    except JudgeError as error:
        say(f"A text could not be judged: {error}")
        return verdict_json(text, None, review_for(str(error)))
    decision = decide(verdict, policy, ThresholdTable())
    if decision.rule is not None and not verdict.rationale:
        try:
            why = await judge.explain(policy, text, decision.rule)
            verdict = replace(verdict, rationale=why.rationale, quote=why.quote)
        except JudgeError as error:
            say(f"A verdict could not be explained: {error}")
    return verdict_json(text, verdict, decision)


def _in_words(verdict: dict[str, Any]) -> str:
    """A verdict for people, a line and what explains it; members' text can do nothing to the terminal."""
    text = terminal(verdict["text"])
    if verdict["probability"] is None:
        return f"not judged     {text}"
    probability = f"{verdict['probability']:.2f}"
    if verdict["decision"] == Outcome.ALLOW:
        return f"allow  {probability}    {text}"
    actions = ", ".join(action["kind"] for action in verdict["actions"]) or "a human looks"
    lines = [
        f"{verdict['decision']:<6} {probability}    {text}",
        f"               breaks rule {terminal(verdict['rule'] or 'none')}: {actions}",
    ]
    if verdict["rationale"]:
        lines.append(f"               {terminal(verdict['rationale'], 400)} “{terminal(verdict['quote'])}”")
    return "\n".join(lines)


def _read_stdin() -> list[str]:
    """The texts on stdin: a text a line, or JSON lines where the first line is a JSON object; CliError."""
    if sys.stdin.isatty():
        say("Type the texts to judge, one a line, and end with Ctrl-D.")
    lines = sys.stdin.buffer.read().decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not numbered:
        raise CliError("There is nothing to judge: give texts as arguments, or on stdin one a line.")
    if json_object(numbered[0][1]) is None:
        return [line for _, line in numbered]
    return [_text_of(number, line) for number, line in numbered]


def _text_of(number: int, line: str) -> str:
    value = json_object(line)
    text = value.get("text") if value is not None else None
    if not isinstance(text, str) or not text.strip():
        raise CliError(f'Line {number} of stdin has no text: write each line as {{"text": "…"}}.')
    return encodable(text)
