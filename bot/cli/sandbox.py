"""`lawspeaker sandbox`: the whole product on a server of its own, to try it out or to replay a chat."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.chatfile import read_chat
from bot.cli.common import AsJson, read_policy
from bot.resources import resource_dir

PORT = 8_711
"""Where the page is looked for; the bot's own web pages are at 8710."""


def sandbox(
    policy: Annotated[Path | None, typer.Option("--policy", metavar="FILE", help="The policy to judge by.")] = None,
    replay: Annotated[
        Path | None, typer.Option("--replay", metavar="FILE.jsonl", help="Messages to post: author, channel, content.")
    ] = None,
    leave: Annotated[bool, typer.Option("--exit", help="End when all messages are settled.")] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=0, max=65_535, help=f"The page's port, 0 for any free one.  [default: {PORT}, if it is free]"
        ),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
    as_json: AsJson = False,
) -> None:
    """Try the bot out: the real bot and model on a Discord server on this machine, without a token.

    Posts the messages of a shipped example chat, or those of --replay, and shows what becomes of each. At a terminal
    it also opens a page on which you write as a member and answer as a moderator, and stays until Ctrl-C; what you
    type is posted too. With --json a line per settled message is printed. Nothing is kept.
    """
    example = resource_dir("sandbox/example")
    source = read_policy(policy or example / "policy.md").source
    lines = read_chat(replay or example / "chat.jsonl")
    stays = sys.stdin.isatty() and not leave and not as_json
    from bot.cli.trialrun import (
        Page,
        run_trial,
    )  # discord.py takes a second to import, which no other command need wait for

    page = Page(PORT if port is None else port, must_be=port is not None, opens=browser) if stays else None
    run_trial(source, lines, page=page, own=policy is not None or replay is not None, as_json=as_json)
