"""A house: servers on the sandbox with a bot that lives more than once, and the humans in them."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.decision import Mode
from bot.domain.records import CaseRecord
from bot.sandbox.answer import MemberError
from bot.sandbox.member import MemberClient
from bot.sandbox.model import Channel, Guild, Message, User
from bot.sandbox.permissions import MANAGE_GUILD, MODERATOR
from bot.sandbox.server import SandboxServer
from bot.store import Store
from tests.reliability.ledger import Said, breaches
from tests.reliability.lives import Life, Nursery
from tests.reliability.points import Point

POLICY = """# The house

1. No spam. [delete]
2. No advertising. [flag]
3. No threats. [delete, warn, timeout 1h]
4. No cheating. [kick]
5. No scams. [warn, ban]
6. Somebody may hurt themselves: call a human. [escalate, help]
"""
MARK = "hemidemisemiquaver"
"""A word that is in everything that humans write."""
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NOTHING_CAME = (asyncio.CancelledError, MemberError, TimeoutError, LookupError)
"""What a human meets whose bot died, or who finds that something was done already."""
PATIENCE = 60.0
"""Seconds after which what is still open is taken for lost."""


@dataclass(slots=True)
class Place:
    """One server."""

    guild: Guild
    channels: list[Channel]
    log: Channel
    moderator: User

    @property
    def general(self) -> Channel:
        return self.channels[0]


class House:
    """Everything outlives the bot's process but the process; `points` are where one life after the other ends."""

    def __init__(
        self,
        nursery: Nursery,
        folder: Path,
        empty_database: Path,
        points: Sequence[Point] = (),
        model: Mapping[str, str] | None = None,
    ) -> None:
        """`model` are the settings for one; without it the judge goes by words."""
        self.server = SandboxServer()
        self.world = self.server.world
        self.application = self.world.add_application("Lawspeaker")
        self.said: list[Said] = []
        self.lives: list[Life] = []
        self._nursery = nursery
        self._folder = folder
        self._points = list(points)
        self._ending: Point | None = None
        self._armed, self.hits = folder / "armed", folder / "hits"
        shutil.copy(empty_database, folder / "house.sqlite3")
        self._environ = {
            "LAWSPEAKER_DISCORD_TOKEN": self.application.token,
            "LAWSPEAKER_DATA_DIR": str(folder),
            "LAWSPEAKER_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'house.sqlite3'}",
            "LAWSPEAKER_CHAIN_KEY_FILE": str(folder / "house.chain-key"),
            "LAWSPEAKER_WEB_PORT": "0",
            "LAWSPEAKER_LOG_LEVEL": "debug",
            "LAWSPEAKER_LOG_FORMAT": "json",
            **(model or {}),
        }
        self.store = Store(self._environ["LAWSPEAKER_DATABASE_URL"], folder / "house.chain-key")
        self._clients: dict[int, MemberClient] = {}

    @property
    def bot(self) -> User:
        return self.application.bot

    async def open(self) -> None:
        """Return when the house can be lived in."""
        await self.server.start()
        self._environ["LAWSPEAKER_DISCORD_API_BASE"] = self.server.api_base
        self._environ["LAWSPEAKER_DISCORD_GATEWAY"] = self.server.gateway_url

    async def close(self) -> None:
        """End everything."""
        for life in self.lives:
            if not life.ended.is_set():
                life.kill()
                await life.ended.wait()
        await self.store.close()
        await self.server.stop()

    # -- who is there ----------------------------------------------------------------------------------------

    async def place(
        self, name: str = "The house", channels: int = 1, policy: str | None = POLICY, *, head: bool = False
    ) -> Place:
        """A server that the bot listens to already, and whose chain's head it has posted today but for `head`."""
        world, store = self.world, self.store
        moderator = world.add_user("a-moderator")
        guild = world.add_guild(name, world.add_user("an-owner"))
        role = world.add_role(guild, "Moderators", MODERATOR | MANAGE_GUILD)
        role.mentionable = True
        world.join(guild, moderator, [role])
        made = [world.add_channel(guild, f"channel-{number}") for number in range(channels)]
        log = world.add_channel(guild, "mod-log")
        self.server.invite(guild, self.application)
        await store.guilds.update(
            guild.id,
            mode=Mode.ENFORCE,
            log_channel_id=log.id,
            escalation_role_id=role.id,
            help_lines="Call 0800 111.",
            brake_actions=100_000,
        )
        for channel in made:
            await store.guilds.watch(guild.id, channel.id)
        if policy is not None:
            draft = await store.policies.save_draft(guild.id, policy, moderator.id)
            await store.policies.publish(guild.id, draft.digest, moderator.id)
        now = datetime.now(UTC)
        await store.presence.heard([guild.id], now)
        if not head and await store.head_posts.due(guild.id, now.date()) is not None:
            post = self.server.post(self.bot, log, "The head of the chain.")
            await store.head_posts.posted(guild.id, now.date(), log.id, post.id)
        return Place(guild, made, log, moderator)

    def member(self, place: Place) -> User:
        """A new one."""
        user = self.world.add_user(f"member-{len(self.world.users)}")
        self.world.join(place.guild, user)
        return user

    async def client(self, user: User) -> MemberClient:
        """A Discord client logged in as a user."""
        if user.id not in self._clients:
            self._clients[user.id] = await self.server.member_client(user)
        return self._clients[user.id]

    def says(self, place: Place, words: str, user: User | None = None, channel: Channel | None = None) -> Message:
        """A member posts words for the judge, see `tests.reliability.process.WordsJudge`."""
        author = user or self.member(place)
        # Spelt out, so that no message is like another: the judge is asked for each.
        text = f"{words} {MARK} {' '.join(_DIGITS[int(digit)] for digit in str(len(self.said)))}"
        message = self.server.post(author, channel or place.general, text)
        word, key = text.split()[:2]
        self.said.append(Said(message, key if word in {"rule", "perhaps"} else None))
        return message

    # -- the bot's lives -------------------------------------------------------------------------------------

    @property
    def life(self) -> Life:
        """The last one."""
        return self.lives[-1]

    def arm(self) -> None:
        """From here on the points count."""
        self._armed.touch()

    async def begin(self) -> Life:
        """A new life begins, which may end before the bot is ready."""
        self._ending = self._points.pop(0) if self._points else None
        stderr = self._folder / f"life-{len(self.lives)}.log"
        self.lives.append(await self._nursery.bear(self._environ, stderr, self._ending, self._armed, self.hits))
        return self.life

    async def alive(self) -> None:
        """See to it that there is a bot, and that it is ready."""
        while not (self.lives and await self.life.ready()):
            if self.lives and self.life.status != -signal.SIGKILL:
                raise AssertionError(f"the bot ended by itself:\n{self.life.written[-3_000:]}")
            await self.begin()

    async def insist(self, doing: Callable[[], Awaitable[object]], holds: Callable[[], Awaitable[bool]]) -> None:
        """Do something as a human does who sees that nothing came of it: again."""
        async with asyncio.timeout(PATIENCE):
            while not await holds():
                await self.alive()
                task, ended = asyncio.ensure_future(doing()), asyncio.create_task(self.life.ended.wait())
                await asyncio.wait({task, ended}, return_when=asyncio.FIRST_COMPLETED)
                task.cancel()
                ended.cancel()
                (result,) = await asyncio.gather(task, return_exceptions=True)
                if isinstance(result, BaseException) and not isinstance(result, _NOTHING_CAME):
                    raise result

    async def eventually(self, holds: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
        """Wait until something holds, with a bot that is started again where it died; TimeoutError."""
        async with asyncio.timeout(seconds):
            while not await holds():
                await self.alive()
                await asyncio.sleep(0.05)

    async def dies(self) -> None:
        """Wait until every point was reached, and the bot was started once more; AssertionError where one is not."""
        while self._ending is not None:
            try:
                await asyncio.wait_for(self.life.ended.wait(), PATIENCE)
            except TimeoutError:
                raise AssertionError(f"life {len(self.lives)} did not end {self._ending}") from None
            await self.begin()

    @property
    def reached(self) -> list[str]:
        """The points at which lives ended."""
        return self.hits.read_text().splitlines() if self.hits.exists() else []

    # -- what came of it -------------------------------------------------------------------------------------

    async def case_of(self, message: Message) -> CaseRecord | None:
        """The case of a message, once it is settled."""
        guild = message.channel.guild
        assert guild is not None
        made = await self.store.journal.judgement(guild.id, message.id)
        if made is None or made.case_number is None or made.journal_id in await self.store.journal.judged():
            return None
        return await self.store.cases.get(guild.id, made.case_number)

    async def judged(self, message: Message) -> None:
        """Wait until a message is settled, or has a case."""
        guild = message.channel.guild
        assert guild is not None

        async def holds() -> bool:
            return await self.store.journal.judgement(guild.id, message.id) is not None

        await self.eventually(holds)

    async def settled(self, message: Message) -> CaseRecord:
        """Wait for it."""
        found: list[CaseRecord] = []

        async def holds() -> bool:
            found.extend([case] if (case := await self.case_of(message)) else [])
            return bool(found)

        await self.eventually(holds)
        return found[0]

    async def breaches(self) -> list[str]:
        """What is wrong now."""
        return await breaches(self.world, self.bot, self.store, self.said)

    async def in_the_end(
        self, seconds: float = PATIENCE, counted: Callable[[list[str]], list[str]] = lambda told: told
    ) -> list[str]:
        """What is wrong when the bot has had time to finish, as far as it is `counted`."""

        async def is_well() -> bool:
            # The first two cost little, the ledger much.
            journal = self.store.journal
            return not await journal.backlog() and not await journal.judged() and not counted(await self.breaches())

        with suppress(TimeoutError):
            await self.eventually(is_well, seconds)
        return [*counted(await self.breaches()), *self.leaks()]

    def leaks(self) -> list[str]:
        """What the bot wrote that it must not."""
        secrets = {"the token": self.application.token, "what somebody wrote": MARK}
        return [
            f"life {number} wrote {what}"
            for number, life in enumerate(self.lives)
            for what, secret in secrets.items()
            if secret in life.written
        ]
