"""The words of the rule that a case rests on."""

from __future__ import annotations

from bot.domain.policy_text import parse_policy
from bot.domain.records import CaseRecord
from bot.store import Store


async def rule_text_of(store: Store, case: CaseRecord) -> str:
    """The rule's words in the version judged by; empty where there is no such rule."""
    if case.decision.rule is None:
        return ""
    return (await rule_texts_of(store, case)).get(case.decision.rule, "")


async def rule_texts_of(store: Store, case: CaseRecord) -> dict[str, str]:
    """The words of all rules of the version judged by, by key; empty where there was none."""
    if case.policy_number is None:
        return {}
    version = await store.policies.version(case.guild_id, case.policy_number)
    return {rule.key: rule.text for rule in parse_policy(version.source).rules} if version else {}
