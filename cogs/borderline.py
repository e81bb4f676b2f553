"""After publishing: the texts the judge is least sure of, with *breaks it*, *is fine* and *skip* under each."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import discord
import structlog
from discord.ext import commands

from bot.discord_io.places import channels_in, parents_in
from bot.discord_io.refusal import RefusedError
from bot.discord_io.sight import Sight
from bot.domain.borderline import Borderline, PackText
from bot.domain.learned import LearnedExample, Lesson
from bot.judge.interface import JudgeError
from bot.language import mark, tr
from bot.pipeline.borderline import Probing
from bot.pipeline.law import law_at
from bot.pipeline.tasks import end_all
from bot.pipeline.teaching import Teaching, holds
from bot.pipeline.written import written_then
from bot.store import Store
from cogs.answers import Interaction, answer
from cogs.permissions import member_of, require_sight, require_use
from cogs.pressed import cog_of
from cogs.render_borderline import (
    TEMPLATE,
    answered,
    learned_words,
    reading_embed,
    reading_view,
    text_digest,
    without_row,
)
from cogs.where import require_seen

log = structlog.get_logger(__name__)

_OTHER_LAW = mark(
    "Nothing was learned: the policy no longer has this rule in these words. Publish again to be asked anew."
)
_GONE = mark("Nothing was learned: the bot no longer keeps this message.")
_NO_TEXT = mark("Nothing was learned: this version of the bot has no such message in its packs.")


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button says: of the text in a `place` of the message that it breaks the rule, is fine, or neither (skip).

    The rule is meant as in what the versions of these numbers came to, that of the outermost first. The text is a
    submission's or a pack's.
    """

    said: str
    place: int
    versions: tuple[int, ...]
    rule: str
    journal_id: int | None
    pack: str
    digest: str


class Borderlines(commands.Cog):
    """Asks whoever published, in the background: one reading per server at a time. It ends with the bot."""

    def __init__(self, store: Store, teaching: Teaching, probing: Probing, texts: Sequence[PackText]) -> None:
        """Learn through `teaching`, and look for texts through `probing`; `texts` are the packs'."""
        self._store = store
        self._teaching = teaching
        self._probing = probing
        self._texts = texts
        self._running: dict[int, asyncio.Task[None]] = {}

    async def cog_unload(self) -> None:
        """End all that run."""
        await end_all(self._running.values())

    def begin(self, interaction: Interaction, place_id: int | None = None) -> None:
        """Look for texts to ask about, after an answer was given; returns at once. A later one ends an earlier one.

        They are about the policy of a channel or category where one is given, else about the server's.
        """
        member = member_of(interaction)
        if earlier := self._running.get(member.guild.id):
            earlier.cancel()
        task = asyncio.create_task(self._ask(interaction, member, place_id), name="borderline")
        self._running[member.guild.id] = task
        task.add_done_callback(lambda done: self._forget(member.guild.id, done))

    def _forget(self, guild_id: int, task: asyncio.Task[None]) -> None:
        if self._running.get(guild_id) is task:
            del self._running[guild_id]

    async def _ask(self, interaction: Interaction, member: discord.Member, place_id: int | None) -> None:
        """Nobody waits for this: what fails is logged, and nothing is lost by it."""
        try:
            law = await law_at(self._store, member.guild.id, place_id, parents_in(member.guild))
            if law is None:
                return
            within = channels_in(member.guild, place_id) if place_id is not None else None
            sight = Sight(member)
            by_rule = await self._probing.probe(member.guild.id, law, sight.hidden, within)
            for key, found in by_rule.items():
                rule, lines = law.policy.rule(key), [one for one in found if await _is_shown(one, sight)]
                if view := reading_view(rule, law.numbers, lines):
                    await answer(interaction, embeds=[reading_embed(rule, lines)], view=view)
        except (JudgeError, discord.HTTPException) as error:
            log.warning("borderline_not_shown", guild_id=member.guild.id, error=type(error).__name__)
        except Exception:
            log.exception("borderline_failed", guild_id=member.guild.id)

    async def press(self, interaction: Interaction, pressed: Pressed) -> None:
        """Learn what was said of a text, and take its buttons away."""
        await interaction.response.defer()
        guild = await require_use(interaction, self._store)
        if pressed.said == "skip":
            words = tr("skipped")
        else:
            words = learned_words(await self._learn(interaction, guild, pressed))
        shown = interaction.message
        if shown is not None and shown.embeds:
            view = without_row(discord.ui.View.from_message(shown, timeout=None), pressed.place)
            embed = answered(shown.embeds[0], pressed.place, words)
            none = discord.AllowedMentions.none()
            await interaction.edit_original_response(embed=embed, view=view, allowed_mentions=none)
        if pressed.said != "skip":
            await self._teaching.prepare(guild.id, parents_in(guild))

    async def _learn(self, interaction: Interaction, guild: discord.Guild, pressed: Pressed) -> LearnedExample:
        """RefusedError where the rule or the text is no longer there, or is not for this moderator to see."""
        lesson = await self._lesson(interaction, guild, pressed)
        guild_id, moderator_id = guild.id, interaction.user.id
        if pressed.journal_id is None:
            texts = [one.text for one in self._texts if one.pack == pressed.pack]
            text = next((text for text in texts if text_digest(text) == pressed.digest), None)
            if text is None:
                raise RefusedError(tr(_NO_TEXT))
            return await self._store.learned.from_pack(guild_id, text, lesson, moderator_id)
        sample = await self._store.samples.one(guild_id, pressed.journal_id)
        if sample is None:
            raise RefusedError(tr(_GONE))
        await require_sight(interaction, sample.submission.channel_id, sample.submission.parent_id)
        return await self._store.learned.from_message(guild_id, pressed.journal_id, lesson, moderator_id)

    async def _lesson(self, interaction: Interaction, guild: discord.Guild, pressed: Pressed) -> Lesson:
        *extends, number = pressed.versions
        version = await self._store.policies.version(guild.id, number)
        written = await written_then(self._store, guild.id, number, tuple(extends))
        if version is None or written is None:
            raise RefusedError(tr(_OTHER_LAW))
        require_seen(interaction, version.place_id)
        words = next((rule.text for rule in written.rules if rule.key == pressed.rule), None)
        lesson = Lesson(pressed.rule, words or "", pressed.said == "breaks")
        law = await law_at(self._store, guild.id, version.place_id, parents_in(guild))
        if words is None or not holds(law, lesson):
            raise RefusedError(tr(_OTHER_LAW))
        return lesson


async def _is_shown(one: Borderline, sight: Sight) -> bool:
    """Whether a text is for somebody to see: a pack's is for everybody."""
    return isinstance(one.source, PackText) or not await sight.hides([one.source.submission])


class BorderlineButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=TEMPLATE):
    """A button under a borderline text, which works after a restart too."""

    def __init__(self, button: discord.ui.Button[discord.ui.View], pressed: Pressed) -> None:
        """The button as it was sent, and what it says."""
        super().__init__(button)
        self._pressed = pressed

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button as it was sent."""
        assert isinstance(item, discord.ui.Button)
        journal_id = int(match["journal"]) if match["journal"] else None
        pressed = Pressed(
            match["said"],
            int(match["place"]),
            tuple(map(int, match["versions"].split("."))),
            match["rule"],
            journal_id,
            match["pack"] or "",
            match["digest"] or "",
        )
        return cls(item, pressed)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody presses it; what they may do is looked at now."""
        async with cog_of(interaction, Borderlines) as borderlines:
            await borderlines.press(interaction, self._pressed)
