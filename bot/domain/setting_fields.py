"""All that `/settings` and `guild set --set` change, a description each: this is the one place that says what a
setting is called, what it means, how it is shown and how what is typed or picked for it is read. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.domain.decision import Mode, Thresholds
from bot.domain.guild import GuildSettings
from bot.domain.help_lines import MOST_CHARACTERS as MOST_HELP
from bot.domain.help_lines import read_help_lines
from bot.domain.ladder import MOST_CHARACTERS as LONGEST_LADDER
from bot.domain.ladder import Ladder, read_ladder, show_ladder
from bot.domain.setting_values import (
    SettingError,
    one_of,
    percent,
    read_id,
    read_ids,
    read_switch,
    read_thresholds,
    whole_number,
)
from bot.domain.warning import DEFAULT_TEMPLATE, MOST_CHARACTERS, read_template
from bot.language import LANGUAGES


class Kind(StrEnum):
    """How a setting is changed in Discord: picked from a select, or typed into a modal.

    One that is set per rule has a value for all rules, its table's `default`, and others for single rules, `by_rule`.
    """

    CHANNEL = "channel"
    ROLE = "role"
    ROLES = "roles"
    CHOICE = "choice"
    TYPED = "typed"
    PER_RULE = "per rule"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. `name` is it in GuildSettings and to the shell, where `written` is an example of a value.

    `read` makes a value of what is typed or picked, and raises SettingError. `show` writes a value for people, `typed`
    as it may be typed again, one text for each of `inputs` (a modal's inputs: their labels). `choices` maps what can be
    picked to its words; `most` is how many characters can be typed. Of what is set per rule `read` gives None for what
    makes it the default again, `own` says what a rule can have of its own, and `how` how it is typed.
    """

    name: str
    title: str
    meaning: str
    kind: Kind
    read: Callable[[str], Any]
    show: Callable[[Any], str]
    written: str
    choices: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    typed: Callable[[Any], tuple[str, ...]] = lambda value: (str(value),)
    most: int = 20
    own: str = ""
    how: str = ""

    def value_in(self, settings: GuildSettings, rule: str = "") -> Any:
        """What is set; of what is set per rule what holds for a rule, or the server's where `rule` is empty."""
        value = getattr(settings, self.name)
        if self.kind is not Kind.PER_RULE:
            return value
        return value.of(rule) if rule else value.default

    def is_own(self, settings: GuildSettings, rule: str) -> bool:
        """Whether a rule has a value of its own; the server's, where `rule` is empty, is its own."""
        return not rule or rule in getattr(settings, self.name).by_rule


@dataclass(frozen=True, slots=True)
class Page:
    """Settings that are shown and changed together."""

    name: str
    title: str
    fields: tuple[Field, ...]


def _channel(name: str, title: str, meaning: str) -> Field:
    return Field(name, title, meaning, Kind.CHANNEL, read_id, lambda value: f"<#{value}>" if value else "none", "ID")


def _choice(name: str, title: str, meaning: str, read: Callable[[str], Any], choices: Mapping[str, str]) -> Field:
    def show(value: Any) -> str:
        return choices[_word(value)]

    return Field(name, title, meaning, Kind.CHOICE, read, show, "|".join(choices), choices, typed=lambda v: (_word(v),))


def _word(value: Any) -> str:
    """A value as the choice that stands for it."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _number(name: str, title: str, meaning: str, unit: str, low: int, high: int, written: str) -> Field:
    def show(value: Any) -> str:
        return f"{value:,} {unit.removesuffix('s') if value == 1 else unit}"

    return Field(name, title, meaning, Kind.TYPED, whole_number(unit, low, high), show, written, inputs=(title,))


def _read_language(text: str) -> str | None:
    """A language by its code; None where the server's locale in Discord is to say it."""
    given = one_of(_BY_LOCALE, *LANGUAGES)(text)
    return None if given == _BY_LOCALE else given


def _show_roles(value: frozenset[int]) -> str:
    return ", ".join(f"<@&{role_id}>" for role_id in sorted(value)) or "none"


def _read_ladder(text: str) -> Ladder | None:
    """A ladder, `none` being an empty one; None where nothing is typed."""
    return read_ladder(text) if text.strip() else None


def _show_thresholds(value: Thresholds) -> str:
    return f"acts from {percent(value.act_at)}, a human looks from {percent(value.review_at)}"


_MODES = {
    "off": "off: nothing is judged",
    "shadow": "shadow: judge and log, touch nothing",
    "enforce": "enforce: act",
}
_YES_NO = {"no": "no", "yes": "yes"}
_BY_LOCALE = "server"
_LANGUAGES = {_BY_LOCALE: "the server's language in Discord", **LANGUAGES}
MOST_BACKFILL_MINUTES = 7 * 24 * 60

