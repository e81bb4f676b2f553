"""*Audit*: who changed what, and whether the chain of records holds."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import discord
from aiohttp import web

from bot.discord_io.refusal import RefusedError
from bot.discord_io.text import plain
from bot.domain.access import Group, Use, Who
from bot.domain.audit import THE_BOT, SettingChange
from bot.domain.chain import Finding
from bot.domain.records import PolicyVersion
from bot.language import mark, tr
from bot.store import Store
from bot.store.audit import Sort, Wanted
from bot.web.console.asked import Asked, Page
from bot.web.console.audit_query import AuditQuery
from bot.web.console.htmx import is_fragment
from bot.web.console.names import Names, People
from bot.web.console.times import written
from bot.web.console.visitor import Entry

MOST_FINDINGS = 100
_LONGEST = 300
_SORTS = ((Sort.SETTING, mark("settings")), (Sort.POLICY, mark("policy")))
_ID = re.compile(r"(?<!\d)\d{15,20}(?!\d)")


@dataclass(slots=True)
class Check:
    """A check of a server's chain: how many links were followed so far, how much is wrong and the first of it; where it
    `failed` it came to no end."""

    passed: int = 0
    wrong: int = 0
    findings: list[Finding] = field(default_factory=list)
    ended_at: datetime | None = None
    failed: bool = False
    task: asyncio.Task[None] | None = None

    @property
    def runs(self) -> bool:
        """Whether it has not come to its end."""
        return self.ended_at is None

    @property
    def ended(self) -> str:
        """When it came to its end, as pages write it."""
        return written(self.ended_at) if self.ended_at is not None else ""


class Audit:
    """The record of changes, newest first, and a check of the chain on demand."""

    path = "audit"
    title = mark("Audit")
    use = Use(Group.SETTINGS, Who.BOTH)

    def __init__(self, store: Store, people: People) -> None:
        """Read from `store`; `people` knows their names."""
        self._store = store
        self._people = people
        self._checks: dict[int, Check] = {}

    def pages(self) -> Sequence[Page]:
        """The record; beginning a check, and how it stands."""
        return [
            Page("GET", self.path, self.use, self._show),
            Page("POST", "audit/check", self.use, self._begin),
            Page("GET", "audit/check", self.use, self._standing),
        ]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        audit, guild, hidden = self._store.audit, asked.entry.guild, asked.entry.sight.hidden
        query = AuditQuery.read(asked.query)
        recorded = await audit.recorded(guild.id, Wanted(query.sort, query.author_id, hidden), query.before)
        authors = await audit.authors(guild.id, hidden)
        shown = dict.fromkeys([*(one.author_id for one in recorded.entries), *authors])
        names = await self._people.names(guild, [one for one in shown if one > THE_BOT], hidden=hidden)
        return asked.page(
            "audit.html",
            tr(self.title),
            entries=[await _shown(asked.entry, names, one) for one in recorded.entries],
            earlier=query.earlier(recorded.before) if recorded.before else "",
            query=query,
            sorts=[(sort, tr(name)) for sort, name in _SORTS],
            authors=[(one, _author(names, one)) for one in authors],
            covered=await self._store.chain.covered(guild.id),
            check=self._checks.get(guild.id),
        )

    async def _begin(self, asked: Asked) -> web.StreamResponse:
        check = self._checks.get(asked.guild_id)
        if check is None or not check.runs:
            key = self._store.chain_key.existing()
            if key is None:
                raise RefusedError(
                    tr(
                        "The chain's key is not there: whoever runs the bot has to put it back from a backup. "
                        "Then check again."
                    )
                )
            check = self._checks[asked.guild_id] = Check()
            check.task = asyncio.create_task(self._follow(asked.guild_id, check), name="check-chain")
        return asked.fragment("audit_check.html", check=check) if is_fragment(asked.request) else asked.to(self.path)

    async def _standing(self, asked: Asked) -> web.StreamResponse:
        return asked.fragment("audit_check.html", check=self._checks.get(asked.guild_id))

    async def _follow(self, guild_id: int, check: Check) -> None:
        def passed(links: int) -> None:
            check.passed += links

        key = self._store.chain_key.existing()
        assert key is not None
        try:
            async for finding in self._store.chain.findings(guild_id, key, passed):
                check.wrong += 1
                if len(check.findings) < MOST_FINDINGS:
                    check.findings.append(finding)
                await asyncio.sleep(0)
        except Exception:
            check.failed = True
            raise
        finally:
            check.ended_at = datetime.now(UTC)


def _author(names: Names, author_id: int) -> str:
    """Who did something, who may be nobody in person."""
    return tr("the bot itself") if author_id == THE_BOT else names.moderator(author_id)


async def _shown(entry: Entry, names: Names, one: SettingChange | PolicyVersion) -> dict[str, Any]:
    """One entry as the template shows it."""
    by = _author(names, one.author_id)
    if isinstance(one, SettingChange):
        what, was, now = [await _named(entry, words) for words in (one.what, _value(one.before), _value(one.after))]
        return {"at": one.at, "by": by, "what": what, "was": was, "is": now}
    where = names.channel(one.place_id) if one.place_id is not None else ""
    return {"at": one.published_at, "by": by, "number": one.number, "where": where, "reason": one.reason}


async def _named(entry: Entry, text: str) -> str:
    """A text in which the ids of the server's channels and roles are their names, as far as the visitor sees them."""
    named = {found: await _name(entry, int(found)) for found in _ID.findall(text)}
    return _ID.sub(lambda found: named[found[0]], text)


async def _name(entry: Entry, known: int) -> str:
    guild = entry.guild
    if (channel := guild.get_channel_or_thread(known)) is not None:
        parent_id = channel.parent_id if isinstance(channel, discord.Thread) else None
        if not await entry.sight.sees(known, parent_id):
            return tr("(a channel that you cannot see)")
        return f"#{plain(channel.name)}"
    if (role := guild.get_role(known)) is not None:
        return f"@{plain(role.name)}"
    return str(known)


def _value(value: object) -> str:
    """A setting as it is recorded, cut where it is long."""
    text = "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
