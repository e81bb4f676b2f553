"""Fit what is different in messages behind others: `python -m benchmarks.in_context`, some minutes on 2 cores.

Each message of benchmarks/before is read behind what was said before it, by itself and with the rules that it breaks
or, by the uncorrected readout, may break. Messages of benchmarks/training are read behind others of their server,
which do not change what they are; without rules. The readout's weights are corrected on these. To be run after
`benchmarks.train` and `benchmarks.lengthen`.
"""

from __future__ import annotations

import numpy as np

from benchmarks.before_texts import LEARNED, behind_others, cards, load_said
from benchmarks.correcting import fitted, told_of_messages, told_of_pairs, with_constant
from benchmarks.fitting import Mask
from benchmarks.parts import ANYTHING
from benchmarks.shipped import shipped
from benchmarks.train import Kept, fit_parser, of_policy
from benchmarks.training_data import load_training
from bot.judge.correction import Correction
from bot.judge.in_context import IN_CONTEXT_FILE, in_context_digest, save_in_context
from bot.judge.lengthened import long_share
from bot.judge.library import load_library
from bot.judge.reader import Reader
from bot.judge.readout import Floats
from bot.judge.scoring import EngineScorer

# A topic on which fewer messages are is not corrected.
FEWEST = 8
# Messages of each policy in benchmarks/training that are read behind others.
_EACH = 4
_SEED = 3


def main() -> None:
    """Read, fit, say how well it does on policies left out, write."""
    arguments = fit_parser("Fit the readout's correction for messages in their context.", IN_CONTEXT_FILE).parse_args()
    reader, scorer = shipped()
    save_in_context(Fit(reader, scorer, Kept(arguments.features)).correction(), arguments.out)


class Fit:
    """What is read of the messages, and the weights that come of it."""

    def __init__(self, reader: Reader, scorer: EngineScorer, kept: Kept) -> None:
        """Read with the readout as it is shipped; what is kept is not read again."""
        assert reader.readout is not None, "the readout is another library's: run benchmarks.train"
        assert reader.lengthened is not None, "the correction is another readout's: run benchmarks.lengthen"
        self._readout = reader.readout
        self._reader = reader
        self._scorer = scorer
        self._kept = kept
        policies, self._said = load_said(LEARNED)
        self._cards = cards(policies, self._readout.outputs)
        texts = [text for text in load_training(load_library()).messages if of_policy(text)]
        self._others = behind_others(texts, _EACH, _SEED)

    def correction(self) -> Correction:
        """Weights and biases fitted on all that is read."""
        heard = [*(said.message for said in self._said), *(message for _, message in self._others)]
        rows = self._kept.read("heard", heard, self._scorer.heard)
        long = np.array([long_share(self._scorer.tokens(message.text)) for message in heard])
        odds = told_of_messages(self._reader, rows, long)
        pair_weights, pair_bias = self._of_pairs(odds, long)
        message_weights = np.zeros_like(self._readout.message_weights)
        message_bias = np.zeros_like(self._readout.message_bias)
        groups = [*(said.policy for said in self._said), *("training" for _ in self._others)]
        for place, topic in enumerate(self._readout.outputs):
            labelled, positive = self._told_of(topic)
            if positive[: len(self._said)].sum() >= FEWEST:
                found = fitted(topic, with_constant(rows), odds[:, place], positive, labelled, groups)
                message_weights[place], message_bias[place], _ = found
        digest = in_context_digest(self._readout)
        return Correction(digest, message_weights, message_bias, pair_weights, pair_bias)

    def _told_of(self, topic: str) -> tuple[Mask, Mask]:
        """Of which messages it is known whether they are on a topic, or break anything, and which are; both (texts,).

        Of one whose policy has no rule on a topic nobody said whether it is on it.
        """
        labelled, positive = [], []
        place = self._readout.outputs.index(topic)
        for said in self._said:
            on = {rule.key for rule in self._cards[said.policy].rules if place in rule.topics}
            labelled.append(topic == ANYTHING or bool(on))
            positive.append(said.rule is not None if topic == ANYTHING else said.rule in on)
        for text, _ in self._others:
            labelled.append(True)
            positive.append(text.breaks if topic == ANYTHING else topic in text.topics)
        return np.array(labelled), np.array(positive)

    def _of_pairs(self, odds: Floats, long: Floats) -> tuple[Floats, Floats]:
        """Weights and bias that correct what is told of a rule with a message: of rules broken or worth reading."""
        asked = []
        for at, said in enumerate(self._said):
            card = self._cards[said.policy]
            worth = set(card.worth_reading(odds[at], self._reader))
            asked += [(rule, at) for place, rule in enumerate(card.rules) if place in worth or rule.key == said.rule]
        # By rule: the model reads each rule once, then all messages behind it.
        asked.sort(key=lambda one: one[0].text)
        pairs = [(rule.text, self._said[at].message) for rule, at in asked]
        rows = self._kept.read("heard with", pairs, self._scorer.heard_with)
        before = told_of_pairs(self._reader, rows, long[[at for _, at in asked]])
        broken = np.array([rule.key == self._said[at].rule for rule, at in asked])
        policies = [self._said[at].policy for _, at in asked]
        every = np.ones(len(asked), bool)
        weights, bias, _ = fitted("pairs", with_constant(rows), before, broken, every, policies)
        return weights[None], np.array([bias])


if __name__ == "__main__":
    main()
