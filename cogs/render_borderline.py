"""What is shown of borderline texts, and how the buttons under them are written. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import discord

from bot.discord_io.embeds import message_link
from bot.discord_io.limits import CUSTOM_ID, EMBED_FIELD_VALUE, EMBED_TITLE, clip
from bot.discord_io.text import inert, spoiler
from bot.domain.borderline import Borderline, PackText
from bot.domain.learned import MOST_CHARACTERS, LearnedExample, judged_text
from bot.domain.moderators import moderator_mention
from bot.domain.policy import Rule
from bot.language import mark, tr
from cogs.answers import controls

_PREFIX = "lawspeaker:line"
_SAID = {
    "breaks": mark("{number} breaks it"),
    "fine": mark("{number} is fine"),
    "skip": mark("{number} skip"),
}
_STYLES = {
    "breaks": discord.ButtonStyle.danger,
    "fine": discord.ButtonStyle.success,
    "skip": discord.ButtonStyle.secondary,
}
_LEAST_SURE = mark(
    "Of these the judge is least sure. Say what they are, and from the next message on it goes by that for texts like "
    "them; what you skip changes nothing. `/policy learned` shows and removes what was learned."
)
TEMPLATE = (
    rf"{_PREFIX}:(?P<said>{'|'.join(_SAID)}):(?P<place>[0-4]):"
    r"(?P<versions>[0-9]{1,9}(?:\.[0-9]{1,9}){0,2}):(?P<rule>[\w.]{1,32}):"
    r"(?:m(?P<journal>[0-9]{1,18})|p(?P<pack>[a-z0-9_-]{1,20})\.(?P<digest>[0-9a-f]{8}))"
)


def text_digest(text: str) -> str:
    """By which a button knows a pack's message, whatever its place among the others is by then."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def reading_embed(rule: Rule, lines: Sequence[Borderline]) -> discord.Embed:
    """What the judge is least sure of about a rule; a field for each text, in the order of the rows of buttons."""
    embed = discord.Embed(
        title=clip(tr("How rule {rule} is read", rule=rule.key), EMBED_TITLE),
        description=f"{inert(rule.text, 600)}\n\n{tr(_LEAST_SURE)}",
    )
    for place, line in enumerate(lines):
        embed.add_field(name=f"{place + 1} · {line.probability:.0%} · {_origin(line)}", value=_text(line), inline=False)
    return embed


def reading_view(rule: Rule, versions: Sequence[int], lines: Sequence[Borderline]) -> discord.ui.View | None:
    """A row of buttons for each text; None where a label of the rule is too long for buttons.

    `versions` are the numbers of those that the rule is read in, that of the outermost first.
    """
    read_in = ".".join(map(str, versions))
    buttons: list[discord.ui.Button[discord.ui.View]] = []
    for place, line in enumerate(lines):
        for said, words in _SAID.items():
            custom_id = f"{_PREFIX}:{said}:{place}:{read_in}:{rule.key}:{_key(line)}"
            if len(custom_id) > CUSTOM_ID or not re.fullmatch(TEMPLATE, custom_id):
                return None
            label = tr(words, number=place + 1)
            buttons.append(discord.ui.Button(label=label, style=_STYLES[said], custom_id=custom_id, row=place))
    return controls(*buttons)


def learned_words(learned: LearnedExample) -> str:
    """What was said of a text, what it was learned as, and by whom."""
    by = moderator_mention(learned.moderator_id)
    if learned.lesson.breaks:
        return tr("breaks it, learned as example {number} by {member}", number=learned.id, member=by)
    return tr("is fine, learned as example {number} by {member}", number=learned.id, member=by)


def answered(embed: discord.Embed, place: int, words: str) -> discord.Embed:
    """The embed with what was said of the text in a place, counted from 0."""
    after = embed.copy()
    if place < len(after.fields):
        field = after.fields[place]
        value = clip(f"{field.value}\n→ {words}", EMBED_FIELD_VALUE)
        after.set_field_at(place, name=field.name, value=value, inline=False)
    return after


def without_row(view: discord.ui.View, place: int) -> discord.ui.View:
    """The same buttons but for those about the text in a place."""
    for item in list(view.children):
        if isinstance(item, discord.ui.Button) and str(item.custom_id).split(":")[3:4] == [str(place)]:
            view.remove_item(item)
    view.stop()
    return view


def _key(line: Borderline) -> str:
    source = line.source
    if isinstance(source, PackText):
        return f"p{source.pack}.{text_digest(source.text)}"
    return f"m{source.journal_id}"


def _origin(line: Borderline) -> str:
    if isinstance(line.source, PackText):
        return tr("the pack {name}", name=line.source.pack)
    return tr("a message of this server")


def _text(line: Borderline) -> str:
    if isinstance(line.source, PackText):
        return spoiler(line.source.text, 2 * MOST_CHARACTERS + 4)
    said = line.source.submission
    link = message_link(said.guild_id, said.channel_id, said.message_id)
    text = " ".join(judged_text(said).split())
    of = tr("[message]({link}) of {member}", link=link, member=f"<@{said.author_id}>")
    return f"{spoiler(text, 2 * MOST_CHARACTERS + 4)}\n{of}"
