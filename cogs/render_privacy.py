"""What `/privacy` says. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.guild import GuildSettings
from bot.language import tr, trn
from bot.pipeline.forgetting import MOST_POSTS, Forgotten
from bot.pipeline.redaction import PostFate
from bot.store.erasure import Held

_NUMBERS_NAMED = 20
_NOT_REDACTED = (PostFate.GONE, PostFate.FORBIDDEN, PostFate.AWAY)


def nothing_held(member_id: int) -> str:
    """Nothing is on record."""
    return tr("This server's records hold nothing about {member}.", member=f"<@{member_id}>")


def will_forget(member_id: int, held: Held) -> str:
    """What the button will do."""
    erased = tr(
        "**Forget {member}?** This erases from this server's records, for good, what they wrote: text and name of "
        "{messages}, their words before {contexts} of others, and reason, quote, notes and appeals of {cases}, in the "
        "mod log too; that they made {reports} goes as well, and {examples} learned from what they wrote, which the "
        "judge then goes without.",
        member=f"<@{member_id}>",
        messages=_messages_of(held),
        contexts=_messages(held.contexts),
        cases=_cases(held.cases),
        reports=trn("{n:,} report", "{n:,} reports", held.reports),
        examples=_examples(held.learned),
    )
    kept = tr(
        "Kept, without their words and their id: number, rule, decision, actions and reviews of those cases; a ban or "
        "timeout that still stands can be lifted on Discord only."
    )
    untouched = tr(
        "Not touched: their messages on Discord, what the server set about them, and backups of the database. What "
        "they write from now on is judged as before. This cannot be undone."
    )
    return f"{erased}\n{kept}\n{untouched}"


def forgotten_text(member_id: int, done: Forgotten) -> str:
    """How much was erased, and what could not be reached."""
    if done.erased.is_nothing:
        return tr("Nothing was left to erase: {nothing}", nothing=nothing_held(member_id))
    held, posts = done.erased, done.posts
    parts = [
        tr(
            "Erased: the words of {messages} of {member}, their words before {contexts} of others, what was made of "
            "them in {cases}, and {posts} in the mod log.",
            messages=_messages(held.messages),
            member=f"<@{member_id}>",
            contexts=_messages(held.contexts),
            cases=_cases(held.cases),
            posts=trn("{n:,} post", "{n:,} posts", len(posts[PostFate.REDACTED])),
        )
    ]
    if held.learned:
        parts.append(tr("Removed: {examples} learned from what they wrote.", examples=_examples(held.learned)))
    parts += [_not_redacted(fate, posts[fate]) for fate in _NOT_REDACTED if posts[fate]]
    if done.unfinished:
        parts.append(
            trn(
                "{n:,} case still being worked on: their words are erased, and the member's id is when you run this "
                "again in some minutes.",
                "{n:,} cases still being worked on: their words are erased, and the member's id is when you run this "
                "again in some minutes.",
                done.unfinished,
            )
        )
    if done.has_more:
        parts.append(tr("There are more than {most} posts: run this again to go on.", most=MOST_POSTS))
    return "\n".join(parts)


def retention_text(settings: GuildSettings, *, changed: bool) -> str:
    """For how long words are kept; whether that is new."""
    told = tr(
        "Kept are the words of messages that became cases for {cases}, those of allowed messages for {allowed}; "
        "decisions stay.",
        cases=_days(settings.keep_case_days),
        allowed=_days(settings.keep_allowed_days),
    )
    return told + " " + tr("What is older is cleared within the hour, for good.") if changed else told


def _messages_of(held: Held) -> str:
    if not held.waiting:
        return _messages(held.messages)
    return trn(
        "{n:,} message ({waiting} of them not judged yet, which will not be judged)",
        "{n:,} messages ({waiting} of them not judged yet, which will not be judged)",
        held.messages,
        waiting=held.waiting,
    )


def _messages(number: int) -> str:
    return trn("{n:,} message", "{n:,} messages", number)


def _cases(number: int) -> str:
    return trn("{n:,} case", "{n:,} cases", number)


def _examples(number: int) -> str:
    return trn("{n:,} example", "{n:,} examples", number)


def _days(number: int) -> str:
    return trn("{n:,} day", "{n:,} days", number)


def _not_redacted(fate: PostFate, numbers: Sequence[int]) -> str:
    """What became of the posts of cases with these numbers, which still say what was erased or are gone."""
    cases = ", ".join(str(number) for number in numbers[:_NUMBERS_NAMED])
    if len(numbers) > _NUMBERS_NAMED:
        cases = tr("{cases} and {more:,} more", cases=cases, more=len(numbers) - _NUMBERS_NAMED)
    match fate:
        case PostFate.GONE:
            return trn(
                "The post of case {cases} had been deleted from the mod log before.",
                "The posts of cases {cases} had been deleted from the mod log before.",
                len(numbers),
                cases=cases,
            )
        case PostFate.FORBIDDEN:
            return trn(
                "The post of case {cases} could not be edited, because the bot may not: let it view the mod log, and "
                "run this again, or delete them. Until then the records of those cases keep the member's id.",
                "The posts of cases {cases} could not be edited, because the bot may not: let it view the mod log, and "
                "run this again, or delete them. Until then the records of those cases keep the member's id.",
                len(numbers),
                cases=cases,
            )
        case _:
            return trn(
                "Discord did not take the change of the post of case {cases}: run this again.",
                "Discord did not take the change of the posts of cases {cases}: run this again.",
                len(numbers),
                cases=cases,
            )
