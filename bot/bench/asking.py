"""The plain ways to ask a model that chats: the policy as it stands, then the message."""

from __future__ import annotations

from typing import Any

JSON, ONE_TOKEN = "json", "one token"
CONTEXT_TOKENS = 2_048
ANSWER_TOKENS = 128
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "violation": {"type": "boolean"},
        "rule": {"type": "string"},
        "rationale": {"type": "string"},
    },
    "required": ["violation", "rule", "rationale"],
}

_QUESTIONS = {
    JSON: "Does the message of the user break a rule of this policy? Answer in JSON: violation (true or false), rule "
    "(its number, 0 if none) and rationale (one sentence).",
    ONE_TOKEN: "Does the message of the user break a rule of this policy? Answer with the rule's number alone, 0 if "
    "none.",
}


def chat(ask: str, policy: str, text: str) -> dict[str, Any]:
    """A chat completion's request about one message, as JSON with a schema or as one token; greedy."""
    request: dict[str, Any] = {
        "messages": [
            {"role": "system", "content": f"{policy}\n\n{_QUESTIONS[ask]}"},
            {"role": "user", "content": text},
        ],
        "temperature": 0.0,
        "max_tokens": ANSWER_TOKENS if ask == JSON else 1,
    }
    if ask == JSON:
        request["response_format"] = {"type": "json_object", "schema": SCHEMA}
    return request
