"""Fit what is different in long texts: `python -m benchmarks.lengthen`, some 40 minutes on 2 cores.

Each text of benchmarks/long is read by itself, and with the rules it breaks and some others. The readout's weights,
for topics and for pairs, are corrected on these (logistic regression with a ridge, in the kernel's form), each text
as far as it counts as long. How sure verdicts on long texts may be (Platt, 1999) is fitted at the end on other
policies' texts, of other kinds, of which the correction knows nothing, read with all rules that the judge would read.
What topics, pair and "anything" are worth together was weighed anew too, and dropped: on other texts it told less. To
be run after `benchmarks.train` and `benchmarks.weigh`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.correcting import fitted, told_of_messages, with_constant
from benchmarks.fitting import Mask
from benchmarks.long_texts import LongText, load_long
from benchmarks.parts import ANYTHING
from benchmarks.shipped import shipped
from benchmarks.train import Kept, fit_parser
from bot.judge.card import Card, CardRule
from bot.judge.correction import Correction, corrected_digest
from bot.judge.lengthened import LENGTHENED_FILE, Lengthened, long_share, save_lengthened, tempered_share
from bot.judge.reader import Reader
from bot.judge.readout import Floats

# A topic on which fewer texts are is not corrected.
FEWEST = 20
_STEPS = 30


def main() -> None:
    """Read, fit, say how well it does on policies left out, write."""
    arguments = fit_parser("Fit the readout's correction for long texts.", LENGTHENED_FILE).parse_args()
    reader, scorer = shipped()
    kept = Kept(arguments.features)
    texts = load_long()
    long = np.array([long_share(scorer.tokens(text.text)) for text in texts])

    rows = kept.read("messages", [text.text for text in texts], scorer.messages)
    # By rule: the model reads each rule once, then all texts behind it.
    asked = sorted(
        ((at, key) for at, text in enumerate(texts) for key in worth_reading(text, reader, rows[at], float(long[at]))),
        key=lambda one: texts[one[0]].rules[one[1]],
    )
    pair_rows = kept.read("pairs", [(texts[at].rules[key], texts[at].text) for at, key in asked], scorer.pairs)
    save_lengthened(correction(reader, texts, long, rows, asked, pair_rows), arguments.out)


def worth_reading(text: LongText, reader: Reader, row: Floats, long: float) -> list[str]:
    """Keys of the rules that a text is read with: of a weighed policy those that the judge would read.

    `row` are its features; by the correction that is shipped.
    """
    if not text.weighed:
        return list(text.rules)
    odds = told_of_messages(reader, row[None], np.array([long]))[0]
    places = card_of(text, reader).worth_reading(odds, reader)
    return [key for place, key in enumerate(text.rules) if place in places or key in text.broken]


def card_of(text: LongText, reader: Reader) -> Card:
    """A card of the rules that a text may be read with, in their order."""
    outputs = [topic.label for topic in reader.topics]
    rules = tuple(CardRule(key, "", tuple(map(outputs.index, text.about[key]))) for key in text.rules)
    return Card("", rules, np.zeros((0, 0)), ())


def correction(
    reader: Reader,
    texts: Sequence[LongText],
    long: Floats,
    rows: Floats,
    asked: Sequence[tuple[int, str]],
    pair_rows: Floats,
) -> Lengthened:
    """A readout's correction from features of texts, and of pairs: places of texts with keys of rules.

    `long`, shape (texts,), is how far each text is a long one.
    """
    readout = reader.readout
    assert readout is not None, "the readout is another library's: run benchmarks.train"
    policies = [text.policy for text in texts]
    learned = np.array([not text.weighed for text in texts])
    topic_odds = rows @ readout.message_weights.T + readout.message_bias
    # Each row as far as its text is a long one.
    design = with_constant(rows) * long[:, None]
    message_weights = np.zeros_like(readout.message_weights)
    message_bias = np.zeros_like(readout.message_bias)
    for place, topic in enumerate(readout.outputs):
        labelled, on_topic = told_of(texts, topic)
        labelled &= learned
        if (on_topic & labelled).sum() >= FEWEST:
            found = fitted(topic, design, topic_odds[:, place], on_topic, labelled, policies)
            message_weights[place], message_bias[place], topic_odds[:, place] = found
    broken = np.array([key in texts[at].broken for at, key in asked])
    pair_odds = pair_rows @ readout.pair_weights[0] + readout.pair_bias[0]
    policies = [texts[at].policy for at, _ in asked]
    design = with_constant(pair_rows) * long[[at for at, _ in asked]][:, None]
    of_learned = learned[[at for at, _ in asked]]
    weights, bias, pair_odds = fitted("pairs", design, pair_odds, broken, of_learned, policies)
    several, odds, breaks = verdicts(reader, texts, asked, topic_odds, pair_odds)
    sureness = sure(tempered_share(long[several]), odds, breaks)
    digest = corrected_digest(readout)
    return Lengthened(Correction(digest, message_weights, message_bias, weights[None], np.array([bias])), sureness)


def verdicts(
    reader: Reader,
    texts: Sequence[LongText],
    asked: Sequence[tuple[int, str]],
    topic_odds: Floats,
    pair_odds: Floats,
) -> tuple[list[int], Floats, Mask]:
    """Places of the texts read with all rules, log-odds of each one's likeliest rule, whether it breaks any."""
    by_pair: dict[int, dict[str, float]] = {at: {} for at, text in enumerate(texts) if text.weighed}
    for (at, key), pair in zip(asked, pair_odds, strict=True):
        if at in by_pair:
            by_pair[at][key] = float(pair)
    likeliest = []
    for at, pairs in by_pair.items():
        card = card_of(texts[at], reader)
        places = card.worth_reading(topic_odds[at], reader)
        read = {place: pairs[card.keys[place]] for place in places if card.keys[place] in pairs}
        likeliest.append(float(card.odds(topic_odds[at], read, np.zeros(0, np.float32), reader).max()))
    return list(by_pair), np.array(likeliest), np.array([bool(texts[at].broken) for at in by_pair])


def sure(share: Floats, odds: Floats, broken: Mask) -> tuple[float, float]:
    """What log-odds must be multiplied by, and what must be added, to be as sure as they are right; by Newton's method.

    In proportion to `share`, how far each is tempered. Never made surer than they are. All of shape (texts,).
    """
    design = np.stack([share * odds, share], axis=1)
    found = np.zeros(2)
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip((1.0 - share) * odds + design @ found, -30.0, 30.0)))
        bend = (design.T * (chance * (1.0 - chance))) @ design + 1e-6 * np.eye(2)
        found = found - np.linalg.solve(bend, design.T @ (chance - broken))
    print(f"sureness on {len(odds)} texts of which {int(broken.sum())} break a rule: {found.round(2)}")
    return min(float(found[0]), 1.0), float(found[1])


def told_of(texts: Sequence[LongText], topic: str) -> tuple[Mask, Mask]:
    """Of which texts it is known whether they are on a topic, or break anything, and which are; shape (texts,) each."""
    if topic == ANYTHING:
        return np.ones(len(texts), bool), np.array([bool(text.broken) for text in texts])
    return np.array([topic in text.asked for text in texts]), np.array([topic in text.topics for text in texts])


if __name__ == "__main__":
    main()
