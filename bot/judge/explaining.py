"""Explanations of several messages, written side by side, a step at a time, so that verdicts can come between."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.policy_text import parse_policy
from bot.domain.verdict import AS_AN_ANSWER
from bot.judge.card import Card
from bot.judge.engine import Continuation, Engine, EngineError, Keep, Prefix
from bot.judge.judging import Asked, Judging
from bot.judge.prompts import reason_asked, reason_prefix, reason_rule
from bot.judge.rationale import clauses, finished, tidy_reason
from bot.judge.reader import Heard
from bot.judge.writing import Writing

REASON_TOKENS = 56
REASON_MESSAGE_TOKENS = 360
# Of what was said before a message so many lines, the last ones, are in sight when the reason is written.
REASON_LINES = 2
# Clauses of messages that are read in one step: about as many as messages are judged at once.
CLAUSES_TOGETHER = 24


@dataclass(frozen=True, slots=True)
class Explained:
    """A rationale, and a verbatim quote of the message."""

    rationale: str
    quote: str


@dataclass(slots=True, eq=False)
class Task:
    """A message whose breaking of a rule is to be explained, and how far that is; `outcome` at the end."""

    asked: Asked
    rule_key: str
    rule_text: str = ""
    rule_tokens: int = 0
    spans: Sequence[str] = ()
    prompt: tuple[int, ...] = ()
    quote: str = ""
    writing: Writing | None = None
    outcome: Explained | Exception | None = None


class Explaining:
    """Explanations that wait or are being written."""

    def __init__(self, engine: Engine, judging: Judging) -> None:
        """Write with `engine`; `judging` finds what to quote."""
        self._engine = engine
        self._judging = judging
        self._waiting: deque[Task] = deque()
        self._written: list[Task] = []

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._waiting or self._written)

    def ask(self, asked: Asked, rule_key: str) -> Task:
        """Explain why a message breaks a rule: in the steps to come."""
        task = Task(asked, rule_key)
        self._waiting.append(task)
        return task

    def explain(self, asked: Asked, rule_key: str) -> Explained:
        """Explain one at once; EngineError, KeyError where there is no such rule, ValueError."""
        task = self.ask(asked, rule_key)
        while task.outcome is None:
            self.step()
        if isinstance(task.outcome, Exception):
            raise task.outcome
        return task.outcome

    def step(self) -> list[Task]:
        """Begin those that wait, as many as there is room for, or else write one token more of each; those now done."""
        taken = self._admitted()
        if taken:
            return self._begin(taken)
        try:
            self._engine.advance([task.writing for task in self._written if task.writing])
        except EngineError as error:
            return self._fail(self._written, error)
        return self._done()

    def _admitted(self) -> list[Task]:
        """Those waiting longest whose clauses are read in one step and for whose texts there is room."""
        taken: list[Task] = []
        cells = clauses_taken = 0
        while self._waiting:
            task = self._waiting[0]
            if not task.prompt:
                self._prepare(task)
            cells += task.rule_tokens + len(task.prompt) + REASON_TOKENS
            clauses_taken += len(task.spans)
            if not self._engine.room_to_write(cells, len(taken)) or (taken and clauses_taken > CLAUSES_TOGETHER):
                break
            taken.append(self._waiting.popleft())
        return taken

    def _prepare(self, task: Task) -> None:
        """Read what is asked; what cannot be explained is taken on with its outcome."""
        try:
            task.rule_text = parse_policy(task.asked.source).rule(task.rule_key).text
        except (KeyError, ValueError) as error:
            task.outcome = error
            return
        task.rule_tokens = len(self._engine.tokenize(reason_rule(task.rule_text)))
        task.prompt = self._prompt(task)
        task.spans = clauses(task.asked.text)

    def _prompt(self, task: Task) -> tuple[int, ...]:
        cut = self._engine.detokenize(self._engine.tokenize(task.asked.text)[:REASON_MESSAGE_TOKENS])
        return self._engine.tokenize(reason_asked(cut, task.asked.before[-REASON_LINES:]))

    def _begin(self, tasks: list[Task]) -> list[Task]:
        refused = [task for task in tasks if task.outcome is not None]
        tasks = [task for task in tasks if task.outcome is None]
        if not tasks:
            return refused
        try:
            self._quote(tasks)
            self._leave_out_what_is_not_needed(tasks)
            asked = [Continuation(self._behind(task.rule_text), task.prompt) for task in tasks]
            begun = self._engine.begin(asked, REASON_TOKENS, finished)
        except (EngineError, ValueError, KeyError) as error:
            if len(tasks) == 1:
                return [*refused, *self._fail(tasks, error)]
            # One of them is to blame: the others must not suffer for it.
            return [*refused, *(done for task in tasks for done in self._begin([task]))]
        for task, writing in zip(tasks, begun, strict=True):
            task.writing = writing
            self._written.append(task)
        return [*refused, *self._done()]

    def _quote(self, tasks: Sequence[Task]) -> None:
        """Find the clause of each message that by itself breaks its rule most: verbatim by construction."""
        pieces: list[tuple[Card, Heard]] = []
        for task in tasks:
            if len(task.spans) > 1:
                # The other rules need not be read with each clause.
                alone = self._judging.card(task.asked.digest, task.asked.source).only(task.rule_key)
                pieces += [(alone, Heard(span)) for span in task.spans]
        odds = iter(self._judging.read(pieces))
        for task in tasks:
            told = [float(next(odds)[0]) for _ in task.spans] if len(task.spans) > 1 else [0.0]
            task.quote = task.spans[max(range(len(told)), key=told.__getitem__)]

    def _leave_out_what_is_not_needed(self, tasks: Sequence[Task]) -> None:
        """What was said before a message has no place in the reason where the message breaks the rule by itself."""
        behind = [task for task in tasks if task.asked.before]
        needed = self._judging.only_as_answers([(task.asked, task.rule_key) for task in behind])
        for task, answers in zip(behind, needed, strict=True):
            if not answers:
                task.asked = replace(task.asked, before=())
                task.prompt = self._prompt(task)

    def _behind(self, rule: str) -> Prefix:
        """What reasons of one rule stand behind: it stays for those to come, read again where others took its room."""
        return self._engine.prefix(reason_rule(rule), self._engine.prefix(reason_prefix(), keep=Keep.SHARED))

    def _done(self) -> list[Task]:
        done = [task for task in self._written if task.writing and task.writing.done]
        for task in done:
            self._written.remove(task)
            written = task.writing.text if task.writing else ""
            lead = f"{AS_AN_ANSWER}, " if task.asked.before else ""
            task.outcome = Explained(tidy_reason(task.rule_key, task.rule_text, written, task.quote, lead), task.quote)
        return done

    def _fail(self, tasks: Sequence[Task], error: Exception) -> list[Task]:
        failed = list(tasks)
        for task in failed:
            task.outcome = error
            if task.writing:
                self._engine.end(task.writing)
            if task in self._written:
                self._written.remove(task)
        return failed
