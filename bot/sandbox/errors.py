"""How the sandbox refuses a request: Discord's status, its error code, its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """A refusal. `code` is Discord's JSON error code; `errors` its tree of field errors for code 50035.

    Codes and sentences are those of Discord's documentation, "JSON Error Codes".
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        errors: Mapping[str, Any] | None = None,
        *,
        retry_after: float | None = None,
    ) -> None:
        """Refuse with an HTTP status, a code and a sentence; `retry_after` (seconds) for what may be tried again."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The JSON body of the refusal."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = dict(self.errors)
        if self.retry_after is not None:
            body |= {"retry_after": self.retry_after, "global": False}
        return body


def invalid_form(field: str, reason: str, kind: str = "BASE_TYPE_BAD") -> ApiError:
    """Refuse one field of a body; `field` is a dotted path as `embeds.0.title`."""
    tree: dict[str, Any] = {"_errors": [{"code": kind, "message": reason}]}
    for part in reversed(field.split(".")):
        tree = {part: tree}
    return ApiError(400, 50035, "Invalid Form Body", tree)


def unauthorised() -> ApiError:
    """No token, or one that is not known."""
    return ApiError(401, 0, "401: Unauthorized")


def missing_permissions() -> ApiError:
    """The caller lacks a permission or ranks too low."""
    return ApiError(403, 50013, "Missing Permissions")


def missing_access() -> ApiError:
    """The caller cannot see the channel or server."""
    return ApiError(403, 50001, "Missing Access")


_UNKNOWN = {
    "account": 10001,
    "application": 10002,
    "channel": 10003,
    "guild": 10004,
    "member": 10007,
    "message": 10008,
    "overwrite": 10009,
    "role": 10011,
    "user": 10013,
    "webhook": 10015,
    "ban": 10026,
    "interaction": 10062,
    "application command": 10063,
    "application command permissions": 10066,
}


def unknown(what: str) -> ApiError:
    """Nothing has this id; `what` is Discord's name for the thing, as `message`."""
    return ApiError(404, _UNKNOWN[what], f"Unknown {what.title()}")
