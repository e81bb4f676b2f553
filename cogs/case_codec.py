"""A filter of cases in so few characters that it fits into a button's `custom_id`. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.case_filter import CaseFilter
from bot.domain.records import CaseStatus

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 2**63 - 1
_LAST_DAY = (datetime.max.replace(tzinfo=UTC) - _EPOCH).days
_STATUSES = dict(
    zip("covx", (CaseStatus.CONFIRMED, CaseStatus.OPEN, CaseStatus.OVERTURNED, CaseStatus.OTHER), strict=True)
)
_LETTERS = {status: letter for letter, status in _STATUSES.items()}
NUMBER = "[0-9A-Za-z]"
FILTER = rf"(?:{NUMBER}{{0,11}}\.){{7}}.{{0,32}}"


def written(wanted: CaseFilter) -> str:
    """A filter in at most 85 characters; `since` and `until` are whole days, `hidden` and `text` are left out."""
    numbers = (wanted.member_id, wanted.channel_id, wanted.moderator_id, wanted.up_to, _day(wanted.since))
    parts = [*(short(number) for number in numbers), short(_day(wanted.until))]
    return ".".join([*parts, _LETTERS[wanted.status] if wanted.status else "", wanted.rule or ""])


def read(sought: str) -> CaseFilter:
    """The filter that was written; of what nobody wrote, one that fits a database."""
    *numbers, status, rule = sought.split(".", 7)
    member, channel, moderator, up_to = (_at_most(_LARGEST, long(number)) for number in numbers[:4])
    since, until = (_at_most(_LAST_DAY, long(number)) for number in numbers[4:])
    return CaseFilter(
        member_id=member,
        rule=rule or None,
        channel_id=channel,
        since=_EPOCH + timedelta(days=since) if since is not None else None,
        until=_EPOCH + timedelta(days=until) if until is not None else None,
        status=_STATUSES.get(status),
        moderator_id=moderator,
        up_to=up_to,
    )


def _at_most(most: int, number: int | None) -> int | None:
    return None if number is None else min(number, most)


def _day(moment: datetime | None) -> int | None:
    """The number of a day; 0 for one before 1970, as no case is older."""
    return max((moment - _EPOCH).days, 0) if moment is not None else None


def short(number: int | None) -> str:
    """A number in base 62; snowflakes take eleven characters instead of nineteen. ValueError below 0."""
    if number is None:
        return ""
    if number < 0:
        raise ValueError(number)
    digits = ""
    while True:
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
        if number == 0:
            return digits


def long(digits: str) -> int | None:
    """The number that `short` wrote; None for nothing."""
    number = 0
    for digit in digits:
        number = number * 62 + _DIGITS.index(digit)
    return number if digits else None
