"""Answers of a long evaluation, kept beside its report as they come: one that is cut off goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.cli.common import CliError

_JUDGE = Path(__file__).parent.parent / "judge"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer: the probability, the likeliest rule, whether the text was cut, and seconds since the one before."""

    probability: float
    likeliest: str | None = None
    cut: bool = False
    seconds: float = 0.0


class KeptAnswers:
    """The answers of one way of judging: in a file, or, without a folder, only for as long as the command runs."""

    def __init__(self, folder: Path | None, way: str, made_by: Sequence[str]) -> None:
        """Find what is there already, unless it was `made_by` anything else: another policy, model or judge.

        CliError where the file cannot be read or written.
        """
        self._file = folder / f".{way}.unfinished.jsonl" if folder else None
        self._head = json.dumps({"made_by": hashlib.sha256("\n".join(made_by).encode()).hexdigest()})
        self._known: dict[str, Kept] = {}
        if self._file:
            with self._usable():
                self._open(self._file)

    def __contains__(self, text: str) -> bool:
        """Whether there is an answer for a text."""
        return _digest(text) in self._known

    def __getitem__(self, text: str) -> Kept:
        """The answer for a text; KeyError where there is none."""
        return self._known[_digest(text)]

    @property
    def seconds(self) -> float:
        """What all answers took."""
        return sum(kept.seconds for kept in self._known.values())

    def missing(self, texts: Iterable[str]) -> list[str]:
        """The texts without an answer, each once, in order."""
        return [text for text in dict.fromkeys(texts) if text not in self]

    def keep(self, text: str, kept: Kept) -> None:
        """Add an answer; CliError where it cannot be written."""
        self._known[_digest(text)] = kept
        if self._file:
            with self._usable(), self._file.open("a", encoding="utf-8") as file:
                file.write(_line(_digest(text), kept))

    def forget(self) -> None:
        """Remove the file: the evaluation is done."""
        if self._file:
            self._file.unlink(missing_ok=True)

    def _open(self, file: Path) -> None:
        lines = file.read_text("utf-8", "replace").splitlines() if file.exists() else []
        if lines[:1] == [self._head]:
            self._known = dict(row for row in map(_row, lines[1:]) if row)
        # Written anew: what an end in the middle of a line left is gone.
        rows = (_line(digest, kept) for digest, kept in self._known.items())
        file.write_text("".join([f"{self._head}\n", *rows]), "utf-8")

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = f"{self._file} cannot be used ({error.strerror})"
            raise CliError(f"{why}: remove it, or name another folder.") from None


def judge_digest() -> str:
    """SHA-256 of the judge's own code and weights: another version may answer otherwise."""
    digest = hashlib.sha256()
    for path in sorted(_JUDGE.iterdir()):
        if path.suffix in {".py", ".npz"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _line(digest: str, kept: Kept) -> str:
    return json.dumps({"text": digest, **asdict(kept)}) + "\n"


def _row(line: str) -> tuple[str, Kept] | None:
    """A text's digest and its answer; None for what is none, which an end in the middle of a line may leave."""
    try:
        told = json.loads(line)
        digest, kept = told.pop("text"), Kept(**told)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    numbers = all(isinstance(one, int | float) for one in (kept.probability, kept.seconds))
    if not numbers or not (0.0 <= kept.probability <= 1.0 and 0.0 <= kept.seconds < math.inf):
        return None
    if not isinstance(kept.likeliest, str | None) or not isinstance(kept.cut, bool) or not isinstance(digest, str):
        return None
    return digest, kept


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
