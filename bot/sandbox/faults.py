"""Faults on request: a route's next answers fail, before or after the request took effect, or the gateway's frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(eq=False, slots=True)
class Fault:
    """The next `times` requests of a route are answered with `status`; 0 cuts the connection.

    `after` tells whether the request still takes effect, which its caller then cannot know. `delay` is in seconds.
    """

    method: str
    template: str
    status: int = 500
    times: int = 1
    after: bool = False
    delay: float = 0.0
    body: dict[str, object] | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        """None yet."""
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let a route fail."""
        self._pending.append(fault)

    def withdraw(self, fault: Fault) -> None:
        """Let a route no longer fail where it was not asked for until now."""
        if fault in self._pending:
            self._pending.remove(fault)

    def clear(self) -> None:
        """Let nothing fail any more."""
        self._pending.clear()

    def next(self, method: str, template: str) -> Fault | None:
        """The fault of this request, used up by one."""
        for fault in self._pending:
            if (fault.method, fault.template) == (method, template):
                fault.times -= 1
                if fault.times <= 0:
                    self._pending.remove(fault)
                return fault
        return None


class Effect(StrEnum):
    """What goes wrong with a frame of the gateway."""

    WITHHELD = "withheld"
    """It does not arrive."""
    REPEATED = "repeated"
    """It arrives twice."""
    TORN = "torn"
    """The connection is reset in the midst of it."""
    CLOSED = "closed"
    """The connection is closed in its place."""
    REFUSED = "refused"
    """What a client sends is answered with op 9: its session is no good, and forgotten."""


@dataclass(slots=True)
class GatewayFault:
    """The next `times` frames of an opcode go wrong; `event` is the name of the event for opcode 0.

    What a bot sends as IDENTIFY, RESUME or HEARTBEAT is named by its opcode too; it cannot be repeated or torn.
    Members' own apps are spared from the moment they are logged in.
    """

    op: int
    effect: Effect
    event: str = ""
    times: float = 1
    code: int = 4000


class GatewayFaults:
    """The faults of the gateway that are still to come."""

    def __init__(self) -> None:
        """None yet."""
        self._pending: list[GatewayFault] = []

    def add(self, op: int, effect: Effect, event: str = "", *, times: float = 1, code: int = 4000) -> None:
        """Let frames go wrong; `math.inf` times until `clear`."""
        self._pending.append(GatewayFault(op, effect, event, times, code))

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._pending.clear()

    def next(self, op: int, event: str = "") -> GatewayFault | None:
        """The fault of this frame, used up by one."""
        for fault in self._pending:
            if (fault.op, fault.event) == (op, event) and fault.times > 0:
                fault.times -= 1
                return fault
        return None
