"""The plain ways to ask the same model, to compare with: Yes or No per rule, and the number of the rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.measures import Case
from bot.domain.policy import Rule
from bot.judge.engine import Continuation, Engine
from bot.judge.prompts import one_line
from bot.judge.readout import Logits

_BEFORE, _AFTER = "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"


def yes_or_no(engine: Engine, case: Case) -> list[dict[str, float]]:
    """Ask of each rule by itself whether the message breaks it; the probability is that of `Yes`."""
    answers: list[dict[str, float]] = [{} for _ in case.messages]
    for rule in case.policy.rules:
        asked = f'Rule: {rule.text}\nDoes this message violate the rule? Answer Yes or No.\nMessage: "'
        for index, value in enumerate(_ask(engine, case, asked, '"', ("Yes", "No"))):
            answers[index][rule.key] = value[0]
    return answers


def number_of_the_rule(engine: Engine, case: Case) -> list[dict[str, float]]:
    """Ask for the number of the broken rule, 0 if none; the probability of each is that of its digit."""
    rules: tuple[Rule, ...] = case.policy.rules
    lines = "\n".join(f"{number}. {rule.text}" for number, rule in enumerate(rules, 1))
    asked = f'Rules:\n{lines}\nWhich rule does this message violate? Answer with its number, 0 if none.\nMessage: "'
    words = tuple(str(number) for number in range(len(rules) + 1))
    rows = _ask(engine, case, asked, '"', words)
    return [{rule.key: row[number] for number, rule in enumerate(rules, 1)} for row in rows]


def _ask(engine: Engine, case: Case, before: str, after: str, words: Sequence[str]) -> list[list[float]]:
    """Probabilities of the words that could answer, for each message."""
    resident = engine.prefix(before, engine.frame(_BEFORE))
    tail = engine.tokenize_frame(_AFTER)
    tokens = [engine.tokenize(word)[0] for word in words]
    texts = [engine.tokenize(one_line(message.text) + after) for message in case.messages]
    rows = engine.last_logits([Continuation(resident, text, tail) for text in texts])
    return [_probabilities(row, tokens) for row in rows]


def _probabilities(logits: Logits, tokens: Sequence[int]) -> list[float]:
    """Softmax over these tokens alone."""
    chosen = np.exp(logits[list(tokens)].astype(np.float64) - logits.max())
    return [float(value) for value in chosen / chosen.sum()]
