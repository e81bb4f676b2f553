"""Faults on request: the next answers of a route fail, before or after the request took effect."""

from __future__ import annotations

from dataclasses import dataclass


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
