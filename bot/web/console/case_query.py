"""What a list of cases is asked for, as it stands in its address. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from bot.discord_io.day_range import parse_range
from bot.discord_io.refusal import RefusedError
from bot.discord_io.text import plain
from bot.domain.case_filter import CaseFilter
from bot.domain.records import CaseStatus
from bot.language import tr
from bot.web.console.numbers import LARGEST_ID, number_in

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """The fields of the form as they were filled in; `up_to` is the number that a page begins below."""

    text: str = ""
    status: str = ""
    rule: str = ""
    channel: str = ""
    member: str = ""
    moderator: str = ""
    since: str = ""
    until: str = ""
    up_to: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> CaseQuery:
        """From an address; what cannot be seen, or is too long to be meant, is left out."""
        words = {one.name: " ".join(plain(given.get(one.name, "")).split()) for one in fields(cls)}
        return cls(**{name: said[:_LONGEST].rstrip() for name, said in words.items()})

    def filter(self) -> CaseFilter:
        """What the store is asked for; RefusedError, which says what to write instead, where a field holds no such."""
        since, until = parse_range(self.since or None, self.until or None)
        return CaseFilter(
            member_id=_id(self.member, tr("Member")),
            rule=self.rule or None,
            channel_id=_id(self.channel, tr("Channel")),
            since=since,
            until=until,
            status=_status(self.status),
            moderator_id=_id(self.moderator, tr("Moderator")),
            up_to=_id(self.up_to, tr("Case")),
            text=self.text or None,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is asked for, but for the page."""
        return self != replace(CaseQuery(), up_to=self.up_to)

    def with_(self, **changed: object) -> str:
        """The address of the list with other fields."""
        made = replace(self, **{name: str(value) for name, value in changed.items()})
        filled = {one.name: value for one in fields(made) if (value := getattr(made, one.name))}
        return f"cases?{urlencode(filled)}" if filled else "cases"


def _id(given: str, named: str) -> int | None:
    digits = given.removeprefix("<@").removesuffix(">").lstrip("!#@")
    if not given:
        return None
    found = number_in(digits, LARGEST_ID)
    if found is None:
        raise RefusedError(
            tr(
                "“{given}” is no id for {field}: switch on Developer Mode in your Discord app, and take the id from "
                "the menu's Copy ID.",
                given=given[:40],
                field=named,
            )
        )
    return found


def _status(given: str) -> CaseStatus | None:
    try:
        return CaseStatus(given) if given else None
    except ValueError:
        raise RefusedError(tr("“{given}” is no status of a case.", given=given[:40])) from None
