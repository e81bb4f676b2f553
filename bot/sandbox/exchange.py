"""A REST request and its answer as they went over the wire, for whoever holds them against Discord's description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """Bodies are parsed JSON, of a multipart request its `payload_json`; None where there was none."""

    method: str
    path: str
    template: str
    request_body: Any
    status: int
    response_body: Any
    query: str = ""
    caller: int | None = None
    by_bot: bool = False
