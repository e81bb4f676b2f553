"""The file with the chain's key: made when it is first needed, for its owner alone."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from bot.domain.chain import KEY_BYTES, ChainKey
from bot.language import tr
from bot.store.engine import StoreError, sqlite_file


class KeyFile:
    """Reads the key once. A database in memory has one that lives as long as itself."""

    def __init__(self, url: str, path: Path | None) -> None:
        """`path` is beside a SQLite database unless given."""
        file = sqlite_file(url)
        self.path = path or (file.with_name(f"{file.stem}.chain-key") if file else None)
        self._in_memory = url.startswith("sqlite") and file is None
        self._key: ChainKey | None = None

    def existing(self) -> ChainKey | None:
        """The key; None where there is none yet. StoreError where the file cannot be used."""
        if self._key is None and self.path is not None:
            try:
                self._key = ChainKey(bytes.fromhex(self.path.read_text("ascii").strip()))
            except FileNotFoundError:
                return None
            except (OSError, ValueError) as error:
                # What is wrong with the text is not told: the text may be half a key.
                why = error.strerror if isinstance(error, OSError) else tr("it does not hold a key")
                raise StoreError(
                    tr(
                        "The chain's key {file} cannot be read ({why}): put the right one back from a backup.",
                        file=self.path,
                        why=why,
                    )
                ) from None
        return self._key

    def key(self) -> ChainKey:
        """The key, made now where there is none; StoreError where it can be neither read nor made."""
        found = self.existing()
        if found is None:
            made = secrets.token_bytes(KEY_BYTES)
            if self.path is not None:
                _write_new(self.path, made.hex())
                found = self.existing()
            elif self._in_memory:
                found = ChainKey(made)
        if found is None:
            raise StoreError(tr("There is no place for the chain's key: set LAWSPEAKER_CHAIN_KEY_FILE."))
        self._key = found
        return found


def _write_new(path: Path, text: str) -> None:
    """Write a file that only its owner may read; one that another process made meanwhile is left. StoreError."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        # The whole file appears at once, and never in place of another.
        with suppress(FileExistsError):
            os.link(draft, path)
    except OSError as error:
        raise StoreError(
            tr(
                "The chain's key {file} cannot be written ({why}): make its folder writable.",
                file=path,
                why=error.strerror,
            )
        ) from None
    finally:
        draft.unlink(missing_ok=True)
