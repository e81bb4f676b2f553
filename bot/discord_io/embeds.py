"""Embeds the bot posts. Pure: a record in, an embed within Discord's limits out."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.discord_io.limits import (
    CONTENT,
    EMBED_DESCRIPTION,
    EMBED_FIELD_VALUE,
    EMBED_FOOTER,
    EMBED_TITLE,
    EMBED_TOTAL,
    clip,
)
from bot.discord_io.text import inert, spoiler
from bot.domain.case_terms import ANSWERED, BECAME, PAST, UNDONE
from bot.domain.decision import Mode, Outcome
from bot.domain.moderators import moderator_mention
from bot.domain.policy import ActionKind
from bot.domain.records import (
    CLAIM_LASTS,
    ActionOutcome,
    ActionRecord,
    Appeal,
    CaseNote,
    CaseRecord,
    Review,
    Undoing,
    versions_named,
)
from bot.domain.submission import NOBODY, Submission
from bot.domain.submission import message_link as message_link
from bot.domain.warning import LONGEST, default_template, fill
from bot.domain.withholding import NOT_SHOWN, as_shown
from bot.language import mark, tr

_COLOURS = {
    "escalate": discord.Colour(0x8E44AD),
    "act": discord.Colour(0xC0392B),
    "review": discord.Colour(0xD68910),
    "shadow": discord.Colour(0x5D6D7E),
}

_NOTES_SHOWN = 3
_APPEAL_SHOWN = 700
_REPORTERS_SHOWN = 3
_WORDS_GONE = mark("(its words are no longer kept)")
_RETURNED_IN_TEXT = CONTENT - 100


def author_of(submission: Submission) -> str:
    """Who wrote a submission, as a mention; in words where they were forgotten."""
    return f"<@{submission.author_id}>" if submission.author_id != NOBODY else tr("Somebody whose records were erased")


def case_embed(case: CaseRecord, rule_text: str) -> discord.Embed:
    """The mod log's post of a case; `rule_text` is the words of the rule, empty where there is none."""
    case = as_shown(case)
    submission, verdict = case.submission, case.verdict
    embed = discord.Embed(
        title=clip(tr("Case {number} · {headline}", number=case.number, headline=headline(case)), EMBED_TITLE),
        colour=_colour(case),
        timestamp=case.created_at,
    )
    link = message_link(case.guild_id, submission.channel_id, submission.message_id)
    author = author_of(submission)
    if submission.author_name:
        author += f" ({inert(submission.author_name, 100)})"
    said = tr(NOT_SHOWN) if case.only_linked else spoiler(submission.text, 1_000)
    where = tr(
        "{author} in {channel} · [message]({link})", author=author, channel=f"<#{submission.channel_id}>", link=link
    )
    embed.description = clip(f"{where}\n{said}", EMBED_DESCRIPTION)
    if case.decision.rule is not None:
        named = tr("Rule {rule}", rule=case.decision.rule)
        _field(embed, named, inert(rule_text, 500) or tr("(no longer in the policy)"))
    if verdict is not None and verdict.rationale:
        _field(embed, tr("Reason"), inert(verdict.rationale, EMBED_FIELD_VALUE))
    elif case.decision.reason:
        # What the database is asked about is kept in English.
        _field(embed, tr("Reason"), inert(tr(case.decision.reason), EMBED_FIELD_VALUE))
    if case.decision.stepped:
        _field(embed, tr("Ladder"), inert(case.decision.stepped, 150))
    if verdict is not None and verdict.quote:
        _field(embed, tr("Quote"), spoiler(verdict.quote, 400))
    if verdict is not None and case.decision.rule is not None:
        _field(embed, tr("Probability"), f"{verdict.probabilities.get(case.decision.rule, 0.0):.0%}", inline=True)
    if case.policy_number is not None:
        _field(embed, tr("Policy"), versions_named(case.policy_number, case.extends), inline=True)
    _field(embed, tr("Mode"), case.mode.value, inline=True)
    if case.actions:
        _field(embed, tr("Actions"), "\n".join(_action_line(action) for action in case.actions))
    if case.reporters:
        _field(embed, tr("Reported by"), _reporters(case.reporters), inline=True)
    if (case.answer is None or case.appeal_waits) and case.claimed_by is not None and case.claimed_at is not None:
        until = discord.utils.format_dt(case.claimed_at + CLAIM_LASTS, "t")
        held = tr("by {moderator} until {time}", moderator=moderator_mention(case.claimed_by), time=until)
        _field(embed, tr("Claimed"), held)
    if case.answer is not None:
        _field(embed, tr("Answer"), _answer_line(case.answer))
    if case.notes:
        _field(embed, tr("Notes"), _latest_notes(case.notes))
    model = f"{clip(verdict.model, 100)} · {verdict.method}" if verdict else tr("not judged")
    footer = tr("{model} · message {message}", model=model, message=submission.message_id)
    embed.set_footer(text=clip(footer, EMBED_FOOTER))
    if case.appeal is not None:
        room = EMBED_TOTAL - len(embed) - len(tr("Appeal"))
        _field(embed, tr("Appeal"), appeal_line(case.appeal, min(room, _APPEAL_SHOWN)))
    return embed