PAGES = (
    Page(
        "judging",
        "What is judged",
        (
            _choice(
                "mode",
                "Mode",
                "What the bot does in watched channels that have no mode of their own.",
                lambda text: Mode(one_of(*_MODES)(text)),
                _MODES,
            ),
            _choice(
                "judge_moderators",
                "Judge moderators",
                "Whether messages of members who may manage messages are judged too.",
                read_switch,
                _YES_NO,
            ),
            _choice(
                "judge_bots",
                "Judge bots",
                "Whether messages of other bots and of webhooks are judged too.",
                read_switch,
                _YES_NO,
            ),
            _number(
                "backfill_minutes",
                "Back-fill",
                "When the bot was away, how far back it judges what it missed; 0: not at all.",
                "minutes",
                0,
                MOST_BACKFILL_MINUTES,
                "60",
            ),
        ),
    ),
    Page(
        "channels",
        "Channels",
        (
            _channel("log_channel_id", "Log channel", "Where cases are posted; without one they are only kept."),
            _channel(
                "review_channel_id",
                "Review channel",
                "Where cases that need a human are posted; in the log channel unless set.",
            ),
        ),
    ),
    Page(
        "roles",
        "Roles",
        (
            Field(
                "escalation_role_id",
                "Escalation role",
                "Who is called when a rule escalates.",
                Kind.ROLE,
                read_id,
                lambda value: f"<@&{value}>" if value else "none: nobody is called",
                "ID",
            ),
            Field(
                "moderator_role_ids",
                "Moderator roles",
                "Who moderates besides members who may manage messages.",
                Kind.ROLES,
                read_ids,
                _show_roles,
                "ID,ID",
            ),
        ),
    ),
    Page(
        "thresholds",
        "Thresholds",
        (
            Field(
                "thresholds",
                "Thresholds",
                "From which probability on the bot acts, and from which a human looks.",
                Kind.PER_RULE,
                read_thresholds,
                _show_thresholds,
                "85/50",
                inputs=("The bot acts from", "A human looks from"),
                typed=lambda value: (percent(value.act_at), percent(value.review_at)),
                own="thresholds of their own",
                how="As 85, 0.85 or 85 %. Leave both empty for the default.",
            ),
        ),
    ),
    Page(
        "ladder",
        "Ladder",
        (
            Field(
                "ladder",
                "Ladder",
                "What a member's repeated cases bring besides a rule's own actions. Overturned ones do not count.",
                Kind.PER_RULE,
                _read_ladder,
                show_ladder,
                "3 in 7d: timeout 1h; 5 in 30d: ban",
                inputs=("Steps",),
                typed=lambda value: ("\n".join(map(str, value)) or show_ladder(value),),
                most=LONGEST_LADDER,
                own="a ladder of their own, counted together",
                how="As 3 cases in 7 days: timeout 1h; 5 in 30 days: ban. Write none for none. Empty: the default.",
            ),
        ),
    ),
    Page(
        "keeping",
        "Keeping",
        (
            _number(
                "keep_case_days",
                "Keep cases' messages",
                "After how many days the text of a message with a case is cleared; the decision stays.",
                "days",
                1,
                365,
                "30",
            ),
            _number(
                "keep_allowed_days",
                "Keep allowed messages",
                "After how many days the text of a message without a case is cleared.",
                "days",
                0,
                90,
                "3",
            ),
        ),
    ),
    Page(
        "brake",
        "Brake",
        (
            _number(
                "brake_actions",
                "Most actions",
                "After so many deletions and punishments within the brake's time the bot only logs.",
                "actions",
                1,
                10_000,
                "30",
            ),
            _number(
                "brake_seconds",
                "The brake's time",
                "The time within which actions count for the brake.",
                "seconds",
                1,
                86_400,
                "60",
            ),
        ),
    ),
    Page(
        "messages",
        "Messages",
        (
            Field(
                "language",
                "Language",
                "What the bot speaks here.",
                Kind.CHOICE,
                _read_language,
                lambda value: _LANGUAGES[value or _BY_LOCALE],
                "|".join(_LANGUAGES),
                _LANGUAGES,
                typed=lambda value: (value or _BY_LOCALE,),
            ),
            Field(
                "warning_template",
                "Warning",
                "What a warned member is told. Use {server} {rule} {rule_text} {case} {what}; empty: the default.",
                Kind.TYPED,
                read_template,
                lambda value: value or f"the default:\n{DEFAULT_TEMPLATE}",
                "TEXT",
                inputs=("Direct message to the member",),
                typed=lambda value: (value or DEFAULT_TEMPLATE,),
                most=MOST_CHARACTERS,
            ),
            Field(
                "help_lines",
                "Help lines",
                "What members who may hurt themselves are offered, once per case; empty: nothing is sent.",
                Kind.TYPED,
                read_help_lines,
                lambda value: value or "none: nothing is offered",
                "TEXT",
                inputs=("Numbers, links and people to turn to",),
                typed=lambda value: (value or "",),
                most=MOST_HELP,
            ),
        ),
    ),
)

FIELDS = {one.name: one for page in PAGES for one in page.fields}
PAGE_OF = {one.name: page for page in PAGES for one in page.fields}


@dataclass(frozen=True, slots=True)
class Change:
    """A setting's new value; of what is set per rule that of the rule, or the server's where `rule` is empty."""

    field: Field
    value: Any
    rule: str = ""


def read_change(text: str) -> Change:
    """Read `NAME=VALUE` as the shell is given it, `thresholds.RULE=85/50` for one rule; SettingError."""
    name, equals, value = text.partition("=")
    name, dot, rule = name.strip().partition(".")
    found = FIELDS.get(name)
    if found is None or not equals or (dot and (found.kind is not Kind.PER_RULE or not rule)):
        raise SettingError(f"{text[:40]!r} sets nothing: write NAME=VALUE, where NAME is one of {', '.join(FIELDS)}.")
    try:
        return Change(found, found.read(value), rule)
    except SettingError as error:
        raise SettingError(f"{name} is written as {name}={found.written}: {error}") from None
