"""A server's settings, as slash commands and the shell write them and the pipeline reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.domain.access import RoleAccess
from bot.domain.decision import Mode, ThresholdTable
from bot.domain.ladder import LadderTable

ExemptKind = Literal["role", "user", "channel", "category"]
"""What can be exempt: whoever has a role, a member, a channel with its threads, a category with its channels."""


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """All that a server can set; the defaults are those of a server never seen before.

    `watched` maps a channel's id to its own mode, None where the server's holds. Threads are watched with
    their channel. `brake_actions` deletions and punishments within `brake_seconds` are the most the bot
    carries out; the rest is only logged. Cases that need a human are posted in the review channel, which is the log
    channel unless set. `warning_template` is what a warned member is told, None for the usual words. `ladder` is what
    repeated violations bring. `help_lines` is where members who may hurt themselves find help; without them nothing is
    offered. `access` is which roles were given or refused which groups of commands. What was posted in the last
    `backfill_minutes` while the bot was away is judged when it is back. `language` is what the bot speaks there, of
    `bot.language.LANGUAGES`; None: that of the server's locale in Discord.
    """

    guild_id: int
    mode: Mode = Mode.SHADOW
    watched: Mapping[int, Mode | None] = field(default_factory=dict)
    log_channel_id: int | None = None
    exempt_role_ids: frozenset[int] = frozenset()
    exempt_user_ids: frozenset[int] = frozenset()
    moderator_role_ids: frozenset[int] = frozenset()
    exempt_channel_ids: frozenset[int] = frozenset()
    exempt_category_ids: frozenset[int] = frozenset()
    review_channel_id: int | None = None
    warning_template: str | None = None
    help_lines: str | None = None
    escalation_role_id: int | None = None
    judge_moderators: bool = False
    judge_bots: bool = False
    thresholds: ThresholdTable = field(default_factory=ThresholdTable)
    ladder: LadderTable = field(default_factory=LadderTable)
    keep_case_days: int = 30
    keep_allowed_days: int = 3
    brake_actions: int = 30
    brake_seconds: int = 60
    backfill_minutes: int = 60
    access: frozenset[RoleAccess] = frozenset()
    language: str | None = None

    def mode_in(self, channel_id: int, parent_id: int | None = None) -> Mode:
        """The mode that holds in a channel, or in a thread of the channel `parent_id`."""
        for watched_id in (channel_id, parent_id):
            if watched_id is not None and watched_id in self.watched:
                return self.watched[watched_id] or self.mode
        return Mode.OFF

    def exempt_ids(self, kind: ExemptKind) -> frozenset[int]:
        """What is exempt of one kind."""
        match kind:
            case "role":
                return self.exempt_role_ids
            case "user":
                return self.exempt_user_ids
            case "channel":
                return self.exempt_channel_ids
            case "category":
                return self.exempt_category_ids
