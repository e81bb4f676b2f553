"""All that `/settings` and `guild set --set` change, a description each: this is the one place that says what a
setting is called, what it means, how it is shown and how what is typed or picked for it is read. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.decision import Mode, Thresholds
from bot.domain.help_lines import MOST_CHARACTERS as MOST_HELP
from bot.domain.help_lines import read_help_lines
from bot.domain.ladder import MOST_CHARACTERS as LONGEST_LADDER
from bot.domain.ladder import Ladder, read_ladder, show_ladder
from bot.domain.setting_kinds import Change, Field, Kind, Page
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
from bot.domain.warning import MOST_CHARACTERS, default_template, read_template
from bot.language import LANGUAGES, mark, tr, trn


def _channel(name: str, title: str, meaning: str) -> Field:
    return Field(
        name, title, meaning, Kind.CHANNEL, read_id, lambda value: f"<#{value}>" if value else tr("none"), "ID"
    )


def _choice(name: str, title: str, meaning: str, read: Callable[[str], Any], choices: Mapping[str, str]) -> Field:
    def show(value: Any) -> str:
        return tr(choices[_word(value)])

    return Field(name, title, meaning, Kind.CHOICE, read, show, "|".join(choices), choices, typed=lambda v: (_word(v),))


def _word(value: Any) -> str:
    """A value as the choice that stands for it."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _number(
    name: str, title: str, meaning: str, read: Callable[[str], int], show: Callable[[int], str], written: str
) -> Field:
    return Field(name, title, meaning, Kind.TYPED, read, show, written, inputs=(title,))


def _days(low: int, high: int) -> Callable[[str], int]:
    return whole_number("days", low, high, mark("Give a whole number of days from {low:,} to {high:,}."))


def _show_days(value: int) -> str:
    return trn("{n:,} day", "{n:,} days", value)


def _read_language(text: str) -> str | None:
    """A language by its code; None where the server's locale in Discord is to say it."""
    given = one_of(_BY_LOCALE, *LANGUAGES)(text)
    return None if given == _BY_LOCALE else given


def _show_roles(value: frozenset[int]) -> str:
    return ", ".join(f"<@&{role_id}>" for role_id in sorted(value)) or tr("none")


def _read_ladder(text: str) -> Ladder | None:
    """A ladder, `none` being an empty one; None where nothing is typed."""
    return read_ladder(text) if text.strip() else None


def _show_thresholds(value: Thresholds) -> str:
    return tr(
        "acts from {act_at}, a human looks from {review_at}",
        act_at=percent(value.act_at),
        review_at=percent(value.review_at),
    )


_MODES = {
    "off": mark("off: nothing is judged"),
    "shadow": mark("shadow: judge and log, touch nothing"),
    "enforce": mark("enforce: act"),
}
_YES_NO = {"no": mark("no"), "yes": mark("yes")}
_BY_LOCALE = "server"
_LANGUAGES = {_BY_LOCALE: mark("the server's language on Discord"), **LANGUAGES}
MOST_BACKFILL_MINUTES = 7 * 24 * 60

