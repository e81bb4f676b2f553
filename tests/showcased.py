"""What `lawspeaker sandbox` shows in the browser, with a judge that goes by words: `rule 2 …` breaks rule 2."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import bot.app
from bot.domain.policy import Policy
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Explanation, Verdict
from bot.judge.interface import JudgeError
from bot.sandbox.exchange import Exchange
from bot.sandbox.model import Channel, Guild, User
from bot.sandbox.scenes import Line
from bot.sandbox.server import SandboxServer
from bot.trial.examples import FIRST, Example, load_example
from bot.trial.showcase import Showcase
from bot.trial.trial import Trial
from tests.addresses import give_back_addresses
from tests.cli.scripted import Scripted
from tests.reliability.words import explained, said_of

CHAT = (
    Line("lantern", "general", "good morning"),
    Line("copperkettle", "general", "rule 2 free gifts for everybody"),
    Line("drumlin", "general", "perhaps 3 my own little server"),
    Line("lantern", "art", "rule 1 what I think of you"),
)
"""One message that is fine, one that is deleted, one for a moderator, one whose author is timed out."""


class WordJudge(Scripted):
    """Judges by a message's first two words; what it compiles and explains waits until it may."""

    def __init__(self) -> None:
        self.may_judge, self.may_compile, self.may_explain = asyncio.Event(), asyncio.Event(), asyncio.Event()
        for event in (self.may_judge, self.may_compile, self.may_explain):
            event.set()
        self.compiled: list[str] = []
        self._has_ended = False

    async def stop(self) -> None:
        """What is compiled fails, as it does with a worker that ends."""
        self._has_ended = True
        self.may_compile.set()

    async def prepare(self, policy: Policy) -> None:
        await self.may_compile.wait()
        if self._has_ended:
            raise JudgeError("the judge has ended")
        self.compiled.append(policy.title)

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        await self.may_judge.wait()
        odds = said_of(policy, text)
        return Verdict(max(odds, key=lambda key: odds[key], default=None), odds, policy.digest, "words", "ab12")

    async def explain(
        self, policy: Policy, text: str, rule_key: str, context: Sequence[ContextMessage] = ()
    ) -> Explanation:
        await self.may_explain.wait()
        return Explanation(explained(rule_key), text[:60])


@dataclass(slots=True)
class Shown:
    """A showcase that is open."""

    trial: Trial
    judge: WordJudge

    @property
    def server(self) -> SandboxServer:
        return self.trial.server

    def guild(self, name: str) -> Guild:
        """The server of a name."""
        return next(one for one in self.server.world.guilds.values() if one.name == name)

    def channel(self, name: str, guild: Guild | None = None) -> Channel:
        """A channel of a server, the trial's own unless given."""
        return next(one for one in (guild or self.trial.guild).channels.values() if one.name == name)

    def account(self, name: str) -> User:
        """Whom one may be in the page."""
        return next(one.user for one in self.server.accounts if one.user.name == name)


@asynccontextmanager
async def showing(
    folder: Path, lines: Sequence[Line] = CHAT, exchanges: list[Exchange] | None = None, first: Example | None = None
) -> AsyncIterator[Shown]:
    """The bot on its sandbox, with all servers, and lines a moment apart."""
    judge = WordJudge()
    example = first or load_example(FIRST)
    trial = Trial(None, example.policy, folder, on_exchange=None if exchanges is None else exchanges.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bot.app, "build_judge", lambda *_: judge)
        give_back_addresses(patch)
        try:
            await trial.start()
            trial.server.scenes.line_seconds = 0.0
            await Showcase(trial).open(example, lines)
            yield Shown(trial, judge)
        finally:
            await trial.stop()
