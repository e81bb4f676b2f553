"""What is on record of a change of settings: who, when, what, before, after. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.guild import GuildSettings
from bot.domain.ladder import show_ladder

THE_SHELL = 0
"""Who changed something from the shell: no member of Discord."""
THE_BOT = 1
"""Who changed something by itself, as where the time for which words are kept is over: no member of Discord."""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting that was changed by a member, the shell or the bot, or an example that was learned or removed.

    `what` is the setting's name as `flat_settings` writes it, or `learned.ID`.
    """

    guild_id: int
    at: datetime
    author_id: int
    what: str
    before: Any
    after: Any


def flat_settings(settings: GuildSettings) -> dict[str, Any]:
    """All that is set, by names of which each may change alone, in values that JSON has.

    Of what there may be many each has a name of its own, as `watched.ID`, `thresholds.RULE` and `ladder.RULE`; without
    one it is not set. Ids are texts, as in Discord's own JSON; ladders are written as they may be typed.
    """
    flat: dict[str, Any] = {
        "mode": settings.mode.value,
        "log_channel_id": _id(settings.log_channel_id),
        "review_channel_id": _id(settings.review_channel_id),
        "escalation_role_id": _id(settings.escalation_role_id),
        "warning_template": settings.warning_template,
        "help_lines": settings.help_lines,
        "language": settings.language,
        "judge_moderators": settings.judge_moderators,
        "judge_bots": settings.judge_bots,
        "keep_case_days": settings.keep_case_days,
        "keep_allowed_days": settings.keep_allowed_days,
        "brake_actions": settings.brake_actions,
        "brake_seconds": settings.brake_seconds,
        "backfill_minutes": settings.backfill_minutes,
        "thresholds": [settings.thresholds.default.act_at, settings.thresholds.default.review_at],
        "ladder": show_ladder(settings.ladder.default),
    }
    flat |= {f"thresholds.{key}": [one.act_at, one.review_at] for key, one in settings.thresholds.by_rule.items()}
    flat |= {f"ladder.{key}": show_ladder(one) for key, one in settings.ladder.by_rule.items()}
    flat |= {f"watched.{one}": mode.value if mode else "the server's mode" for one, mode in settings.watched.items()}
    for kind, ids in (
        ("exempt_role", settings.exempt_role_ids),
        ("exempt_user", settings.exempt_user_ids),
        ("exempt_channel", settings.exempt_channel_ids),
        ("exempt_category", settings.exempt_category_ids),
        ("moderator_role", settings.moderator_role_ids),
    ):
        flat |= {f"{kind}.{one}": True for one in ids}
    flat |= {f"access.{one.role_id}.{one.group}": "given" if one.is_given else "refused" for one in settings.access}
    return flat


def changes_between(
    before: GuildSettings, after: GuildSettings, author_id: int, at: datetime
) -> tuple[SettingChange, ...]:
    """Every setting that is another afterwards, by name."""
    old, new = flat_settings(before), flat_settings(after)
    return tuple(
        SettingChange(after.guild_id, at, author_id, name, old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )


def _id(value: int | None) -> str | None:
    return None if value is None else str(value)
