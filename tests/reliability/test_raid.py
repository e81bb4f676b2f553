"""A raid: hundreds of messages nearly the same from many accounts cost a few judgements, and each is settled."""

from __future__ import annotations

import asyncio
import random
import string
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import structlog

from bot.domain.decision import Outcome
from bot.domain.ladder import read_ladder
from bot.domain.policy import Policy
from bot.domain.records import ActionOutcome, Judgement
from bot.domain.submission import ContextMessage
from bot.domain.verdict import Method, Verdict
from bot.pipeline import likeness
from bot.sandbox.model import User
from tests.cogs.scripted_stage import ScriptedJudge, stage_with
from tests.reliability.figures import is_soak, note
from tests.stage import Scene, Stage

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.soak]

RAID = "Free nitro for everyone at dlscord-gift.example"
TALK = ["anybody here?", "sure", "what is up today", "nothing much"]
OTHER = "# The house\n\n## Rules\n1. No free gifts. [flag]\n"


class CountingJudge(ScriptedJudge):
    """Knows by which policy it was asked how often."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    async def classify(
        self, policy: Policy, text: str, normalised: str, context: Sequence[ContextMessage] = ()
    ) -> Verdict:
        self.asked[policy.digest] += 1
        return await super().classify(policy, text, normalised, context)


@pytest.fixture(scope="session")
def description() -> None:
    """Its thousands of requests are those of any case; to hold all against it would stop the bot for minutes."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The bot with a judge that counts, for all tests of this file."""
    folder: Path = tmp_path_factory.mktemp("raid")
    async with stage_with(CountingJudge(), folder, None) as stage:
        yield stage


@pytest.fixture
def judge(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingJudge]:
    if not is_soak():  # how fast this machine is decides nothing then
        monkeypatch.setattr(likeness, "SECONDS", 3_600.0)
    judge = stage.trial.app.judge
    assert isinstance(judge, CountingJudge)
    judge.asked.clear()
    judge.explained.clear()
    # Drawing an exception for people takes a second, in which the bot stands still and others run into one too.
    with structlog.testing.capture_logs():
        yield judge


class Raid:
    """Accounts that say nearly the same on a server; what each message varies is drawn, the same in each run."""

    def __init__(self, scene: Scene, accounts: int = 40) -> None:
        self._drawn = random.Random(5)
        self._scene = scene
        self._accounts = [self._account(number) for number in range(accounts)]

    def _account(self, number: int) -> User:
        user: User = self._scene.server.world.add_user(f"raider{number}")
        self._scene.server.world.join(self._scene.guild, user)
        return user

    def variants(self, count: int) -> list[str]:
        """Messages that differ in numbers, mentions, emoji, case, punctuation, blanks, invisible and random letters."""
        ways = (
            lambda text: f"{text} {self._drawn.randrange(10_000)}",
            lambda text: f"<@{self._drawn.choice(self._accounts).id}> {text}",
            lambda text: f"{text} {self._drawn.choice('🎉😂🔥🎁')}",
            str.lower,
            str.title,
            lambda text: f"{text}{self._drawn.choice(['!', '!!!', '...', ' :)'])}",
            lambda text: text.replace(" ", "  ", self._drawn.randrange(1, 5)),
            lambda text: text.replace("e", "e\u200b", self._drawn.randrange(1, 5)),
            lambda text: f"{text} {''.join(self._drawn.choices(string.ascii_lowercase, k=8))}",
        )
        made = []
        for number in range(count):
            text = f"{RAID} {number}"
            for way in self._drawn.sample(ways, 2):
                text = way(text)
            made.append(text)
        return made

    async def post(self, texts: Sequence[str]) -> list[Judgement]:
        """Let the accounts say texts, all at once and then all again; what was made of each, which is one thing."""
        messages, judged = [], []
        for first in range(0, len(texts), len(self._accounts)):
            wave = zip(self._accounts, texts[first:])  # noqa: B905 - the last wave may be smaller
            messages += [self._scene.post(text, account) for account, text in wave]
            judged += [await self._scene.settled(message) for message in messages[first:]]
        assert [len(self._scene.stage.of(message)) for message in messages] == [1] * len(texts)
        return judged


async def talk(scene: Scene) -> None:
    """Ordinary messages before it comes."""
    for text in TALK:
        await scene.settled(scene.post(text))


async def metric(scene: Scene, name: str) -> float:
    """A figure that /metrics tells."""
    port = scene.stage.trial.app.web.port
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(name)))


