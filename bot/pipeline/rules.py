"""The words of the rule that a case rests on."""

from __future__ import annotations

from bot.domain.policy_text import parse_policy
from bot.domain.records import CaseRecord
from bot.store import Store


async def rule_text(store: Store, case: CaseRecord) -> str:
    """The rule's words in the version that was judged by; empty where there is none."""
    if case.policy_number is None or case.decision.rule is None:
        return ""
    version = await store.policies.version(case.guild_id, case.policy_number)
    try:
        return parse_policy(version.source).rule(case.decision.rule).text if version else ""
    except KeyError:
        return ""
