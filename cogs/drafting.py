"""Drafting: from what a moderator typed or sent to a draft with its diff. Nobody's text is lost on the way."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from bot.discord_io.limits import MODAL_INPUT, clip
from bot.discord_io.prospects import effect_note, first_number, obstacle_note
from bot.discord_io.refusal import RefusedError
from bot.discord_io.speaking import speak_for
from bot.domain.lint import lint
from bot.domain.moderators import moderator_mention
from bot.domain.policy import policy_digest
from bot.domain.policy_text import parse_policy
from bot.domain.records import PolicyVersion
from bot.language import tr
from bot.store import Store, StoreError
from bot.store.policies import NO_OWN_POLICY
from cogs.answers import Interaction, answer, text_file, think
from cogs.errors import answer_failure
from cogs.modals import KEPT_SECONDS
from cogs.permissions import require_use
from cogs.publishing import publish_view
from cogs.render_policy import diff_embed, unified_diff
from cogs.where import require_seen, with_place

MOST_FILE_BYTES = 64 * 1024
_HINT = 100  # characters that Discord takes below a label


@dataclass(frozen=True, slots=True)
class Basis:
    """What there was when a moderator began to edit.

    `place_id` is the channel or category whose own policy it is, None for the server's; `first` the smallest number
    that a rule may have without taking the place of one that the policy extends.
    """

    draft: PolicyVersion | None
    live: PolicyVersion | None
    place_id: int | None = None
    first: int = 1

    @property
    def shown(self) -> PolicyVersion | None:
        """The text to begin with: the draft, else the live version."""
        return self.draft or self.live

    @property
    def draft_digest(self) -> str:
        """The digest of the draft; empty where there was none, which is no text's digest."""
        return self.draft.digest if self.draft else ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A draft that was kept, and all that its author is to see."""

    draft: PolicyVersion
    live: PolicyVersion | None
    notes: Sequence[str]
    files: Sequence[discord.File]
    embeds: Sequence[discord.Embed]


class Drafting:
    """Keeps drafts and answers with what they change."""

    def __init__(self, store: Store) -> None:
        """Keep drafts in `store`."""
        self._store = store

    async def basis(self, guild: discord.Guild, place_id: int | None = None) -> Basis:
        """What there is now, of the server's policy or of one that a place has; StoreError where it has none."""
        book = await self._store.policies.lawbook(guild.id)
        if place_id is None:
            return Basis(book.draft, book.live)
        if place_id not in book.places:
            raise StoreError(tr(NO_OWN_POLICY))
        place = book.places[place_id]
        return Basis(place.draft, place.live, place_id, first_number(guild, book, place_id))

    async def submit(
        self, interaction: Interaction, source: str, basis: Basis, unread: PolicyVersion | None = None
    ) -> None:
        """Keep a text as the draft and answer with its diff; or say why not, and give the text back.

        `unread` is a draft that the text replaces and that its author may not have read.
        """
        old = _anothers(unread, interaction.user.id, source)

        def notes() -> Sequence[str]:
            if old is None:
                return []
            return [
                tr("It replaces the draft of {member}, which is attached.", member=moderator_mention(old.author_id))
            ]

        await self._submit(
            interaction, source, basis, notes, [text_file(old.source, "replaced-draft.md")] if old else []
        )

    async def submit_change(
        self, interaction: Interaction, source: str, basis: Basis, notes: Sequence[str] = ()
    ) -> None:
        """The same for a text that a command made of the basis' text; `notes` are sentences about how."""
        old = _anothers(basis.draft, interaction.user.id, source)

        def all_notes() -> Sequence[str]:
            if old is None:
                return notes
            return [tr("It goes on from the draft of {member}.", member=moderator_mention(old.author_id)), *notes]

        await self._submit(interaction, source, basis, all_notes, [])

    async def _submit(
        self,
        interaction: Interaction,
        source: str,
        basis: Basis,
        notes: Callable[[], Sequence[str]],
        files: Sequence[discord.File],
    ) -> None:
        """`notes` are asked for once it is known which language the server speaks."""
        try:
            await think(interaction)
            guild = await require_use(interaction, self._store)
            require_seen(interaction, basis.place_id)
            kept = await self._keep(guild, interaction.user.id, source, basis)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the text goes back to its author
            await answer_failure(interaction, error, lost=source)
            return
        changes = kept.live is None or kept.live.digest != kept.draft.digest
        await answer(
            interaction,
            " ".join([*kept.notes, *notes()]),
            embeds=kept.embeds,
            files=[*files, *kept.files],
            view=publish_view(kept.draft.digest, basis.place_id) if changes else None,
        )

    async def _keep(self, guild: discord.Guild, author_id: int, source: str, basis: Basis) -> _Kept:
        policy, policies = parse_policy(source), self._store.policies
        draft = await policies.save_draft(guild.id, source, author_id, basis.draft_digest, basis.place_id)
        live = await policies.live(guild.id, basis.place_id)
        book = await policies.lawbook(guild.id)
        notes = [tr("The draft is kept; nothing changes for members until it is published.")]
        if live is not None and (basis.live is None or basis.live.digest != live.digest):
            notes.append(
                tr(
                    "Meanwhile {member} published version {number}: "
                    "the diff shows what publishing this draft would change in it.",
                    member=moderator_mention(live.author_id),
                    number=live.number,
                )
            )
        notes += [note for note in (effect_note(guild, book, draft), obstacle_note(guild, book, draft)) if note]
        shown = diff_embed(draft, live, lint(policy))
        with_place(shown.embeds[0], guild, book, basis.place_id)
        whole = "\n".join(unified_diff(live.source if live else "", source))
        files = [] if shown.is_whole else [text_file(whole, "changes.diff")]
        return _Kept(draft, live, notes, files, shown.embeds)