def _field(embed: discord.Embed, name: str, value: str, *, inline: bool = False) -> None:
    embed.add_field(name=name, value=clip(value, EMBED_FIELD_VALUE), inline=inline)


def _colour(case: CaseRecord) -> discord.Colour:
    if any(action.action.kind == "escalate" for action in case.actions):
        return _COLOURS["escalate"]
    if case.mode is Mode.SHADOW:
        return _COLOURS["shadow"]
    return _COLOURS["act" if case.decision.outcome is Outcome.ACT else "review"]


def headline(case: CaseRecord) -> str:
    """What a case is about, in a few words: nothing that a member wrote is among them."""
    if _needs_a_human(case):
        return came_of(case)
    rule = tr("no rule") if case.decision.rule is None else tr("rule {rule}", rule=case.decision.rule)
    return f"{rule} · {came_of(case)}"


def came_of(case: CaseRecord) -> str:
    """What came of a case so far, in a few words."""
    if _needs_a_human(case):
        return tr("needs a human")
    done = [one for one in case.actions if one.outcome is ActionOutcome.DONE]
    if case.mode is Mode.SHADOW and all(one.asked_by is None for one in done):
        return tr("shadow: nothing was done")
    nothing = tr("nothing done yet") if case.answer is None else tr("nothing was done")
    return ", ".join(tr(PAST[one.action.kind]) for one in done) or nothing


def _needs_a_human(case: CaseRecord) -> bool:
    return case.decision.outcome is Outcome.REVIEW and case.answer is None


def _action_line(record: ActionRecord) -> str:
    note = f": {inert(record.note, 150)}" if record.note else ""
    became = tr(BECAME[record.outcome], action=record.action)
    if record.asked_by is not None:
        became = tr("{became}, asked for by {moderator}", became=became, moderator=moderator_mention(record.asked_by))
    line = f"{became}{note}"
    return f"{line} · {undoing_text(record.undoing)}" if record.undoing is not None else line


def undoing_text(undoing: Undoing) -> str:
    """What became of taking an action back, in a few words."""
    return tr(UNDONE[undoing.outcome]) + (f": {inert(undoing.note, 120)}" if undoing.note else "")


def _answer_line(review: Review) -> str:
    note = f": {inert(review.note, 300)}" if review.note else ""
    when = discord.utils.format_dt(review.at, "f")
    return tr(ANSWERED[review.kind], moderator=moderator_mention(review.reviewer_id), time=when) + note


