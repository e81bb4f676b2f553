"""The words of the rule that a case rests on."""

from __future__ import annotations

from bot.domain.records import CaseRecord, Judgement
from bot.pipeline.written import written_then
from bot.store import Store


async def rule_text_of(store: Store, case: CaseRecord) -> str:
    """The rule's words in the version judged by; empty where there is no such rule."""
    if case.decision.rule is None:
        return ""
    return (await rule_texts_of(store, case)).get(case.decision.rule, "")


async def rule_texts_of(store: Store, made: CaseRecord | Judgement) -> dict[str, str]:
    """The words of all rules of the versions judged by, by key; empty where there were none."""
    policy = await written_then(store, made.submission.guild_id, made.policy_number, made.extends)
    return {rule.key: rule.text for rule in policy.rules} if policy else {}
