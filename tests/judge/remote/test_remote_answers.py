"""What answers mean: a probability per rule, or an error."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from bot.domain.policy_text import parse_policy
from bot.judge.interface import JudgeError
from bot.judge.remote.answers import (
    NO_IN_WORDS,
    YES_IN_WORDS,
    Reply,
    json_object,
    part_and_reason,
    probability_of_yes,
    read_models,
    read_reply,
    stated_probabilities,
    word_of_yes,
)
from bot.judge.remote.errors import AnswerError, RemoteError
from bot.judge.remote.questions import Endpoint
from bot.judge.remote.server import identity_digest

POLICY = parse_policy("1. No insults. [delete]\n2. No spam. [flag]\n")


def logs(**given: float) -> list[tuple[str, float]]:
    return [(word.replace("_", " "), math.log(value)) for word, value in given.items()]


def test_the_probability_is_that_of_yes_against_no_in_whatever_case() -> None:
    assert probability_of_yes(Reply("", logs(Yes=0.5, _yes=0.1, No=0.2, Hm=0.2))) == pytest.approx(0.75)


def test_a_word_that_is_not_shown_is_taken_to_be_as_likely_as_it_can_be() -> None:
    assert probability_of_yes(Reply("", logs(Yes=0.8, Hm=0.05))) == pytest.approx(0.8 / 0.85)
    assert probability_of_yes(Reply("", logs(No=0.9, Hm=0.01))) == pytest.approx(0.01 / 0.91)
    assert probability_of_yes(Reply("", logs(Yes=0.6))) == pytest.approx(0.6)


@pytest.mark.parametrize("tokens", [[], logs(Hm=0.9, Yes=0.1), logs(Yesterday=0.9), [("Yes", 0.0), ("No", 0.0)]])
def test_a_first_token_that_says_neither_is_no_answer(tokens: list[tuple[str, float]]) -> None:
    with pytest.raises(AnswerError):
        probability_of_yes(Reply("Yes", tokens))


def test_words_count_only_where_they_are_all_that_is_said() -> None:
    assert (word_of_yes(Reply(" Yes.\n")), word_of_yes(Reply("no"))) == (YES_IN_WORDS, NO_IN_WORDS)
    for text in ("", "Yes, it does", "Yes No", "Not", "<think>yes</think>"):
        with pytest.raises(AnswerError):
            word_of_yes(Reply(text))


def test_stated_percentages_become_probabilities() -> None:
    assert stated_probabilities(Reply('{"2": 100, "1": 7}'), POLICY) == {"1": 0.07, "2": 1.0}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"1": 7}',
        '{"1": 7, "2": 8, "3": 9}',
        '{"1": 7, "2": 101}',
        '{"1": 7, "2": -1}',
        '{"1": 7, "2": 0.5}',
        '{"1": 7, "2": true}',
        '{"1": 7, "2": "8"}',
        '{"1": 7, "2": NaN}',
        '{"1": 7, "2": 8, "2": 99}',
        '{"1": 7, "2": 8',
        'Sure! {"1": 7, "2": 8}',
        '{"1": 7, "2": ' + "9" * 5_000 + "}",
        '{"1": ' * 50_000,
    ],
)
def test_stated_percentages_that_are_not_exactly_one_per_rule_are_no_answer(text: str) -> None:
    with pytest.raises(AnswerError):
        stated_probabilities(Reply(text), POLICY)


@pytest.mark.parametrize(
    "said", [{"quote": 0, "reason": "x"}, {"quote": 3, "reason": "x"}, {"quote": 1}, {"reason": "x"}]
)
def test_an_explanation_that_names_no_part_of_the_message_is_none(said: dict[str, Any]) -> None:
    with pytest.raises(AnswerError):
        part_and_reason(Reply(json.dumps(said)), 2)


def test_first_tokens_are_read_from_chats_from_completions_and_from_llama_server() -> None:
    listed = {"content": [{"token": "Yes", "logprob": -0.1, "top_logprobs": [{"token": "Yes", "logprob": -0.1}]}]}
    mapped = {"tokens": ["Yes"], "token_logprobs": [-0.1], "top_logprobs": [{"Yes": -0.1}], "text_offset": [0]}
    chat = json.dumps({"choices": [{"message": {"content": "Yes"}, "logprobs": listed}]}).encode()
    assert read_reply(chat, Endpoint.CHAT).first_tokens == (("Yes", -0.1),)
    for logprobs in (listed, mapped):
        plain = json.dumps({"choices": [{"text": "Yes", "logprobs": logprobs}]}).encode()
        assert read_reply(plain, Endpoint.COMPLETIONS).first_tokens == (("Yes", -0.1),)


@pytest.mark.parametrize("logprob", ["-1" + "0" * 400, "1", "0.5", "true", '"-0.1"', "null", "NaN"])
def test_a_number_that_is_no_log_probability_is_no_answer(logprob: str) -> None:
    raw = '{"choices": [{"text": "Yes", "logprobs": {"top_logprobs": [{"Yes": HERE}]}}]}'
    with pytest.raises(RemoteError):
        read_reply(raw.replace("HERE", logprob).encode(), Endpoint.COMPLETIONS)


@pytest.mark.parametrize("extra", [{"refusal": "I cannot"}, {"tool_calls": [{"id": "1"}]}])
def test_a_refusal_or_a_tool_call_is_no_answer(extra: dict[str, Any]) -> None:
    raw = json.dumps({"choices": [{"message": {"content": "No", **extra}}]}).encode()
    with pytest.raises(AnswerError):
        read_reply(raw, Endpoint.CHAT)


def test_a_models_digest_stays_when_its_server_starts_anew_and_changes_with_the_model() -> None:
    def digest(**given: Any) -> str:
        (one,) = read_models(json.dumps({"data": [{"id": "m", **given}]}).encode())
        return identity_digest(one.name, one.identity)

    first = digest(created=1, meta={"size": 5, "n_ctx": 9}, permission=[{"id": "x"}])
    assert len(first) == 64
    assert digest(created=2, meta={"n_ctx": 9, "size": 5}, permission=[{"id": "y"}]) == first
    assert digest(created=1, meta={"size": 6, "n_ctx": 9}) != first


@pytest.mark.parametrize(
    "raw", [b"[]", b"{}", b'{"data": [{}]}', b'{"data": [{"id": "a\\nb"}]}', b'{"data": [{"id": ""}]}']
)
def test_a_list_of_models_that_is_none_is_a_judge_error(raw: bytes) -> None:
    with pytest.raises(JudgeError):
        read_models(raw)


def test_json_that_names_a_key_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        json_object('{"a": 1, "a": 2}')
