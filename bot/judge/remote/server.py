"""What a remote server is: which model it offers, and how it can be asked. Found out by asking it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.policy_text import parse_policy
from bot.judge.remote.answers import (
    LEAST_CHOSEN,
    Offered,
    Reply,
    follows_probe,
    probability_of_yes,
    read_models,
    read_reply,
    word_of_yes,
)
from bot.judge.remote.client import Client
from bot.judge.remote.errors import AnswerError, RemoteError
from bot.judge.remote.questions import (
    Endpoint,
    Form,
    Question,
    Way,
    message_text,
    request_body,
    rule_question,
    schema_probe,
)

# The best first: probabilities that come from the model itself, then what it states, then a bare word.
WAYS = (
    Way(Endpoint.CHAT, Form.LOGPROBS),
    Way(Endpoint.COMPLETIONS, Form.LOGPROBS),
    Way(Endpoint.CHAT, Form.STRUCTURED),
    Way(Endpoint.CHAT, Form.TEXT),
    Way(Endpoint.COMPLETIONS, Form.TEXT),
)
_NOT_OFFERED = frozenset({404, 405, 501})
_PROBE = parse_policy("1. No insults.")
_PROBE_TEXT = "Good morning, everybody!"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that can be asked: its model, a digest of what is known of it, how, and if its chat holds to schemas."""

    model: str
    digest: str
    way: Way
    schemas: bool

    def put(self, question: Question) -> tuple[Endpoint, dict[str, Any]]:
        """Where a question is put, and the request for it.

        What a schema is for goes to the chat, where schemas are held to; all else to where the way leads.
        """
        if question.schema is not None and self.schemas:
            return Endpoint.CHAT, request_body(self.model, Endpoint.CHAT, question)
        endpoint = self.way.endpoint
        return endpoint, request_body(self.model, endpoint, replace(question, schema=None))


def identity_digest(model: str, identity: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of a model's name and what the server says of it.

    It is not that of the weights, which a server does not tell: it changes when the server reports another model,
    another file size or another context, and stays when it is started anew.
    """
    known = json.dumps({"name": model, "identity": identity}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(known.encode()).hexdigest()


async def find_server(client: Client, wanted: str | None) -> Server:
    """Ask a server what it offers and how it answers; RemoteError or AnswerError where it cannot judge.

    `wanted` is the model's name, or None for the only one that it offers.
    """
    offered = await offered_models(client)
    model = _choose(offered, wanted)
    identity = next((one.identity for one in offered if one.name == model), {})
    schemas = await _holds_to_schemas(client, model)
    for way in WAYS:
        if schemas if way.form is Form.STRUCTURED else await _works(client, model, way):
            return Server(model, identity_digest(model, identity), way, schemas)
    raise RemoteError(f"The remote model {model} gives no answer that can be used: see LAWSPEAKER_REMOTE_MODEL.")


async def offered_models(client: Client) -> list[Offered]:
    """The models that a server lists; none where it has no list. RemoteError where it cannot be asked."""
    try:
        return read_models(await client.get("models"))
    except RemoteError as error:
        if error.status in _NOT_OFFERED:
            return []
        raise


def _choose(offered: list[Offered], wanted: str | None) -> str:
    if wanted:
        return wanted
    if len(offered) == 1:
        return offered[0].name
    count = "no models" if not offered else f"{len(offered)} models"
    raise RemoteError(f"The remote server lists {count}: set LAWSPEAKER_REMOTE_MODEL to the one that shall judge.")


async def _works(client: Client, model: str, way: Way) -> bool:
    """Whether a harmless message is answered with a yes or no in this way, whichever it is."""
    question = rule_question(_PROBE, message_text(_PROBE_TEXT, "", ()), _PROBE.rules[0], way.form)
    reply = await _tried(client, way.endpoint, request_body(model, way.endpoint, question))
    if reply is None:
        return False
    try:
        if way.form is Form.LOGPROBS:
            probability_of_yes(reply, LEAST_CHOSEN)
        else:
            word_of_yes(reply)
    except AnswerError:
        return False
    return True


async def _holds_to_schemas(client: Client, model: str) -> bool:
    """Whether the chat holds an answer to a schema; it is asked for a greeting, which would not fit the schema."""
    reply = await _tried(client, Endpoint.CHAT, request_body(model, Endpoint.CHAT, schema_probe()))
    return reply is not None and follows_probe(reply)


async def _tried(client: Client, endpoint: Endpoint, body: Mapping[str, Any]) -> Reply | None:
    """The answer to a request, None where the server does not offer what it asks for; RemoteError where it is away."""
    try:
        return read_reply(await client.post(endpoint, body), endpoint)
    except AnswerError:
        return None
    except RemoteError as error:
        if error.status in _NOT_OFFERED:
            return None
        raise
