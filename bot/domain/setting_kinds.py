"""What a setting is: how it is called, shown, read and changed, whichever it is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.domain.guild import GuildSettings


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
    makes it the default again, `others` are all rules that have nothing of their own, `pick` says what a rule is picked
    for, and `how` how it is typed. All words are marked, for `tr` where they are shown; `show` gives them so.
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
    others: str = ""
    pick: str = ""
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


@dataclass(frozen=True, slots=True)
class Change:
    """A setting's new value; of what is set per rule that of the rule, or the server's where `rule` is empty."""

    field: Field
    value: Any
    rule: str = ""
