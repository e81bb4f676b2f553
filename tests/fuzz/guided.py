"""The properties of these tests under atheris, which looks for inputs that reach new code (`pip install atheris`).

`python -m tests.fuzz.guided PART [options of libFuzzer]` tries what is promised by the first test in `test_fuzz_*.py`
whose name holds PART and that needs nothing but its inputs and a folder. What atheris makes plays the Random by which
inputs are made (`makers.py`). It is no dependency of the project: there are platforms for which it is not to be had.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any


class Played(Random):
    """A Random that draws from given bytes, and only zeros when they are used up."""

    def __new__(cls, _: bytes) -> Played:
        """Bytes are no seed."""
        return super().__new__(cls, 0)

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._data, self._at = data, 0

    def getrandbits(self, k: int) -> int:
        """The next bits."""
        count = (k + 7) // 8
        taken = self._data[self._at : self._at + count]
        self._at += count
        return int.from_bytes(taken.ljust(count, b"\0"), "little") >> (count * 8 - k)

    def random(self) -> float:
        """The next fraction: 16 bits are enough for a choice."""
        return self.getrandbits(16) / 65_536


def properties() -> Iterator[tuple[str, Any]]:
    """All tests by name that need nothing but their inputs, and perhaps a folder."""
    for file in sorted(Path(__file__).parent.glob("test_fuzz_*.py")):
        module = importlib.import_module(f"tests.fuzz.{file.stem}")
        for name, test in vars(module).items():
            if name.startswith("test_") and hasattr(test, "promised"):
                wanted = test.promised.__code__.co_varnames[: test.promised.__code__.co_argcount]
                if set(wanted) - set(test.makers) <= {"folder"}:
                    yield name.removeprefix("test_"), test


def once(test: Any, folder: Path) -> Callable[[bytes], None]:
    """What is tried with some bytes."""
    code = test.promised.__code__
    fixtures = {"folder": folder} if "folder" in code.co_varnames[: code.co_argcount] else {}

    def play(data: bytes) -> None:
        random = Played(data)
        test.promised(**{name: make(random) for name, make in test.makers.items()}, **fixtures)

    return play


def main() -> None:
    """Try one property until it fails, or for as long as the options say."""
    import atheris

    part, *options = sys.argv[1:] or [""]
    with atheris.instrument_imports(include=["bot", "cogs"]):
        found = dict(properties())
    named = next((test for name, test in found.items() if part and part in name), None)
    if named is None:
        sys.exit("Name one of:\n" + "\n".join(found))
    with tempfile.TemporaryDirectory() as folder:
        atheris.Setup([sys.argv[0], *options], once(named, Path(folder)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
