"""What `/policy backtest` shows, and its files. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

import discord

from bot.discord_io.embeds import message_link
from bot.discord_io.limits import clip
from bot.discord_io.text import inert, spoiler, within
from bot.domain.backtest import Compared, Findings, Reading
from bot.domain.backtest_words import Extent, against_words, reached_sentence, reading_words
from bot.domain.spreadsheet import csv_table
from bot.domain.withholding import NOT_SHOWN
from bot.language import tr
from cogs.answers import text_file

_BAR = 20
_CHANGES = 3_500
_FILE_TEXT = 1_000
_HEADER = (
    "message", "channel_id", "author_id", "posted_at", "text", "reviewed", "live_outcome", "live_rule",
    "live_probability", "draft_outcome", "draft_rule", "draft_probability",
)  # fmt: skip


def progress_line(done: int, total: int) -> str:
    """A bar, and how many of how many."""
    full = _BAR * done // total if total else _BAR
    bar = f"`{'█' * full}{'░' * (_BAR - full)}`"
    return tr("{bar} {done:,} of {total:,} messages", bar=bar, done=done, total=total)


def findings_embeds(found: Findings, extent: Extent) -> list[discord.Embed]:
    """The counts, and the biggest changes."""
    if extent.live:
        title = tr("The draft against version {number}", number=extent.live.number)
    else:
        title = tr("The draft against no policy at all")
    counts = discord.Embed(title=title, description=reached_sentence(found, extent))
    counts.add_field(name=tr("Newly caught"), value=f"{len(found.newly_caught):,}")
    counts.add_field(name=tr("Let go"), value=f"{len(found.let_go):,}")
    counts.add_field(name=tr("Reviewed cases"), value=_reviewed(found), inline=False)
    counts.set_footer(text=tr("Caught is what is acted on or asks a human, with the thresholds set now."))
    lines = [_change_line(one) for one in found.biggest]
    changes = discord.Embed(title=tr("Biggest changes"), description=within(lines, _CHANGES) or tr("Nothing changed."))
    return [counts, changes]


def findings_files(found: Findings, extent: Extent) -> list[discord.File]:
    """All messages with what each policy makes of them, as CSV and as JSON; long texts are cut."""
    table = csv_table(_HEADER, [list(_row(one).values()) for one in found.compared])
    told = {
        "live_version": extent.live.number if extent.live else None,
        "draft_digest": extent.draft.digest,
        "messages": [_typed(one) for one in found.compared],
    }
    whole = json.dumps(told, ensure_ascii=False, indent=1)
    return [text_file(table, "backtest.csv"), text_file(whole, "backtest.json")]


def _reviewed(found: Findings) -> str:
    if found.draft is None or found.live is None:
        return tr("None whose text is still kept: confirm or overturn cases, and a backtest says more.")
    return "\n".join(
        [
            tr("{count:,} whose text is still kept", count=found.reviewed),
            tr("**Draft** {figures}", figures=against_words(found.draft)),
            tr("**Live** {figures}", figures=against_words(found.live)),
        ]
    )


def _change_line(one: Compared) -> str:
    said = one.sample.submission
    link = message_link(said.guild_id, said.channel_id, said.message_id)
    shown = tr(NOT_SHOWN) if one.only_linked else spoiler(clip(said.text, 60), 120)
    return tr("[message]({link})", link=link) + f" · {_words(one.live)} → {_words(one.draft)} · {shown}"


def _words(reading: Reading) -> str:
    return reading_words(reading, inert(reading.rule or "", 20))


def _row(one: Compared) -> dict[str, str]:
    """The cells of a message, by the names of their columns."""
    said = one.sample.submission
    reviewed = {None: "", True: tr("breaks a rule"), False: tr("fine")}[one.sample.breaks]
    cells: Sequence[str] = (
        message_link(said.guild_id, said.channel_id, said.message_id), str(said.channel_id), str(said.author_id),
        said.posted_at.isoformat(), tr(NOT_SHOWN) if one.only_linked else clip(said.text, _FILE_TEXT), reviewed,
        one.live.outcome.value, one.live.rule or "", f"{one.live.probability:.4f}",
        one.draft.outcome.value, one.draft.rule or "", f"{one.draft.probability:.4f}",
    )  # fmt: skip
    return dict(zip(_HEADER, cells, strict=True))


def _typed(one: Compared) -> dict[str, object]:
    """The same with numbers and nulls for JSON; ids stay strings, as in Discord's own."""
    return {
        **_row(one),
        "reviewed": one.sample.breaks,
        "live_rule": one.live.rule,
        "live_probability": round(one.live.probability, 4),
        "draft_rule": one.draft.rule,
        "draft_probability": round(one.draft.probability, 4),
    }
