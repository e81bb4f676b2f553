"""A server on which the bot did everything right, made by hand in the sandbox's world and in a store, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.discord_io.help_text import help_text
from bot.domain.decision import Decision, Mode, Outcome
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, ActionRecord, CaseRecord
from bot.domain.submission import Submission, message_link
from bot.domain.verdict import Verdict
from bot.sandbox.model import Channel, Guild, Message, User
from bot.sandbox.moderation import MESSAGE_DELETE
from bot.sandbox.server import SandboxServer
from bot.store import Store
from tests.reliability.ledger import Said, breaches

HOUR = timedelta(hours=1)
ACTIONS = {
    "1": (Action(ActionKind.DELETE),),
    "2": (Action(ActionKind.FLAG),),
    "3": (Action(ActionKind.DELETE), Action(ActionKind.WARN), Action(ActionKind.TIMEOUT, HOUR)),
    "4": (Action(ActionKind.KICK),),
    "5": (Action(ActionKind.WARN), Action(ActionKind.BAN)),
    "6": (Action(ActionKind.ESCALATE), Action(ActionKind.HELP)),
}


@dataclass
class Book:
    """A server, its records, and all that was said; `moderator` is a human."""

    store: Store
    server: SandboxServer = field(default_factory=SandboxServer)
    said: list[Said] = field(default_factory=list)

    def __post_init__(self) -> None:
        world = self.server.world
        self.moderator: User = world.add_user("a-moderator")
        self.guild: Guild = world.add_guild("A server", self.moderator)
        self.general: Channel = world.add_channel(self.guild, "general")
        self.log: Channel = world.add_channel(self.guild, "mod-log")
        application = world.add_application("Lawspeaker")
        world.invite(self.guild, application)
        self.bot = application.bot

    async def breaches(self) -> list[str]:
        return await breaches(self.server.world, self.bot, self.store, self.said)

    def says(self, rule: str | None, text: str = "hello") -> Message:
        """A member of their own says something."""
        user = self.server.world.add_user(f"member-{len(self.said)}")
        self.server.world.join(self.guild, user)
        message = self.server.post(user, self.general, text)
        self.said.append(Said(message, rule))
        return message

    async def heard(self, message: Message) -> int:
        """It is in the journal; its id there."""
        where = self.guild.id, self.general.id, message.id
        (journal_id,) = await self.store.journal.append(
            [Submission(*where, 0, message.author.id, "name", "hello", "hello", (), datetime.now(UTC))]
        )
        return journal_id

    async def allowed(self, decided: str | None = None) -> Message:
        """A message that is settled without a case."""
        message = self.says(None)
        journal_id = await self.heard(message)
        decision = Decision(Outcome.ALLOW, decided)
        await self.store.journal.settle_allowed(journal_id, None, decision, Mode.ENFORCE, 1)
        return message

    async def opened(self, rule: str) -> CaseRecord:
        """A case of which nothing is done yet."""
        journal_id = await self.heard(self.says(rule))
        verdict = Verdict(rule, {rule: 0.9}, "d" * 64, "m", "e" * 64)
        decision = Decision(Outcome.ACT, rule, ACTIONS[rule])
        return await self.store.journal.open_case(
            journal_id, verdict, decision, Mode.ENFORCE, 1, ACTIONS[rule], datetime.now(UTC)
        )

    async def handed_over(self, rule: str, reason: str) -> CaseRecord:
        """A case of a message that the judge could not judge, which breaks a rule all the same."""
        journal_id = await self.heard(self.says(rule))
        decision = Decision(Outcome.REVIEW, None, reason=reason)
        case = await self.store.journal.open_case(journal_id, None, decision, Mode.ENFORCE, 1, (), datetime.now(UTC))
        await self.settles(case)
        return await self.read(case)

    async def case(self, rule: str) -> CaseRecord:
        """A case that is settled, all of it done once."""
        case = await self.opened(rule)
        for record in case.actions:
            await self.does(case, record)
        await self.settles(case)
        return await self.read(case)

    async def does(self, case: CaseRecord, record: ActionRecord) -> None:
        await self.store.cases.attempt(record.id)
        self.shows(case, record)
        await self.store.cases.finish(record.id, ActionOutcome.DONE)

    async def settles(self, case: CaseRecord) -> None:
        post = self.posts(case)
        await self.store.cases.logged(self.guild.id, case.number, self.log.id, post.id)
        await self.store.journal.settled(case.journal_id)

    async def read(self, case: CaseRecord) -> CaseRecord:
        found = await self.store.cases.get(self.guild.id, case.number)
        assert found is not None
        return found

    # What Discord shows of it

    def user(self, case: CaseRecord) -> User:
        return self.server.world.users[case.submission.author_id]

    def shows(self, case: CaseRecord, record: ActionRecord) -> None:
        """What an action leaves on Discord."""
        user, reason, moderation = self.user(case), self.reason(case), self.server.moderation
        match record.action.kind:
            case ActionKind.DELETE:
                self.general.messages.remove(case.submission.message_id)
                moderation.record(self.guild, self.bot, MESSAGE_DELETE, user.id, reason)
            case ActionKind.WARN:
                self.tells(case)
            case ActionKind.TIMEOUT:
                moderation.time_out(self.guild, self.bot, self.guild.members[user.id], record.until, reason)
            case ActionKind.KICK:
                moderation.kick(self.guild, self.bot, self.guild.members[user.id], reason)
            case ActionKind.BAN:
                moderation.ban(self.guild, self.bot, user, 0, reason)
            case ActionKind.HELP:
                said = case.submission
                where = message_link(said.guild_id, said.channel_id, said.message_id)
                self.writes(user, help_text(self.guild.name, "0800 111", where))

    def reason(self, case: CaseRecord) -> str:
        return f"Lawspeaker case {case.number}: rule {case.decision.rule}"

    def tells(self, case: CaseRecord, words: str = "was noted") -> None:
        name = f"lawspeaker:appeal:{self.guild.id}:{case.number}"
        self.writes(self.user(case), f"Your message on **{self.guild.name}** {words}. Case {case.number}.", name)

    def writes(self, user: User, text: str, *buttons: str) -> None:
        self._post(self.server.world.dm(self.bot, user), text, buttons)

    def posts(self, case: CaseRecord) -> Message:
        return self._post(self.log, "", [f"lawspeaker:case:more:{case.number}"])

    def _post(self, channel: Channel, text: str, buttons: Sequence[str]) -> Message:
        row = [{"type": 2, "style": 2, "label": "x", "custom_id": name} for name in buttons]
        components = [{"type": 1, "components": row}] if row else []
        return self.server.posting.post(self.bot, channel, {"content": text, "components": components})