async def test_a_raid_costs_a_few_judgements_and_each_message_has_its_case_and_its_end(
    scene: Scene, judge: CountingJudge
) -> None:
    size = 500 if is_soak() else 200
    await talk(scene)
    await scene.break_rule("1")
    judge.asked.clear()
    told_before = await metric(scene, "lawspeaker_told_alike_total")
    raid = Raid(scene)
    judged = await raid.post(raid.variants(size))

    asked = judge.asked.total()
    told = [one for one in judged if one.verdict is not None and one.verdict.method is Method.ALIKE]
    note(f"a raid of {size} messages nearly the same", judged=asked, told=len(told))
    assert asked <= size // 10
    assert len(told) >= size - asked
    assert await metric(scene, "lawspeaker_told_alike_total") - told_before >= len(told)
    assert len(judge.explained) <= asked, "what was told needs no explanation of its own"

    assert {(one.decision.outcome, one.decision.rule) for one in judged} == {(Outcome.ACT, "1")}
    assert len({one.case_number for one in judged}) == size
    for one in judged:
        assert one.case_number is not None
        case = await scene.store.cases.get(scene.guild.id, one.case_number)
        assert case is not None
        assert [action.outcome for action in case.actions] == [ActionOutcome.DONE]
        assert case.log_message_id is not None
        assert case.verdict is not None
        if case.verdict.method is Method.ALIKE:
            assert (case.verdict.quote, case.verdict.probability) == ("", 0.5)
            assert case.verdict.rationale.startswith("Not judged by itself: it is much like ")


async def test_a_flood_of_what_is_fine_costs_a_few_as_well(scene: Scene, judge: CountingJudge) -> None:
    await talk(scene)
    judge.asked.clear()
    raid = Raid(scene)
    judged = await raid.post([f"hello there all of you {'!' * (number % 5)} {number}" for number in range(100)])
    assert {one.decision.outcome for one in judged} == {Outcome.ALLOW}
    assert judge.asked.total() <= 8


async def test_a_policy_published_in_the_middle_of_a_raid_counts_from_the_next_message_on(
    scene: Scene, judge: CountingJudge
) -> None:
    await scene.break_rule("1")
    raid = Raid(scene)
    before = await raid.post([f"{RAID} {number}" for number in range(20)])
    await scene.publish(OTHER)
    after = await raid.post([f"{RAID} {number}" for number in range(20, 40)])
    assert {one.policy_number for one in before} == {1}
    assert {one.policy_number for one in after} == {2}
    assert len({one.verdict.policy_digest for one in after if one.verdict}) == 1
    methods = [[one.verdict.method for one in part if one.verdict] for part in (before, after)]
    assert [part.count(Method.CLASSIFY) > 2 for part in methods] == [True, True]
    assert [part.count(Method.ALIKE) > 10 for part in methods] == [True, True]


async def test_two_raided_servers_with_the_same_policy_are_told_nothing_of_each_other(
    scene: Scene, stage: Stage, judge: CountingJudge
) -> None:
    other = await stage.scene()
    await scene.break_rule("1")
    await other.break_rule("2")
    texts = [f"{RAID} {number}" for number in range(20)]
    here, there = await asyncio.gather(Raid(scene).post(texts), Raid(other).post(texts))
    for judged, rule in ((here, "1"), (there, "2")):
        assert {one.decision.rule for one in judged} == {rule}
        own = [one for one in judged if one.verdict and one.verdict.method is Method.CLASSIFY]
        assert len(own) >= 3, "each server's own are judged first"


async def test_each_member_of_a_raid_steps_up_the_ladder_as_ever(scene: Scene, judge: CountingJudge) -> None:
    await scene.store.guilds.set_ladder(scene.guild.id, "", read_ladder("3 in 7 days: timeout 1h"))
    await scene.break_rule("2")
    raid = Raid(scene, accounts=4)
    judged = await raid.post([f"{RAID} {number}" for number in range(16)])
    stepped: dict[int, list[bool]] = defaultdict(list)
    for one in sorted(judged, key=lambda one: one.case_number or 0):
        stepped[one.submission.author_id].append(bool(one.decision.stepped))
    assert list(stepped.values()) == [[False, False, True, True]] * 4
    methods = [one.verdict.method for one in judged if one.verdict is not None]
    assert methods.count(Method.ALIKE) >= 8
