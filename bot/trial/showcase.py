"""What `lawspeaker sandbox` shows in the browser: the trial's guild and the example servers, and whom one may be.

The page learns of all this through the sandbox alone: accounts, scenes and marks.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy
from bot.domain.submission import Submission
from bot.sandbox.model import Guild, User
from bot.sandbox.scenes import Line, Scene
from bot.trial.examples import OTHERS, Example, load_example
from bot.trial.house import build, settle_in
from bot.trial.marks import Marker
from bot.trial.trial import Trial

VISITOR = "you"
COMPILING = "compiling the policy"


class Showcase:
    """Adds to a trial that runs what its page shows."""

    def __init__(self, trial: Trial) -> None:
        """Nothing is added before `open`."""
        self._trial = trial
        self._server = trial.server
        self._visitor = trial.person(VISITOR)
        self._marker = Marker(trial.server, trial.app.store)

    async def open(self, first: Example, lines: Sequence[Line], *, others: Sequence[str] = OTHERS) -> None:
        """Show the trial's guild as `first`, with `lines` as its chat, and after it other examples by their names.

        The policies of the others are compiled when somebody first writes in them, or replays their chat: each takes
        the judge some seconds, and who looks at the first server alone need not wait.
        """
        trial = self._trial
        self._mark()
        self._server.offer(self._visitor, "a member everywhere")
        self._server.offer(trial.moderator, "sees every mod log")
        self._server.offer(trial.owner, "changes every policy")
        for place in first.channels:
            channel = await trial.place(place.name)
            self._server.places.change(channel, {"topic": place.topic})
        for name in dict.fromkeys(line.author for line in lines):
            trial.person(name)
        self._offer(trial.guild, [trial.person(name) for name in first.members])
        self._server.scenes.add(Scene(first.name, trial.guild, first.about, lines, first.tries))
        for name in others:
            await self._add(load_example(name))

    async def _add(self, example: Example) -> None:
        """A server for an example, with the bot in it and its policy in force."""
        trial, world = self._trial, self._server.world
        house = build(world, example.server, trial.owner, trial.moderator, trial.application)
        guild = house.guild
        world.join(guild, self._visitor)
        cast = {}
        for name in dict.fromkeys([*example.members, *(line.author for line in example.lines)]):
            cast[name] = world.add_user(name)
            world.join(guild, cast[name])
        await settle_in(trial.app.store, house, example.policy, trial.moderator)
        for place in example.channels:
            channel = world.add_channel(guild, place.name, topic=place.topic)
            if place.watched:
                await trial.app.store.guilds.watch(guild.id, channel.id)
        self._server.invite(guild, trial.application)
        self._offer(guild, [cast[name] for name in example.members])
        policy = parse_policy(example.policy)
        self._server.scenes.add(
            Scene(
                example.name,
                guild,
                example.about,
                example.lines,
                example.tries,
                prepare=lambda: self._compile(policy),
                preparing=COMPILING,
            )
        )

    def _offer(self, guild: Guild, members: Sequence[User]) -> None:
        for member in members:
            self._server.offer(member, f"in {guild.name}")

    def _mark(self) -> None:
        pipeline = self._trial.app.pipeline
        pipeline.intake.on_taken = self._taken
        pipeline.intake.on_passed_over = self._marker.passed_over
        pipeline.on_opened = self._marker.opened
        pipeline.on_settled.append(self._marker.settled)
        pipeline.reviews.showing.on_shown = self._marker.shown

    def _taken(self, submission: Submission) -> None:
        self._marker.taken(submission)
        scene = self._server.scenes.of_guild(submission.guild_id)
        if scene is not None:
            self._server.scenes.begin_preparing(scene)

    async def _compile(self, policy: Policy) -> None:
        await self._trial.app.judge.prepare(policy)
