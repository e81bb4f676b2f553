"""What a remote judge's answers mean: pure, and strict. What cannot be understood is an error, never a verdict."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.policy import Policy
from bot.judge.remote.errors import AnswerError, RemoteError
from bot.judge.remote.questions import Endpoint
from bot.language import mark

# Neither is calibrated: a word says which side, not how surely. 0.95 acts under the usual thresholds, as a yes should.
YES_IN_WORDS, NO_IN_WORDS = 0.95, 0.05
# Where Yes and No together have less, the model was about to say something else, and their ratio means nothing.
LEAST_ANSWERED = 0.2
# More is asked of the harmless message by which a way of asking is chosen, so that the chosen one has some to spare.
LEAST_CHOSEN = 0.5
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote, and its likeliest first tokens with their log-probabilities where the server gave any."""

    text: str
    first_tokens: Sequence[tuple[str, float]] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """A model that a server offers: its name, and what is known of it that stays the same from start to start."""

    name: str
    identity: Mapping[str, Any]


# -- what the server sends -------------------------------------------------------------------------------------


def json_object(raw: bytes | str) -> dict[str, Any]:
    """The object that a JSON text holds; ValueError where it holds none, names a key twice, or is no strict JSON."""
    try:
        value = json.loads(raw, object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004 - callers know one error
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def read_models(raw: bytes) -> list[Offered]:
    """The models of a `/models` answer, in its order; RemoteError where it is none.

    The identity is what llama-server, vLLM and Ollama say of a model and of its file. Times and numbers that are drawn
    anew at each start are left out.
    """
    try:
        entries = json_object(raw)["data"]
        return [Offered(_name(one["id"]), {key: one[key] for key in _STAYS if key in one}) for one in entries]
    except (ValueError, KeyError, TypeError):
        raise RemoteError(mark("The remote server's list of models cannot be read.")) from None


_STAYS = ("id", "owned_by", "root", "parent", "max_model_len", "meta")


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= _LONGEST_NAME:
        raise ValueError("no name")
    return value


def read_reply(raw: bytes, endpoint: Endpoint) -> Reply:
    """The one choice of an answer; RemoteError where it is no such answer, AnswerError where the model refused."""
    try:
        choices = json_object(raw)["choices"]
        (choice,) = choices
        if endpoint is Endpoint.CHAT:
            if choice["message"].get("refusal") or choice["message"].get("tool_calls"):
                raise AnswerError(mark("The remote model did not answer the question."))
            text = _text(choice["message"].get("content") or "")
        else:
            text = _text(choice["text"])
        return Reply(text, tuple(_first_tokens(choice.get("logprobs"))))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise RemoteError(
            mark("The remote server's answer cannot be read: it does not follow OpenAI's protocol.")
        ) from None


def _first_tokens(given: Any) -> list[tuple[str, float]]:
    """Likeliest first tokens; from a list of objects (chat; llama-server also else), or of a mapping (completions)."""
    if not given:
        return []
    if content := given.get("content"):
        return [(_text(one["token"]), _log(one["logprob"])) for one in content[0]["top_logprobs"]]
    if tops := given.get("top_logprobs"):
        return [(_text(token), _log(value)) for token, value in tops[0].items()]
    return []


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _log(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value <= 1e-3:
        raise ValueError("no log-probability")
    return min(float(value), 0.0)


# -- what the model says ---------------------------------------------------------------------------------------


def probability_of_yes(reply: Reply, least_answered: float = LEAST_ANSWERED) -> float:
    """P(Yes) / (P(Yes) + P(No)) over the first token, in [0, 1]; AnswerError where both have under `least_answered`.

    Tokens count for the word that they are but for case and spaces. One word of the two that is not among the tokens
    shown is taken to be as likely as it can be: as the least of these, or as what they leave.
    """
    if not reply.first_tokens:
        raise AnswerError(mark("The remote server gave no log-probabilities."))
    yes = no = 0.0
    for token, log_probability in reply.first_tokens:
        word = token.strip().casefold()
        yes += math.exp(log_probability) if word == "yes" else 0.0
        no += math.exp(log_probability) if word == "no" else 0.0
    if not least_answered <= yes + no <= 1.01:
        raise AnswerError(mark("The remote model answered neither yes nor no."))
    shown = [math.exp(log_probability) for _, log_probability in reply.first_tokens]
    unseen = max(min(min(shown), 1.0 - sum(shown)), 0.0)
    yes, no = yes or unseen, no or unseen
    return yes / (yes + no)


def word_of_yes(reply: Reply) -> float:
    """YES_IN_WORDS or NO_IN_WORDS for an answer that is this one word; AnswerError for any other."""
    match reply.text.strip().rstrip(".!").casefold():
        case "yes":
            return YES_IN_WORDS
        case "no":
            return NO_IN_WORDS
        case _:
            raise AnswerError(mark("The remote model answered neither yes nor no."))


def stated_probabilities(reply: Reply, policy: Policy) -> dict[str, float]:
    """A probability per rule from an object of whole percents; AnswerError where it is not exactly that."""
    said = _answered(reply)
    keys = [rule.key for rule in policy.rules]
    if set(said) != set(keys) or not all(_whole(value, 0, 100) for value in said.values()):
        raise AnswerError(mark("The remote model's answer does not give each rule one percentage."))
    return {key: said[key] / 100 for key in keys}


def part_and_reason(reply: Reply, parts: int) -> tuple[int, str]:
    """The number of the part to quote, from 0 to `parts` - 1, and a reason; AnswerError where it is not that."""
    said = _answered(reply)
    if set(said) != {"quote", "reason"} or not _whole(said["quote"], 1, parts) or not isinstance(said["reason"], str):
        raise AnswerError(mark("The remote model's explanation cannot be read."))
    return said["quote"] - 1, said["reason"]


def follows_probe(reply: Reply) -> bool:
    """Whether `schema_probe` was answered by its schema."""
    try:
        said = _answered(reply)
    except AnswerError:
        return False
    return set(said) == {"sum"} and _whole(said["sum"], 0, 100)


def _answered(reply: Reply) -> dict[str, Any]:
    try:
        return json_object(reply.text)
    except ValueError:
        raise AnswerError(
            mark("The remote model's answer is not the JSON that was asked for, or was cut off.")
        ) from None


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
