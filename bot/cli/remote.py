"""What `lawspeaker doctor` says of the remote judge."""

from __future__ import annotations

import asyncio

from bot.cli.finding import Finding
from bot.discord_io.text import terminal
from bot.domain.policy_text import parse_policy
from bot.judge.build import remote_judge
from bot.judge.interface import JudgeError
from bot.judge.remote.judge import RemoteJudge
from bot.settings import Settings

_NAME = "remote judge"
_POLICY = parse_policy("1. No insults.")
_TEXT = "Good evening, everybody!"


def look_at_remote(settings: Settings) -> Finding:
    """Whether the server that is set can be reached, which model judges there, how, and how long a question took."""
    judge, where = remote_judge(settings), str(settings.remote_url)
    if judge is None:
        raise ValueError("no remote server is set")
    try:
        return Finding(_NAME, True, f"{where}: {asyncio.run(_asked(judge))}")
    except JudgeError as error:
        return Finding(_NAME, False, f"{where} cannot judge", str(error))


async def _asked(judge: RemoteJudge) -> str:
    try:
        await judge.start()
        verdict = await judge.classify(_POLICY, _TEXT, _TEXT)
        seconds = verdict.timings_ms["judge"] / 1_000
        return f"{terminal(verdict.model)}, which answers with {judge.answers_with}; a question took {seconds:.2f} s"
    finally:
        await judge.stop()
