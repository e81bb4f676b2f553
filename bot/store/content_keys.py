"""The file with the keys under which words are sealed: one a line, the first seals. For its owner alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.fernet import Fernet

from bot.store.engine import StoreError
from bot.store.files import PRIVATE, sync
from bot.store.seal import Seal


def read_seal(path: Path | None) -> Seal:
    """The seal by the keys of a file, one without keys where none is named; StoreError where it cannot be used."""
    if path is None:
        return Seal()
    text = _read(path)
    if text is None:
        raise StoreError(
            f"There is no content key {path}: put it back from a backup, or make a first one with "
            "`lawspeaker db new-key`."
        )
    return _seal(path, text)


def add_key(path: Path) -> int:
    """Put a fresh key before those of a file, or make the file; how many it holds now. StoreError.

    The file is replaced as a whole: at no moment, and after no crash, are keys missing from it.
    """
    text = _read(path)
    known = len(_seal(path, text).prefixes) if text is not None else 0
    draft = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whoever makes a key at the same moment finds the draft there, and no key is lost to the other.
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError:
        raise StoreError(f"Another key is being made: if that was cut off, delete {draft} and try again.") from None
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{Fernet.generate_key().decode('ascii')}\n{text or ''}")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        draft.unlink(missing_ok=True)
    return known + 1


def _read(path: Path) -> str | None:
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        # What is wrong with the text is not told: the text may be half a key.
        why = error.strerror if isinstance(error, OSError) else "it does not hold keys"
        raise StoreError(f"The content key {path} cannot be read ({why}): put the right one back.") from None


def _seal(path: Path, text: str) -> Seal:
    keys = list(_keys(text))
    try:
        seal = Seal(keys)
    except ValueError:
        keys = []
    if not keys:
        raise StoreError(f"The content key {path} does not hold a key on each line: put the right one back.")
    return seal


def _keys(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if key := line.strip():
            yield key


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"The content key {path} cannot be written ({error.strerror}): make its folder writable.")
