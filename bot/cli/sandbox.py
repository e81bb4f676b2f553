"""`lawspeaker sandbox`: the whole product on a server of its own, to try it out or to replay a chat."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.chatfile import read_chat
from bot.cli.common import AsJson, read_policy
from bot.resources import resource_dir


def sandbox(
    policy: Annotated[Path | None, typer.Option("--policy", metavar="FILE", help="The policy to judge by.")] = None,
    replay: Annotated[
        Path | None, typer.Option("--replay", metavar="FILE.jsonl", help="Messages to post: author, channel, content.")
    ] = None,
    leave: Annotated[bool, typer.Option("--exit", help="End when all messages are settled.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try the bot out: the real bot and model on a Discord server on this machine, without a token.

    Posts the messages of a shipped example chat, or those of --replay, and shows what becomes of each; then, at a
    terminal, what you type. With --json a line per settled message is printed. Nothing is kept.
    """
    example = resource_dir("sandbox/example")
    source = read_policy(policy or example / "policy.md").source
    lines = read_chat(replay or example / "chat.jsonl")
    stays = sys.stdin.isatty() and not leave and not as_json
    from bot.cli.trialrun import run_trial  # discord.py takes a second to import, which no other command need wait for

    run_trial(source, lines, stays=stays, as_json=as_json)