PAGES = (
    Page(
        "judging",
        mark("What is judged"),
        (
            _choice(
                "mode",
                mark("Mode"),
                mark("What the bot does in watched channels that have no mode of their own."),
                lambda text: Mode(one_of(*_MODES)(text)),
                _MODES,
            ),
            _choice(
                "judge_moderators",
                mark("Judge moderators"),
                mark("Whether messages of members who may manage messages are judged too."),
                read_switch,
                _YES_NO,
            ),
            _choice(
                "judge_bots",
                mark("Judge bots"),
                mark("Whether messages of other bots and of webhooks are judged too."),
                read_switch,
                _YES_NO,
            ),
            _number(
                "backfill_minutes",
                mark("Back-fill"),
                mark("When the bot was away, how far back it judges what it missed; 0: not at all."),
                whole_number(
                    "minutes",
                    0,
                    MOST_BACKFILL_MINUTES,
                    mark("Give a whole number of minutes from {low:,} to {high:,}."),
                ),
                lambda value: trn("{n:,} minute", "{n:,} minutes", value),
                "60",
            ),
        ),
    ),
    Page(
        "channels",
        mark("Channels"),
        (
            _channel(
                "log_channel_id",
                mark("Log channel"),
                mark("Where cases are posted; without one they are only kept."),
            ),
            _channel(
                "review_channel_id",
                mark("Review channel"),
                mark("Where cases that need a human are posted; in the log channel unless set."),
            ),
        ),
    ),
    Page(
        "roles",
        mark("Roles"),
        (
            Field(
                "escalation_role_id",
                mark("Escalation role"),
                mark("Who is called when a rule escalates."),
                Kind.ROLE,
                read_id,
                lambda value: f"<@&{value}>" if value else tr("none: nobody is called"),
                "ID",
            ),
            Field(
                "moderator_role_ids",
                mark("Moderator roles"),
                mark("Who moderates besides members who may manage messages."),
                Kind.ROLES,
                read_ids,
                _show_roles,
                "ID,ID",
            ),
        ),
    ),
    Page(
        "thresholds",
        mark("Thresholds"),
        (
            Field(
                "thresholds",
                mark("Thresholds"),
                mark("From which probability on the bot acts, and from which a human looks."),
                Kind.PER_RULE,
                read_thresholds,
                _show_thresholds,
                "85/50",
                inputs=(mark("The bot acts from"), mark("A human looks from")),
                typed=lambda value: (percent(value.act_at), percent(value.review_at)),
                others=mark("All rules without thresholds of their own"),
                pick=mark("Change the thresholds of…"),
                how=mark("As 85, 0.85 or 85 %. Leave both empty for the default."),
            ),
        ),
    ),
    Page(
        "ladder",
        mark("Ladder"),
        (
            Field(
                "ladder",
                mark("Ladder"),
                mark(
                    "What a member's repeated cases bring besides a rule's own actions. Overturned ones do not count."
                ),
                Kind.PER_RULE,
                _read_ladder,
                show_ladder,
                "3 in 7d: timeout 1h; 5 in 30d: ban",
                inputs=(mark("Steps"),),
                typed=lambda value: ("\n".join(map(str, value)) or show_ladder(value),),
                most=LONGEST_LADDER,
                others=mark("All rules without a ladder of their own, counted together"),
                pick=mark("Change the ladder of…"),
                how=mark(
                    "As 3 cases in 7 days: timeout 1h; 5 in 30 days: ban. Write none for none. Empty: the default."
                ),
            ),
        ),
    ),
    Page(
        "keeping",
        mark("Keeping"),
        (
            _number(
                "keep_case_days",
                mark("Keep cases' messages"),
                mark("After how many days the text of a message with a case is cleared; the decision stays."),
                _days(1, 365),
                _show_days,
                "30",
            ),
            _number(
                "keep_allowed_days",
                mark("Keep allowed messages"),
                mark("After how many days the text of a message without a case is cleared."),
                _days(0, 90),
                _show_days,
                "3",
            ),
        ),
    ),
    Page(
        "brake",
        mark("Brake"),
        (
            _number(
                "brake_actions",
                mark("Most actions"),
                mark("After so many deletions and punishments within the brake's time the bot only logs."),
                whole_number("actions", 1, 10_000, mark("Give a whole number of actions from {low:,} to {high:,}.")),
                lambda value: trn("{n:,} action", "{n:,} actions", value),
                "30",
            ),
            _number(
                "brake_seconds",
                mark("The brake's time"),
                mark("The time within which actions count for the brake."),
                whole_number("seconds", 1, 86_400, mark("Give a whole number of seconds from {low:,} to {high:,}.")),
                lambda value: trn("{n:,} second", "{n:,} seconds", value),
                "60",
            ),
        ),
    ),
    Page(
        "messages",
        mark("Messages"),
        (
            Field(
                "language",
                mark("Language"),
                mark("What the bot speaks here."),
                Kind.CHOICE,
                _read_language,
                lambda value: tr(_LANGUAGES[value or _BY_LOCALE]),
                "|".join(_LANGUAGES),
                _LANGUAGES,
                typed=lambda value: (value or _BY_LOCALE,),
            ),
            Field(
                "warning_template",
                mark("Warning"),
                mark(
                    "What a warned member is told. Use {server} {rule} {rule_text} {case} {what}; empty: the default."
                ),
                Kind.TYPED,
                read_template,
                lambda value: value or tr("the default:\n{template}", template=default_template()),
                "TEXT",
                inputs=(mark("Direct message to the member"),),
                typed=lambda value: (value or default_template(),),
                most=MOST_CHARACTERS,
            ),
            Field(
                "help_lines",
                mark("Help lines"),
                mark("What members who may hurt themselves are offered, once per case; empty: nothing is sent."),
                Kind.TYPED,
                read_help_lines,
                lambda value: value or tr("none: nothing is offered"),
                "TEXT",
                inputs=(mark("Numbers, links and people to turn to"),),
                typed=lambda value: (value or "",),
                most=MOST_HELP,
            ),
        ),
    ),
)

FIELDS = {one.name: one for page in PAGES for one in page.fields}
PAGE_OF = {one.name: page for page in PAGES for one in page.fields}


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
