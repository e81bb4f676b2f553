"""The versions of the policy that a case was judged by, each leading to its text where the visitor may read it."""

from __future__ import annotations

from functools import reduce

from markupsafe import Markup

from bot.domain.records import CaseRecord
from bot.language import tr
from bot.store import Store
from bot.web.console.asked import address
from bot.web.console.policy.placed import POLICY
from bot.web.console.visitor import Entry

_LINK = Markup('<a href="{}">{}</a>')


async def versions_shown(store: Store, entry: Entry, case: CaseRecord) -> Markup:
    """As `versions_named`, with links; empty where the case was judged by no version."""
    if case.policy_number is None:
        return Markup()
    names = [await _linked(store, entry, one) for one in (*case.extends, case.policy_number)]
    return reduce(_extending, names)


def _extending(base: Markup, version: Markup) -> Markup:
    said = tr("{version}, which extends {base}", version=version, base=base)
    return Markup(said)  # noqa: S704 - a text of ours around what is markup already


async def _linked(store: Store, entry: Entry, number: int) -> Markup:
    """A version's name; a link where the page of its text is there for the visitor."""
    name = tr("version {number}", number=number) if number else tr("the draft")
    version = await store.policies.version(entry.guild.id, number) if number and entry.may(POLICY) else None
    if version is None:
        return Markup("{}").format(name)
    path = f"policy/versions/{number}"
    if version.place_id is not None:
        seen = (await store.policies.lawbook(entry.guild.id)).without(entry.sight.hidden)
        if version.place_id not in seen.places:
            return Markup("{}").format(name)
        path += f"?place={version.place_id}"
    return _LINK.format(address(entry.guild.id, path), name)
