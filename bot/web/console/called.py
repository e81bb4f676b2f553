"""People as moderators write them: a name as it is shown, an account's name, an id, or a mention. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.discord_io.refusal import RefusedError
from bot.discord_io.text import plain
from bot.domain.audit import THE_SHELL
from bot.language import tr
from bot.web.console.numbers import LARGEST_ID, number_in

MOST_NAMED = 5
"""How many people a sentence names."""
_ID = re.compile(r"(?P<bare>\d+)|<@!?(?P<mention>\d+)>|@(?P<copied>\d{15,})|.*\((?P<named>\d{15,})\)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be meant: by the name shown, the account's (empty where it is not known), and other names."""

    id: int
    shown: str
    account: str = ""
    others: tuple[str, ...] = ()

    @property
    def written(self) -> str:
        """How a field holds them: a name to read, and the id, which leaves no doubt."""
        return self.shown if self.id == THE_SHELL else f"{self.shown} ({self.id})"

    @property
    def told(self) -> str:
        """How a sentence tells them from others of the same name."""
        return f"{self.shown} (@{self.account}, {self.id})" if self.account else self.written

    @property
    def names(self) -> frozenset[str]:
        """All their names, folded."""
        return frozenset(folded(one) for one in (self.shown, self.account, *self.others) if one)


def id_in(given: str) -> int | None:
    """The id that somebody wrote, alone, as a mention or behind a name; None where it is a name by itself."""
    found = _ID.fullmatch(given)
    return number_in(next(one for one in found.groups() if one), LARGEST_ID) if found is not None else None


def folded(name: str) -> str:
    """A name as it is compared: case, widths, blanks and an @ before it do not count."""
    return on_one_line(unicodedata.normalize("NFKC", name).casefold()).removeprefix("@")


def on_one_line(name: str) -> str:
    """A name as it is shown here, whatever stands in it."""
    return " ".join(plain(name).split())


def together(*groups: Iterable[Candidate]) -> list[Candidate]:
    """All of some people, each once: as the first group has them, with the names that others know as well."""
    found: dict[int, Candidate] = {}
    for person in (one for group in groups for one in group):
        known = found.get(person.id)
        found[person.id] = (
            person if known is None else replace(known, others=(*known.others, person.shown, *person.others))
        )
    return list(found.values())


def account_of(given: str, people: Sequence[Candidate]) -> Candidate | None:
    """Whose account an @name is; None where it is none of theirs, or no @name."""
    accounts = [one for one in people if one.account and folded(one.account) == folded(given)]
    return accounts[0] if given.startswith("@") and len(accounts) == 1 else None


def meant(given: str, people: Sequence[Candidate]) -> Candidate:
    """The one whom a name fits, of those who may be meant; RefusedError where it fits nobody, or several.

    Nobody is guessed at: a name that only begins so is offered. Behind an @ an account's name counts before others,
    for Discord gives it to one account.
    """
    wanted = folded(given)
    if (account := account_of(given, people)) is not None:
        return account
    fitting = [one for one in people if wanted and wanted in one.names]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise RefusedError(
            tr(
                "“{given}” fits several people: {names}; write the @name or the id of the one you mean.",
                given=given[:40],
                names=_named(fitting),
            )
        )
    begin = [one for one in people if wanted and any(name.startswith(wanted) for name in one.names)]
    if begin:
        raise RefusedError(
            tr("Nobody here is called “{given}”: do you mean {names}?", given=given[:40], names=_named(begin))
        )
    raise RefusedError(
        tr("Nobody here is called “{given}”: write a name as Discord shows it, an @name or an id.", given=given[:40])
    )


def _named(people: Sequence[Candidate]) -> str:
    names = ", ".join(one.told for one in people[:MOST_NAMED])
    more = len(people) - MOST_NAMED
    return tr("{names} and {number} more", names=names, number=more) if more > 0 else names
