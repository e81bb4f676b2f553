"""What goes wrong with a remote judge: the server, or one answer of it."""

from __future__ import annotations

from bot.judge.interface import JudgeError


class RemoteError(JudgeError):
    """The server cannot be used as things are: it counts against it. `status` is the HTTP status, if there was one."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status


class AnswerError(JudgeError):
    """One question was refused, or its answer is of no use; that says nothing about the next message."""
