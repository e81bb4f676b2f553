"""What is typed or picked for a setting, read into its value. Pure; every refusal is a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.domain.decision import Thresholds
from bot.language import tr

MOST_ROLES = 25
"""What Discord lets be picked at once."""
_LARGEST_ID = 2**63 - 1
_ID = re.compile(r"<?[#@&]{0,2}(\d{1,19})>?", re.ASCII)
_PROBABILITY = re.compile(r"(\d{1,3}(?:[.,]\d{1,6})?)\s*(%?)", re.ASCII)
_NONE = frozenset({"", "none"})


class SettingError(ValueError):
    """A value that cannot be used; the message is one sentence that says what to do."""


def read_id(text: str) -> int | None:
    """A channel's or role's id, alone or as Discord writes a mention; None where nothing or `none` is given."""
    given = text.strip()
    if given.lower() in _NONE:
        return None
    match = _ID.fullmatch(given)
    if match is None or not 0 < int(match[1]) <= _LARGEST_ID:
        raise SettingError(tr("That is no id of Discord's: take it from the menu's Copy ID, or give none."))
    return int(match[1])


def read_ids(text: str) -> frozenset[int]:
    """Ids with spaces or commas between; none where nothing or `none` is given."""
    given = [part for part in re.split(r"[\s,]+", text.strip()) if part]
    if len(given) > MOST_ROLES:
        raise SettingError(tr("Name at most {most}.", most=MOST_ROLES))
    return frozenset(number for number in map(read_id, given) if number is not None)


def whole_number(unit: str, low: int, high: int, refusal: str) -> Callable[[str], int]:
    """How to read a whole number within bounds; the unit may stand behind it.

    `refusal` is a marked sentence with `{low:,}` and `{high:,}`, for what is none.
    """
    written = re.compile(rf"(\d{{1,9}})\s*(?:{unit}?|{unit[0]})?", re.ASCII | re.IGNORECASE)

    def read(text: str) -> int:
        match = written.fullmatch(text.strip())
        if match is None or not low <= int(match[1]) <= high:
            raise SettingError(tr(refusal, low=low, high=high))
        return int(match[1])

    return read


def read_probability(text: str) -> float:
    """A probability typed as 85, 0.85 or 85 %: without a percent sign up to 1 is a share, above it are per cent."""
    match = _PROBABILITY.fullmatch(text.strip())
    if match is not None:
        number = float(match[1].replace(",", "."))
        share = number / 100 if match[2] or number > 1 else number
        if share <= 1:
            return share
    raise SettingError(tr("Give a probability as 85, 0.85 or 85 %, from 0 to 100 %."))


def read_thresholds(text: str) -> Thresholds | None:
    """From where on the bot acts and from where on a human looks, as `85/50`; None, the default, for nothing."""
    parts = [part.strip() for part in text.split("/")]
    if not any(parts) or text.strip().lower() in _NONE:
        return None
    if len(parts) != 2 or not all(parts):
        raise SettingError(tr("Give both: from where on the bot acts and from where on a human looks, as 85 and 50."))
    act_at, review_at = map(read_probability, parts)
    if review_at > act_at:
        raise SettingError(
            tr(
                "A human must look from {act_at} on or from below it, where the bot acts; {review_at} is above.",
                act_at=percent(act_at),
                review_at=percent(review_at),
            )
        )
    return Thresholds(act_at, review_at)


def percent(share: float) -> str:
    """A probability as it may be typed again."""
    return f"{share * 100:.6g} %"


def one_of(*values: str) -> Callable[[str], str]:
    """How to read one of a few words."""

    def read(text: str) -> str:
        given = text.strip().lower()
        if given not in values:
            raise SettingError(tr("Give one of {words}.", words=", ".join(values)))
        return given

    return read


def read_switch(text: str) -> bool:
    """`yes` or `no`."""
    return one_of("yes", "no")(text) == "yes"
