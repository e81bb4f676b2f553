"""What `/privacy` says. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.guild import GuildSettings
from bot.pipeline.forgetting import MOST_POSTS, Forgotten
from bot.pipeline.redaction import PostFate
from bot.store.erasure import Held

_NUMBERS_NAMED = 20


def nothing_held(member_id: int) -> str:
    """Nothing is on record."""
    return f"This server's records hold nothing about <@{member_id}>."


def will_forget(member_id: int, held: Held) -> str:
    """What the button will do."""
    unjudged = f" ({held.waiting} of them not judged yet, which will not be judged)" if held.waiting else ""
    return (
        f"**Forget <@{member_id}>?** This erases from this server's records, for good, what they wrote: text and name "
        f"of {_many(held.messages, 'message')}{unjudged}, their words before {_many(held.contexts, 'message')} of "
        f"others, and reason, quote, notes and appeals of {_many(held.cases, 'case')}, in the mod log too; that they "
        f"made {_many(held.reports, 'report')} goes as well, and {_many(held.learned, 'example')} learned from what "
        "they wrote, which the judge then goes without.\n"
        "Kept, without their words and their id: number, rule, decision, actions and reviews of those cases; a ban or "
        "timeout that still stands can be lifted in Discord only.\n"
        "Not touched: their messages on Discord, what the server set about them, and backups of the database. What "
        "they write from now on is judged as before. This cannot be undone."
    )


def forgotten_text(member_id: int, done: Forgotten) -> str:
    """How much was erased, and what could not be reached."""
    if done.erased.is_nothing:
        return f"Nothing was left to erase: {nothing_held(member_id)}"
    held, posts = done.erased, done.posts
    parts = [
        f"Erased: the words of {_many(held.messages, 'message')} of <@{member_id}>, their words before "
        f"{_many(held.contexts, 'message')} of others, what was made of them in {_many(held.cases, 'case')}, and "
        f"{_many(len(posts[PostFate.REDACTED]), 'post')} in the mod log."
    ]
    if held.learned:
        parts.append(f"Removed: {_many(held.learned, 'example')} learned from what they wrote.")
    if gone := posts[PostFate.GONE]:
        parts.append(f"{_posts_of(gone)} had been deleted from the mod log before.")
    if forbidden := posts[PostFate.FORBIDDEN]:
        parts.append(
            f"{_posts_of(forbidden)} could not be edited, because the bot may not: let it view the mod log, and run "
            "this again, or delete them. Until then the records of those cases keep the member's id."
        )
    if away := posts[PostFate.AWAY]:
        parts.append(f"Discord did not take the change of {_posts_of(away).lower()}: run this again.")
    if done.unfinished:
        parts.append(
            f"{_many(done.unfinished, 'case')} still being worked on: their words are erased, and the member's id is "
            "when you run this again in some minutes."
        )
    if done.has_more:
        parts.append(f"There are more than {MOST_POSTS} posts: run this again to go on.")
    return "\n".join(parts)


def retention_text(settings: GuildSettings, *, changed: bool) -> str:
    """For how long words are kept; whether that is new."""
    told = (
        f"Kept are the words of messages that became cases for {_many(settings.keep_case_days, 'day')}, those of "
        f"allowed messages for {_many(settings.keep_allowed_days, 'day')}; decisions stay."
    )
    return f"{told} What is older is cleared within the hour, for good." if changed else told


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _posts_of(numbers: Sequence[int]) -> str:
    named = ", ".join(str(number) for number in numbers[:_NUMBERS_NAMED])
    more = f" and {len(numbers) - _NUMBERS_NAMED:,} more" if len(numbers) > _NUMBERS_NAMED else ""
    return f"The post of case {named}" if len(numbers) == 1 else f"The posts of cases {named}{more}"