def appeal_line(appeal: Appeal, most: int = EMBED_FIELD_VALUE) -> str:
    """An appeal and its answer in at most `most` characters, at least 400, for moderators."""
    when = discord.utils.format_dt(appeal.at, "f")
    rest = ""
    if appeal.answered_at is not None and appeal.answered_by is not None:
        rest = "\n" + tr(
            "answered by {moderator} {time}: {answer}",
            moderator=moderator_mention(appeal.answered_by),
            time=discord.utils.format_dt(appeal.answered_at, "f"),
            answer=inert(appeal.answer, most // 4) or tr(_WORDS_GONE),
        )
    if appeal.note:
        rest += f"\n⚠️ {inert(appeal.note, 120)}"
    return f"{when}: {spoiler(appeal.text, most - len(when) - len(rest) - 2) or tr(_WORDS_GONE)}{rest}"


def _reporters(reporters: Sequence[int]) -> str:
    shown = ", ".join(f"<@{one}>" for one in reporters[:_REPORTERS_SHOWN])
    more = len(reporters) - _REPORTERS_SHOWN
    return tr("{names} and {number} more", names=shown, number=more) if more > 0 else shown


def _latest_notes(notes: Sequence[CaseNote]) -> str:
    """The last few notes, the newest last, within 600 characters."""
    lines = [f"{moderator_mention(note.author_id)}: {inert(note.text, 150)}" for note in notes[-_NOTES_SHOWN:]]
    if len(notes) > len(lines):
        lines.insert(0, tr("({number} earlier: /case view)", number=len(notes) - len(lines)))
    return "\n".join(lines)


RETURNED_FILE = "your-message.txt"


def returned_text(guild_name: str, case_number: int, text: str) -> tuple[str, bool]:
    """The direct message that gives a deleted text back to its author, and whether it holds all of it.

    Where it does not, the text belongs in a file beside it, called `RETURNED_FILE`.
    """
    head = tr(
        "The moderators of **{server}** looked at case {number} again: your message broke no rule, and should not "
        "have been deleted.",
        server=inert(guild_name, 100),
        number=case_number,
    )
    head += "\n"
    shown = inert(text, CONTENT)
    quoted = "\n".join(f"> {line}" for line in shown.split("\n"))
    if shown.endswith("…") or len(head) + len(quoted) > _RETURNED_IN_TEXT:
        return head + tr("What you wrote is attached; you are welcome to post it again."), False
    return head + tr("You are welcome to post it again. You wrote:") + f"\n{quoted}", True


def warning_text(
    template: str | None,
    guild_name: str,
    rule_key: str,
    rule_text: str,
    case_number: int,
    deleted: bool,
    ladder: str = "",
) -> str:
    """The direct message a member gets, by the server's template or the default one, within Discord's limit.

    `ladder` is what they are told of the server's ladder, which stands below whatever the template says. The template's
    own words are shown as the server wrote them; names and the rule's words do nothing in it. Where the moderators act
    on no rule (`rule_key` is empty), there is nothing for a template to name.
    """
    if not rule_key:
        first = _REMOVED if deleted else _NOTED
        return _with_appeal(tr(first, server=inert(guild_name, 100)), case_number)
    values = {
        "server": inert(guild_name, LONGEST["server"]),
        "rule": inert(rule_key, LONGEST["rule"]),
        "rule_text": inert(rule_text, LONGEST["rule_text"]),
        "case": str(case_number),
        "what": tr("was removed") if deleted else tr("was noted"),
    }
    return _with_ladder(fill(template or default_template(), values), ladder)


def _with_ladder(text: str, ladder: str) -> str:
    """A direct message with what is told of the ladder on a line of its own, which is not what is cut."""
    return clip(text, CONTENT - len(ladder) - 1) + f"\n{ladder}" if ladder else clip(text, CONTENT)


_REMOVED = mark("Your message on **{server}** was removed.")
_NOTED = mark("Your message on **{server}** was noted.")
_FAREWELLS = {
    ActionKind.KICK: mark("Your message on **{server}** gets you removed from the server."),
    ActionKind.BAN: mark("Your message on **{server}** gets you banned from the server."),
}
_FAREWELLS_BY_RULE = {
    ActionKind.KICK: mark(
        "Your message on **{server}** gets you removed from the server because it breaks rule {rule}:\n> {rule_text}"
    ),
    ActionKind.BAN: mark(
        "Your message on **{server}** gets you banned from the server because it breaks rule {rule}:\n> {rule_text}"
    ),
}


def farewell_text(
    guild_name: str, rule_key: str, rule_text: str, case_number: int, kind: ActionKind, ladder: str = ""
) -> str:
    """The direct message to a member who is about to be put out of the server by an action of this kind.

    `ladder` is what they are told of the server's ladder; `rule_key` is empty where the moderators act on no rule.
    """
    server = inert(guild_name, 100)
    if rule_key:
        rule, words = inert(rule_key, 20), inert(rule_text, 800)
        said = tr(_FAREWELLS_BY_RULE[kind], server=server, rule=rule, rule_text=words)
    else:
        said = tr(_FAREWELLS[kind], server=server)
    return _with_ladder(_with_appeal(said, case_number), ladder)


def _with_appeal(said: str, case_number: int) -> str:
    """What was made of a message, with what its author can do about it on a line of its own."""
    how = tr(
        "If you think this is wrong, press **Appeal**, or write to the moderators and name case {case}.",
        case=case_number,
    )
    return f"{said}\n{how}"
