"""The scene of an action: all that doing it, finding it again and taking it back need to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import discord

from bot.discord_io.embeds import farewell_text, warning_text
from bot.discord_io.ladder_text import ladder_text
from bot.discord_io.limits import audit_reason
from bot.domain.decision import Mode
from bot.domain.records import ActionRecord, CaseRecord
from bot.language import tr


class NotDoneError(Exception):
    """An action was not done; the message says why, for moderators."""


class OutrankedError(NotDoneError):
    """It was not done because the member ranks above the bot, by the role with this id."""

    def __init__(self, role_id: int) -> None:
        """Say so in the words for moderators."""
        super().__init__(tr("the member ranks above the bot: move the bot's role above the roles it shall moderate"))
        self.role_id = role_id


@dataclass(frozen=True, slots=True)
class Scene:
    """What an action needs to know: the case, the rule's words, the server, and whether the message was removed.

    `asked_by` is the moderator who asks for it, None where the policy does; `warning_template` the server's own words
    for a warning, None for the usual ones. `help_lines` are the server's, None where it has set none.
    """

    client: discord.Client
    guild: discord.Guild
    case: CaseRecord
    rule_text: str
    removed: bool
    asked_by: int | None = None
    warning_template: str | None = None
    help_lines: str | None = None

    @property
    def author(self) -> discord.Object:
        """The author of the message."""
        return discord.Object(self.case.submission.author_id)

    def warning(self, record: ActionRecord) -> str:
        """What a warned member is told."""
        rule, number, ladder = self.case.decision.rule or "", self.case.number, self.ladder(record)
        return warning_text(self.warning_template, self.guild.name, rule, self.rule_text, number, self.removed, ladder)

    def farewell(self, record: ActionRecord) -> str:
        """What a member is told who is about to be put out of the server."""
        rule, number, ladder = self.case.decision.rule or "", self.case.number, self.ladder(record)
        return farewell_text(self.guild.name, rule, self.rule_text, number, record.action.kind, ladder)

    def ladder(self, record: ActionRecord) -> str:
        """What they are told of the server's ladder, the same at a retry; empty where there is nothing to tell.

        Only what the bot does by itself steps up, and only where it acts: a moderator may warn of an old case, or of
        one that was only logged.
        """
        decision, moment = self.case.decision, record.attempted_at or datetime.now(UTC)
        if self.case.mode is not Mode.ENFORCE:
            return ""
        is_ahead = decision.ahead is not None and decision.ahead.until > moment
        return ladder_text(decision.stepped if record.asked_by is None else "", decision.ahead if is_ahead else None)

    @property
    def reason(self) -> str:
        """What the audit log shows."""
        who = f", asked for by {self.asked_by}" if self.asked_by is not None else ""
        return audit_reason(f"{self.mark} rule {self.case.decision.rule}{who}")

    @property
    def mark(self) -> str:
        """What every reason of this case begins with, and that of no other."""
        return f"Lawspeaker case {self.case.number}:"
