"""What comes with a request: JSON, alone or with files in a multipart form; for OAuth2, a form of texts."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from typing import Any, NoReturn
from urllib.parse import unquote_plus

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.sandbox.errors import ApiError
from bot.sandbox.posting import Upload

MAX_FILE_BYTES = 10 * 1024 * 1024
_NO_BODY = frozenset({"GET", "HEAD"})
_NO_FORM = (ValueError, RuntimeError, AssertionError, LookupError, HttpProcessingError)
"""What aiohttp raises for a form without a boundary, cut off, or in an encoding that it does not know."""
_NUMBERED = re.compile(r"files\[(\d{1,3})\]")


async def read(request: web.Request) -> tuple[Any, list[Upload]]:
    """The body's JSON and files. ApiError 40005 for what is too large, 50109 for what is no JSON or no form."""
    if request.method in _NO_BODY or not request.can_read_body:
        return None, []
    try:
        if request.content_type != "multipart/form-data":
            return parsed(await request.read()), []
        return await _form(request)
    except web.HTTPRequestEntityTooLarge:
        raise _too_large() from None
    except _NO_FORM:
        raise _not_json() from None


async def read_form(request: web.Request) -> tuple[dict[str, str], list[Upload]]:
    """A form's fields, as OAuth2 has them: the client's id and secret may come as a Basic login instead.

    ApiError 50109 for a body of any other type.
    """
    if request.content_type != "application/x-www-form-urlencoded":
        raise ApiError(400, 50109, "The request body contains invalid JSON.")
    try:
        fields = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except web.HTTPRequestEntityTooLarge:
        raise _too_large() from None
    except _NO_FORM:
        raise _not_json() from None
    return {**fields, **_basic_login(request.headers.get("Authorization", ""))}, []


def _basic_login(header: str) -> dict[str, str]:
    try:
        login = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return {}
    name, colon, password = login.partition(":")
    return {"client_id": unquote_plus(name), "client_secret": unquote_plus(password)} if colon else {}


def parsed(data: bytes) -> Any:
    """JSON, or None for nothing; ApiError 50109 for anything else, numbers that are none included."""
    if not data:
        return None
    try:
        return json.loads(data, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        raise _not_json() from None


async def _form(request: web.Request) -> tuple[Any, list[Upload]]:
    payload: Any = None
    files: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            payload = parsed(content)
        elif len(content) > MAX_FILE_BYTES:
            raise _too_large()
        else:
            kind = part.headers.get("Content-Type")
            kind = None if kind == "application/octet-stream" else kind
            numbered = _NUMBERED.fullmatch(part.name or "")
            number = int(numbered[1]) if numbered else len(files)
            files.append(Upload(part.filename or "file", content, kind, number))
    return payload, files


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def _not_json() -> ApiError:
    return ApiError(400, 50109, "The request body contains invalid JSON.")


def _too_large() -> ApiError:
    return ApiError(413, 40005, "Request entity too large")
