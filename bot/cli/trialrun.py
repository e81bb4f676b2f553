"""Running a trial from the shell: post a chat, show what settles; at a terminal the page too, and what is typed."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.app import StartError
from bot.cli.browsing import open_page
from bot.cli.chatfile import MAX_CONTENT, ChatLine
from bot.cli.common import CliError, print_json, say, settings_for_command, usable_model
from bot.cli.trialview import ConsoleView
from bot.cli.typed import typed_lines
from bot.domain.verdict_json import settled_json
from bot.judge.interface import JudgeError
from bot.sandbox.scenes import MOST_LINES, Line
from bot.trial.examples import FIRST, load_example
from bot.trial.showcase import Showcase
from bot.trial.trial import FIRST_CHANNEL, Settled, Trial
from bot.web.probe import port_is_free

HOST = "127.0.0.1"
SETTLE_SECONDS = 240.0
"""How long nothing may settle before a replay is given up: longer than a case waits for its explanation."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where the page for the browser is served: at a port, or at any free one where that may be; and who opens it."""

    port: int
    must_be: bool
    opens: bool


def run_trial(source: str, lines: Sequence[ChatLine], *, page: Page | None, own: bool, as_json: bool) -> None:
    """Replay `lines` under the policy `source`; CliError, ModelError, StoreError where that cannot be.

    With a page it stays until Ctrl-C or the end of the input. `own` says that policy or lines are the user's.
    """
    try:
        asyncio.run(_run(source, lines, page, own=own, as_json=as_json))
    except (StartError, JudgeError) as error:
        raise CliError(str(error)) from error
    except KeyboardInterrupt:
        if page is None:
            raise


async def _run(source: str, lines: Sequence[ChatLine], page: Page | None, *, own: bool, as_json: bool) -> None:
    model = await asyncio.to_thread(lambda: usable_model(settings_for_command()))
    view = ConsoleView()
    judged_by = f"the model {model.name}" if model else "a remote judge"
    say(f"Starting the bot on a server of its own, with {judged_by}; compiling the policy takes a while.")
    with tempfile.TemporaryDirectory(prefix="lawspeaker-") as folder:
        trial = Trial(model, source, Path(folder))
        try:
            await _start(trial, page)
            if page is not None:
                await _show(trial, page, lines, own=own)
            say(f"Ready. {len(lines)} messages are posted.")
            await _replay(trial, lines, (lambda one: print_json(_json(one))) if as_json else view.settled)
            if not as_json:
                view.summary()
            if page is not None:
                await _converse(trial, view)
        finally:
            await trial.stop()


async def _start(trial: Trial, page: Page | None) -> None:
    """Start where the page is to be; CliError where the port is taken and no other will do."""
    port = page.port if page is not None else 0
    if page is not None and not port_is_free(HOST, port):
        if page.must_be:
            raise CliError(f"Port {port} is taken: name another with --port, or 0 for any free one.")
        port = 0
    await trial.start(port)


async def _show(trial: Trial, page: Page, lines: Sequence[ChatLine], *, own: bool) -> None:
    """Put up what the page shows, and open it."""
    first = load_example(FIRST)
    if own:
        first = replace(first, about="Your own policy and chat.", tries=())
    chat = [Line(line.author, line.channel, line.content) for line in lines[:MOST_LINES]]
    await Showcase(trial).open(first, chat)
    url = trial.server.page_url
    say(f"The page is at {url} as long as this runs: look on there, or write as a member and answer as a moderator.")
    if page.opens:
        # Nobody waits for it: some browsers are there as long as their window is.
        threading.Thread(target=open_page, args=(url,), daemon=True).start()


async def _replay(trial: Trial, lines: Sequence[ChatLine], show: Callable[[Settled], None]) -> None:
    """Post the lines and show each as it settles; CliError where nothing settles any more."""
    awaited = {(await trial.say(line.author, line.channel, line.content)).id for line in lines}
    done = 0
    while done < len(lines):
        try:
            settled = await asyncio.wait_for(trial.settled.get(), SETTLE_SECONDS)
        except TimeoutError:
            raise CliError(f"Only {done} of {len(lines)} messages were settled: see the log above.") from None
        # Others come from the page.
        if settled.judgement.submission.message_id in awaited:
            awaited.remove(settled.judgement.submission.message_id)
            show(settled)
            done += 1


def _json(settled: Settled) -> dict[str, Any]:
    return settled_json(settled.judgement, settled.case, settled.channel)


async def _converse(trial: Trial, view: ConsoleView) -> None:
    """Post what is typed, until the input ends."""
    say(f"Type a message to post it as `you` in #{FIRST_CHANNEL}; Ctrl-C ends the sandbox.")
    async for line in typed_lines():
        if not line.strip():
            continue
        if len(line.strip()) > MAX_CONTENT:
            say(f"Discord takes at most {MAX_CONTENT:,} characters: shorten the message.")
            continue
        await _replay(trial, [ChatLine("you", FIRST_CHANNEL, line.strip())], view.settled)
