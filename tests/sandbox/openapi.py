"""Holds REST exchanges against Discord's own OpenAPI description."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

VARIABLE = "LAWSPEAKER_DISCORD_OPENAPI"
"""The environment variable with the description's path."""

_URN = "urn:discord"

NOT_DESCRIBED = {
    ("POST", "/oauth2/token"): "OAuth2's own protocol, which stands in the documentation alone",
    ("POST", "/oauth2/token/revoke"): "likewise",
    ("POST", "/interactions"): "what user clients post; Discord describes only what bots use",
    ("GET", "/guilds/{}/application-command-index"): "how user clients list commands",
    ("GET", "/channels/{}/application-command-index"): "how user clients list commands in direct messages",
    ("GET", "/sandbox/accounts"): "the sandbox's own, for its page",
    ("GET", "/sandbox/scenes"): "the sandbox's own, for its page",
    ("POST", "/sandbox/scenes/{}/replay"): "the sandbox's own, for its page",
    ("DELETE", "/sandbox/scenes/{}/replay"): "the sandbox's own, for its page",
    ("GET", "/channels/{}/sandbox-marks"): "the sandbox's own, for its page",
}

WITHOUT_BODY = {
    "ban_user_from_guild": "the client sends delete_message_seconds as a query parameter and no body",
    "unban_user_from_guild": "the client sends no body",
}

INTEGER_IDS = {
    "bulk_delete_messages": (("messages", "*"),),
    "create_dm": (("recipient_id",),),
    "create_guild_channel": (("parent_id",),),
    "update_channel": (("parent_id",),),
    "*": (
        ("allowed_mentions", "users", "*"),
        ("allowed_mentions", "roles", "*"),
        ("data", "allowed_mentions", "users", "*"),
        ("data", "allowed_mentions", "roles", "*"),
        ("message_reference", "message_id"),
        ("message_reference", "channel_id"),
        ("message_reference", "guild_id"),
        # Not in DISCORD-NOTES.md, of the same kind: the number of a file that comes along, where an id is described.
        ("attachments", "*", "id"),
        ("data", "attachments", "*", "id"),
        *((*above, "components", "*", "components", "*", "default_values", "*", "id") for above in ((), ("data",))),
    ),
}
"""Where the client sends snowflakes as JSON integers, which Discord accepts and its description does not."""

TEXT_BITS = {
    "create_guild_role": (("permissions",),),
    "update_guild_role": (("permissions",),),
    "set_channel_permission_overwrite": (("allow",), ("deny",)),
    "create_guild_channel": (("permission_overwrites", "*", "allow"), ("permission_overwrites", "*", "deny")),
    "update_channel": (("permission_overwrites", "*", "allow"), ("permission_overwrites", "*", "deny")),
}
"""Where the client sends permission bits as texts, as Discord's documentation says; its description says integers."""


class Exchange(Protocol):
    """One request and its response; bodies are parsed JSON, None where there was none."""

    method: str
    path: str
    request_body: Any
    status: int
    response_body: Any


