"""Talks to a remote server over HTTP, and trusts nothing it says: bounded in time, size and tries.

Redirects are not followed: members' messages and the key go to the address that was set and nowhere else. What a
server answers is never put into an error or a log line, for it may repeat a message or the key.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from pydantic import SecretStr

from bot.judge.remote.errors import AnswerError, RemoteError
from bot.language import mark, tr

MOST_BYTES = 1_000_000
_CHUNK = 64 * 1024
_AGAIN_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_THIS_QUESTION = frozenset({400, 413, 422})


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a question is tried, and how long is waited between, in seconds."""

    tries: int = 3
    first_wait: float = 0.5
    longest_wait: float = 10.0

    def wait(self, tried: int, asked_for: float | None, chance: float) -> float | None:
        """Seconds to wait after `tried` tries; None where to give up.

        They double with each try, and a `chance` in [0, 1) takes up to half off, so that clients that failed together
        do not come back together. A server that asks for a time gets it, and for one beyond `longest_wait` is left.
        """
        if tried >= self.tries or (asked_for is not None and asked_for > self.longest_wait):
            return None
        doubled = self.first_wait * 2.0 ** (tried - 1) * (1.0 - chance / 2.0)
        return min(max(doubled, asked_for or 0.0), self.longest_wait)


def seconds_asked_for(retry_after: str | None, now: datetime) -> float | None:
    """What a Retry-After header asks for, as seconds or as a date (RFC 9110, 10.2.3); None where it says nothing."""
    if retry_after is None:
        return None
    if retry_after.strip().isascii() and retry_after.strip().isdigit():
        return float(retry_after.strip()[:9])
    try:
        until = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    return max((until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds(), 0.0)


class _PassingError(RemoteError):
    """It may work in a moment; `asked_for` is how many seconds the server asks to wait."""

    def __init__(self, sentence: str, status: int | None = None, asked_for: float | None = None) -> None:
        super().__init__(sentence, status)
        self.asked_for = asked_for


class Client:
    """A server at `base` (`http://127.0.0.1:8080/v1`); open it in a running loop, and close it."""

    def __init__(self, base: str, key: SecretStr | None, seconds: float, patience: Patience | None = None) -> None:
        """A question may take `seconds`, tries and waits between them included."""
        self.base = base.rstrip("/")
        self._key = key
        self._seconds = seconds
        self._patience = patience or Patience()
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make ready to ask; nothing is sent yet."""
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Lawspeaker"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        self._session = aiohttp.ClientSession(
            headers=headers,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # one limit for all tries, below
        )

    async def close(self) -> None:
        """Break off what is being asked."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, path: str) -> bytes:
        """What the server has at `path`; see `post`."""
        return await self._patiently("GET", path, None)

    async def post(self, path: str, body: Mapping[str, Any]) -> bytes:
        """The server's answer, at most MOST_BYTES; AnswerError where it refuses this question, RemoteError else."""
        return await self._patiently("POST", path, json.dumps(body).encode())

    async def _patiently(self, method: str, path: str, body: bytes | None) -> bytes:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._until_answered(method, path, body)
        except TimeoutError:
            raise RemoteError(
                tr("The remote server did not answer within {seconds:g} seconds.", seconds=self._seconds)
            ) from None

    async def _until_answered(self, method: str, path: str, body: bytes | None) -> bytes:
        tried = 0
        while True:
            tried += 1
            try:
                return await self._once(method, path, body)
            except _PassingError as error:
                pause = self._patience.wait(tried, error.asked_for, random.random())  # noqa: S311 - no secret
                if pause is None:
                    raise
                await asyncio.sleep(pause)

    async def _once(self, method: str, path: str, body: bytes | None) -> bytes:
        if self._session is None:
            raise RemoteError(mark("The remote judge is not running."))
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            async with self._session.request(
                method, f"{self.base}/{path}", data=body, headers=headers, allow_redirects=False
            ) as response:
                _check(response)
                return await _bounded(response)
        except TimeoutError:
            raise
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError) as error:
            raise _PassingError(
                tr("The remote server cannot be reached ({error}).", error=type(error).__name__)
            ) from None
        except (aiohttp.ClientError, ValueError) as error:
            raise RemoteError(
                tr("The remote server does not speak HTTP as it should ({error}).", error=type(error).__name__)
            ) from None


def _check(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status == 200:
        return
    if status in _AGAIN_LATER:
        asked_for = seconds_asked_for(response.headers.get("Retry-After"), datetime.now(UTC))
        said = tr("The remote server is busy or failing (status {status}).", status=status)
        raise _PassingError(said, status, asked_for)
    if status in _NOT_THIS_QUESTION:
        raise AnswerError(
            tr(
                "The remote server refuses the question (status {status}); it may be too long for the model.",
                status=status,
            )
        )
    if status in (401, 403):
        raise RemoteError(
            tr("The remote server refuses the key (status {status}): see LAWSPEAKER_REMOTE_API_KEY.", status=status),
            status,
        )
    if 300 <= status < 400:
        raise RemoteError(
            tr(
                "The remote server sends elsewhere (status {status}), which is not followed: set LAWSPEAKER_REMOTE_URL "
                "to where the server really is.",
                status=status,
            ),
            status,
        )
    raise RemoteError(
        tr(
            "The remote server knows no such address or model (status {status}): see LAWSPEAKER_REMOTE_URL and "
            "LAWSPEAKER_REMOTE_MODEL.",
            status=status,
        ),
        status,
    )


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise RemoteError(mark("The remote server packs its answers though it was asked not to."))
    read = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        read += chunk
        if len(read) > MOST_BYTES:
            raise RemoteError(tr("The remote server's answer is longer than {most:,} bytes.", most=MOST_BYTES))
    return bytes(read)
