"""A range of days as a moderator gives it, in a command or on the console. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.discord_io.refusal import RefusedError
from bot.language import tr


def parse_day(given: str | None, option: str) -> datetime | None:
    """The beginning of a day in UTC, given as `2026-01-31`; RefusedError where it is none."""
    if given is None:
        return None
    try:
        return datetime.strptime(given.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        problem = tr("“{given}” is no day for {option}: write a day as 2026-01-31.", given=given[:20], option=option)
        raise RefusedError(problem) from None


def parse_range(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """From the beginning of `since` to before the day after `until`; RefusedError where it holds no day."""
    first, last = parse_day(since, "since"), parse_day(until, "until")
    if first is not None and last is not None and last < first:
        raise RefusedError(tr("That range holds no day: until must not come before since."))
    try:
        return first, last + timedelta(days=1) if last is not None else None
    except OverflowError:
        raise RefusedError(tr("until is too far away: write a day as 2026-01-31.")) from None