class OpenApi:
    """Discord's description, with a validator for each body, made when first needed."""

    def __init__(self, document: dict[str, Any]) -> None:
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_URN, resource)
        self._paths: dict[str, dict[str, Any]] = document["paths"]
        # A path's literal parts tell more than its parameters: /messages/@original before /messages/{message_id}.
        self._patterns = [
            (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))), template)
            for template in sorted(self._paths, key=lambda one: one.count("{"))
        ]
        self._validator = cache(self._make_validator)

    @classmethod
    def load(cls, path: str | Path) -> OpenApi:
        """Read the description from a file."""
        return cls(json.loads(Path(path).read_text(encoding="utf-8")))

    def problems(self, exchange: Exchange) -> list[str]:
        """What of an exchange does not fit the description, one line each; [] where all fits."""
        method, path = exchange.method.upper(), exchange.path.removeprefix("/api/v10")
        if (method, re.sub(r"\d{15,}|(?<=/scenes/)[\w-]+", "{}", path)) in NOT_DESCRIBED:
            return []
        template = next((template for pattern, template in self._patterns if pattern.fullmatch(path)), None)
        operation = self._paths.get(template or "", {}).get(method.lower())
        if template is None or operation is None:
            return [f"{method} {path}: no such operation"] if exchange.status < 400 else []
        name = f"{method} {template}"
        found = []
        # A body that the sandbox refuses may well not fit; that it is refused is the sandbox's own tests' matter.
        if exchange.status < 400:
            found += [f"{name} request {line}" for line in self._request(template, operation, exchange)]
        found += [f"{name} {exchange.status} {line}" for line in self._response(template, operation, exchange)]
        return found

    def _request(self, template: str, operation: dict[str, Any], exchange: Exchange) -> list[str]:
        described = operation.get("requestBody")
        body = exchange.request_body
        if body is None:
            missing = described is not None and described.get("required")
            return ["has no body"] if missing and operation["operationId"] not in WITHOUT_BODY else []
        if described is None:
            return ["has a body, and none is described"]
        for where in INTEGER_IDS["*"] + INTEGER_IDS.get(operation["operationId"], ()):
            body = _converted(body, where, int, str)
        for where in TEXT_BITS.get(operation["operationId"], ()):
            body = _converted(body, where, str, int)
        kinds = described["content"]
        kind = "application/json" if "application/json" in kinds else next(iter(kinds))
        pointer = (template, exchange.method.lower(), "requestBody", "content", kind, "schema")
        return self._errors(pointer, body)

    def _response(self, template: str, operation: dict[str, Any], exchange: Exchange) -> list[str]:
        responses = operation["responses"]
        status = str(exchange.status)
        key = status if status in responses else f"{status[0]}XX"
        if key not in responses:
            return [f"is not among the described statuses {', '.join(responses)}"]
        if "$ref" in responses[key]:
            name = responses[key]["$ref"].rsplit("/", 1)[1]
            pointer: tuple[str, ...] = ("", "components", "responses", name, "content", "application/json", "schema")
        elif "content" not in responses[key]:
            return [] if exchange.response_body is None else ["has a body, and none is described"]
        else:
            pointer = (template, exchange.method.lower(), "responses", key, "content", "application/json", "schema")
        return self._errors(pointer, _with_numbered_errors(exchange.response_body))

    def _errors(self, pointer: tuple[str, ...], body: Any) -> list[str]:
        error = best_match(self._validator(pointer).iter_errors(body))
        return [] if error is None else [f"{error.json_path}: {error.message[:300]}"]

    def _make_validator(self, pointer: tuple[str, ...]) -> Draft202012Validator:
        head, *rest = pointer
        parts = rest if head == "" else ["paths", head, *rest]
        fragment = "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)
        # In a URI's fragment braces are escaped.
        fragment = fragment.replace("{", "%7B").replace("}", "%7D")
        return Draft202012Validator({"$ref": f"{_URN}#/{fragment}"}, registry=self._registry)


def _with_numbered_errors(body: Any) -> Any:
    """A refusal with numbers for the codes of its field errors.

    Discord sends names there, as `BASE_TYPE_REQUIRED` (its documentation, "Error Messages"), as the sandbox does;
    its OpenAPI description says integer.
    """
    if isinstance(body, list):
        return [_with_numbered_errors(one) for one in body]
    if not isinstance(body, dict):
        return body
    return {
        key: 0 if key == "code" and isinstance(value, str) and "_" in value else _with_numbered_errors(value)
        for key, value in body.items()
    }


def _converted(body: Any, where: tuple[str, ...], of: type, to: type) -> Any:
    """A body with what is of a type at a path as another; `*` stands for every item of a list."""
    if not where:
        return to(body) if isinstance(body, of) else body
    head, *rest = where
    if head == "*":
        return [_converted(item, tuple(rest), of, to) for item in body] if isinstance(body, list) else body
    if not isinstance(body, dict) or head not in body:
        return body
    return {**body, head: _converted(body[head], tuple(rest), of, to)}
