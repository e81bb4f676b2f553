"""Judges' answers: whatever a model or a server says, there is a verdict's part, or an error that is meant."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any

from bot.domain.policy_text import parse_policy
from bot.judge.harmony import Answered, Control, Lack, Part, Transcript, parse
from bot.judge.rationale import stated_reason, tidy_reason, verbatim
from bot.judge.remote.answers import (
    Reply,
    follows_probe,
    part_and_reason,
    probability_of_yes,
    read_models,
    read_reply,
    stated_probabilities,
    word_of_yes,
)
from bot.judge.remote.client import seconds_asked_for
from bot.judge.remote.errors import AnswerError, RemoteError
from bot.judge.remote.questions import Endpoint
from bot.judge.remote.server import identity_digest
from tests.fuzz.growth import LENGTHS, Repeated, grows_no_faster_than_the_text, repeated
from tests.fuzz.inputs import tried
from tests.fuzz.makers import Make, any_of, pick, several, texts
from tests.odd import broken, places, put

POLICY = parse_policy("1. No insults. [delete]\n2. No spam. [flag]\n")
KEYS = [rule.key for rule in POLICY.rules]
NOW = datetime(2026, 1, 31, tzinfo=UTC)

# -- a transcript, of a model that thinks first ----------------------------------------------------------------

ANSWER = '{"violation": 1, "policy_category": "1", "rationale": "It insults.", "quote": "idiot"}'
WRITTEN = (
    *("analysis", "final", "commentary", "assistant", " to=functions.x", "json", "The message", "\n", " ", "I'm sorry"),
    *(
        ANSWER,
        '{"violation": 0, "policy_category": ""}',
        '{"violation": 1, "policy_category": "9"}',
        "{",
        "}",
        '"',
        ":",
    ),
    '{"violation": 1, "policy_category": "1", "rationale": "\\ud800 \\u0000 breaks it", "quote": "\\udfff"}',
    '{"violation": 1, "violation": 0, "policy_category": ""}',
    *('"violation": true', "<|return|>", "<|end|>", "1e999", "[" * 2_000, "1" * 5_000, "NaN", ","),
)
PARTS = several(any_of(pick([*Control]), pick(WRITTEN), texts(WRITTEN, 4)), 14)
ENDED = any_of(pick([ANSWER]), texts(WRITTEN, 3))


def transcript(random: Random) -> list[Part]:
    """Anything a model may write, which mostly ends with an answer."""
    parts = PARTS(random)
    if random.random() < 0.7:
        parts += [Control.CHANNEL, "final", Control.MESSAGE, ENDED(random), Control.RETURN]
    return parts


@tried(parts=transcript)
def test_any_transcript_is_an_answer_or_says_what_it_lacks(parts: list[Part]) -> None:
    found = parse(parts, KEYS)
    if isinstance(found, Answered):
        assert found.rule in (None, *KEYS)
        rule = POLICY.rule(found.rule or "1")
        quote = verbatim("You idiot, go away.", found.quote, found.rationale)
        assert quote in "You idiot, go away."
        stated_reason(rule.key, rule.text, found.rationale, quote).encode()
    else:
        assert isinstance(found.lack, Lack)


PART_OF = dict(zip("SCMXERL", Control, strict=True)) | {"f": "final", "a": "analysis", "t": "to=x ", "{": ANSWER}


@tried(short=60, soak=LENGTHS, text=repeated([*PART_OF]))
def test_a_transcript_is_read_as_it_is_written_in_linear_time(text: Repeated) -> None:
    def write(letters: str) -> None:
        parts = [PART_OF[letter] for letter in letters]
        transcript = Transcript()
        for part in parts:
            transcript.add(part)
            assert transcript.answering in (True, False)
        parse(parts, KEYS)

    # The longest that a model thinks, in tokens.
    grows_no_faster_than_the_text(write, text, 4_096)


# -- a remote server -------------------------------------------------------------------------------------------

TOKENS = [{"token": "Yes", "logprob": -0.1}, {"token": " no", "logprob": -2.5}]
REPLIES: tuple[dict[str, Any], ...] = (
    {"choices": [{"message": {"content": "Yes"}, "logprobs": {"content": [{"top_logprobs": TOKENS}]}}]},
    {"choices": [{"text": " No.", "logprobs": {"top_logprobs": [{"Yes": -3.0, "No": -0.01}]}}]},
    {"choices": [{"message": {"content": '{"1": 5, "2": 95}'}}]},
    {"choices": [{"message": {"content": '{"quote": 1, "reason": "the message insults"}'}}]},
    {"choices": [{"message": {"content": '{"quote": 1, "reason": "half of a pair: \\ud800, and \\u0000 behind it"}'}}]},
    {"choices": [{"message": {"content": None, "refusal": "No."}}]},
    {"choices": [{"message": {"content": '{"sum": 7}', "tool_calls": []}}]},
)
MODELS = {"object": "list", "data": [{"id": "m", "owned_by": "x", "meta": {"n_ctx": 4_096, "size": [1, 2]}}]}
EXTREME = (-(10**400), 10**400, -1e308, 1e-9, 0.0011, math.inf, -math.inf, True, "-0.1", "\ud800")


def sent(bodies: tuple[dict[str, Any], ...]) -> Make[bytes]:
    """An answer as it goes over the wire, with something in it that does not belong there; or no JSON at all."""

    def make(random: Random) -> bytes:
        body = broken(random.choice(bodies), random) if random.random() < 0.8 else random.choice(bodies)
        if random.random() < 0.2:
            body = put(body, random.choice(list(places(body))), random.choice(EXTREME))
        raw = json.dumps(body).encode()
        if random.random() < 0.1:
            at = random.randint(0, len(raw))
            raw = raw[:at] + random.randbytes(random.randrange(5)) + raw[at + random.randrange(4) :]
        return raw

    return make


@tried(raw=sent(REPLIES), endpoint=pick([*Endpoint]))
def test_any_answer_of_a_server_is_understood_or_refused(raw: bytes, endpoint: Endpoint) -> None:
    try:
        reply = read_reply(raw, endpoint)
    except (RemoteError, AnswerError):
        return
    for understand in (probability_of_yes, word_of_yes):
        try:
            assert 0.0 <= understand(reply) <= 1.0
        except AnswerError:
            continue
    follows_probe(reply)
    _is_understood_or_refused(reply)


def _is_understood_or_refused(reply: Reply) -> None:
    with suppress(AnswerError):
        assert all(0.0 <= one <= 1.0 for one in stated_probabilities(reply, POLICY).values())
    try:
        number, reason = part_and_reason(reply, 2)
    except AnswerError:
        return
    assert number in (0, 1)
    tidy_reason("1", "No insults.", reason, "").encode()


@tried(text=texts((*WRITTEN, '{"1": ', '"2": ', "50", "1" * 400, "}", '{"quote": 2, "reason": "', "Yes", "no."), 8))
def test_whatever_a_model_writes_is_understood_or_refused(text: str) -> None:
    _is_understood_or_refused(Reply(text))


@tried(raw=sent((MODELS, {"data": [MODELS["data"][0]] * 2}, {"data": []})))
def test_any_list_of_models_is_understood_or_refused(raw: bytes) -> None:
    try:
        offered = read_models(raw)
    except RemoteError:
        return
    for one in offered:
        assert one.name.isprintable()
        assert len(identity_digest(one.name, one.identity)) == 64


def test_a_list_of_models_of_any_depth_is_understood_or_refused() -> None:
    for depth in (1, 100, *range(800, 1_001), 100_000):
        raw = b'{"data": [{"id": "m", "meta": ' + b"[" * depth + b"]" * depth + b"}]}"
        with suppress(RemoteError):
            (one,) = read_models(raw)
            identity_digest(one.name, one.identity)


DATES = (
    "Mon, ",
    "31 Jan ",
    "2026",
    "9" * 20,
    " 00:00:00",
    ":",
    " GMT",
    " +9999",
    " -0000",
    "99",
    "1",
    " ",
    ",",
    "-",
    "²",
)


@tried(header=texts(DATES, 8))
def test_whatever_time_a_server_asks_for_it_is_seconds_or_none(header: str) -> None:
    seconds = seconds_asked_for(header, NOW)
    assert seconds is None or 0.0 <= seconds < math.inf


def test_a_server_that_asks_for_a_year_that_no_calendar_has_asks_for_nothing() -> None:
    assert seconds_asked_for(f"Mon, 31 Jan {'9' * 20} 00:00:00 GMT", NOW) is None
