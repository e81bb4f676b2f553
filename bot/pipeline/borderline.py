"""Which texts the judge is least sure of under a law. Nothing is stored, nothing is done."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from bot.domain.backtest import Sample
from bot.domain.borderline import Borderline, PackText, borderline, candidates, own_candidates, pack_candidates
from bot.domain.normalise import normalise
from bot.domain.verdict import Verdict
from bot.domain.withholding import linked_rules, withheld_under
from bot.judge.interface import Judge
from bot.pipeline.backtest import AT_ONCE, let_live_messages_go_first
from bot.pipeline.law import Law, Readable, verdict_under
from bot.pipeline.rehearsal import Said
from bot.store import Store

# An answer on Discord can be added to for fifteen minutes.
MOST_SECONDS = 10 * 60.0
_LOOKED_THROUGH = 200

Judged = tuple[Sample | PackText, Verdict]


class Probing:
    """Asks the judge for a few verdicts at a time, and waits while live messages do."""

    def __init__(self, store: Store, judge: Judge, texts: Sequence[PackText]) -> None:
        """Read messages from `store`; `texts` are the packs'."""
        self._store = store
        self._judge = judge
        self._texts = texts

    async def probe(
        self, guild_id: int, law: Law, hidden: Collection[int] = (), within: Collection[int] | None = None
    ) -> dict[str, list[Borderline]]:
        """By a rule's key the texts of which the judge is least sure under a law of the server.

        No messages from the channels `hidden`, and only from the channels `within` where those are given. JudgeError
        where the judge goes away.
        """
        thresholds = (await self._store.guilds.get(guild_id)).thresholds
        known = {example.text.casefold() for example in law.policy.examples}
        known |= {one.text.casefold() for one in await self._store.learned.of(guild_id)}
        latest = await self._store.samples.latest(guild_id, _LOOKED_THROUGH, hidden, within)
        own = own_candidates([one for one in latest if not one.only_linked], known, thresholds)
        chosen = candidates(own, pack_candidates(law.policy.rules, self._texts, known))
        judged = await self._judged(law, chosen)
        shown = [(one, verdict) for one, verdict in judged if not withheld_under(law.policy, verdict, None)]
        found = borderline(shown, law.policy, thresholds)
        # Nothing is posted again that is only linked, to ask about it neither.
        return {key: texts for key, texts in found.items() if key not in linked_rules(law.policy)}

    async def _judged(self, law: Law, chosen: Sequence[Sample | PackText]) -> list[Judged]:
        """As many verdicts as the time allows."""
        loop = asyncio.get_running_loop()
        end = loop.time() + MOST_SECONDS
        found: list[Judged] = []
        for begin in range(0, len(chosen), AT_ONCE):
            await let_live_messages_go_first(self._store, end)
            try:
                async with asyncio.timeout_at(end):
                    some = chosen[begin : begin + AT_ONCE]
                    verdicts = await asyncio.gather(*(self._verdict(law, one) for one in some))
            except TimeoutError:
                break
            found += zip(some, verdicts, strict=True)
        return found

    async def _verdict(self, law: Law, one: Sample | PackText) -> Verdict:
        said: Readable = Said(one.text, normalise(one.text)) if isinstance(one, PackText) else one.submission
        return await verdict_under(law, self._judge, said)