def _anothers(draft: PolicyVersion | None, author_id: int, source: str) -> PolicyVersion | None:
    """The draft, where it is somebody else's and another text."""
    if draft is None or draft.author_id == author_id or draft.digest == policy_digest(source):
        return None
    return draft


class PolicyModal(discord.ui.Modal):
    """The policy's text, to be edited in Discord."""

    def __init__(self, drafting: Drafting, basis: Basis) -> None:
        """Begin with the basis' text, which must fit a modal."""
        # The library tells modals apart by their id alone: two who edit at once must not get each other's.
        custom_id = f"lawspeaker:edit:{secrets.token_hex(8)}"
        super().__init__(title=tr("Edit the policy"), custom_id=custom_id, timeout=KEPT_SECONDS)
        self._drafting = drafting
        self._basis = basis
        shown = basis.shown
        self._source: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            custom_id="source",
            default=shown.source if shown else None,
            placeholder=tr("{number}. No scams or phishing links. [delete]", number=basis.first),
            max_length=MODAL_INPUT,
        )
        self.add_item(
            discord.ui.Label(
                text=tr("Rules in plain language"),
                description=clip(" ".join(_hints(basis)), _HINT),
                component=self._source,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Keep what was typed."""
        speak_for(interaction)
        await self._drafting.submit(interaction, self._source.value, self._basis)


def _hints(basis: Basis) -> list[str]:
    """What the editor begins with, and what is to be known about it."""
    if basis.draft:
        begun = tr("You begin with the draft.")
    elif basis.live:
        begun = tr("You begin with the live version.")
    else:
        begun = tr("You begin with an empty page.")
    held = [tr("Rules up to {number} are those around it.", number=basis.first - 1)] if basis.first > 1 else []
    return [begun, *held, tr("For more than 4,000 characters: /policy import.")]


async def read_policy_file(file: discord.Attachment) -> str:
    """The text of an attached file; RefusedError where it is too large, no text, or cannot be fetched."""
    if file.size > MOST_FILE_BYTES:
        raise RefusedError(
            tr("The file has {size:,} bytes: send at most {most:,}.", size=file.size, most=MOST_FILE_BYTES)
        )
    try:
        content = await file.read()
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError):
        raise RefusedError(tr("The file could not be fetched from Discord: send it again.")) from None
    try:
        return content[:MOST_FILE_BYTES].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RefusedError(tr("The file is no UTF-8 text: save it as plain text in UTF-8 and send it again.")) from None
