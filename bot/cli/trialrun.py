"""Running a trial from the shell: post a chat, show what settles, then post what is typed."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.app import StartError
from bot.cli.chatfile import MAX_CONTENT, ChatLine
from bot.cli.common import CliError, print_json, say, settings_for_command, usable_model
from bot.cli.trialview import ConsoleView
from bot.domain.verdict_json import settled_json
from bot.judge.interface import JudgeError
from bot.trial import FIRST_CHANNEL, Settled, Trial

SETTLE_SECONDS = 180.0
"""How long nothing may settle before a replay is given up."""


def run_trial(source: str, lines: Sequence[ChatLine], *, stays: bool, as_json: bool) -> None:
    """Replay `lines` under the policy `source`; CliError, ModelError, StoreError where that cannot be."""
    try:
        asyncio.run(_run(source, lines, stays=stays, as_json=as_json))
    except (StartError, JudgeError) as error:
        raise CliError(str(error)) from error


async def _run(source: str, lines: Sequence[ChatLine], *, stays: bool, as_json: bool) -> None:
    model = await asyncio.to_thread(lambda: usable_model(settings_for_command()))
    view = ConsoleView()
    judged_by = f"the model {model.name}" if model else "a remote judge"
    say(f"Starting the bot on a server of its own, with {judged_by}; compiling the policy takes a while.")
    with tempfile.TemporaryDirectory(prefix="lawspeaker-") as folder:
        trial = Trial(model, source, Path(folder))
        try:
            await trial.start()
            say(f"Ready. {len(lines)} messages are posted.")
            await _replay(trial, lines, (lambda one: print_json(_json(one))) if as_json else view.settled)
            if not as_json:
                view.summary()
            if stays:
                await _converse(trial, view)
        finally:
            await trial.stop()


async def _replay(trial: Trial, lines: Sequence[ChatLine], show: Callable[[Settled], None]) -> None:
    """Post the lines and show each as it settles; CliError where nothing settles any more."""
    for line in lines:
        await trial.say(line.author, line.channel, line.content)
    for done in range(len(lines)):
        try:
            show(await asyncio.wait_for(trial.settled.get(), SETTLE_SECONDS))
        except TimeoutError:
            raise CliError(f"Only {done} of {len(lines)} messages were settled: see the log above.") from None


def _json(settled: Settled) -> dict[str, Any]:
    return settled_json(settled.judgement, settled.case, settled.channel)


async def _converse(trial: Trial, view: ConsoleView) -> None:
    """Post what is typed, until the input ends."""
    say(f"Type a message to post it as `you` in #{FIRST_CHANNEL}; Ctrl-D ends the sandbox.")
    while line := await asyncio.to_thread(sys.stdin.readline):
        if not line.strip():
            continue
        if len(line) > MAX_CONTENT:
            say(f"Discord takes at most {MAX_CONTENT:,} characters: shorten the message.")
            continue
        await _replay(trial, [ChatLine("you", FIRST_CHANNEL, line.strip())], view.settled)
