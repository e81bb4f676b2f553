"""Sealing: a text is encrypted under a key before it reaches the database, and opened on its way back.

It is a token of Fernet (`cryptography.fernet`: AES-128-CBC with HMAC-SHA256) behind a marker that names its key. By
that a query finds what is under an older key, and a key that is missing is told from a value that is damaged. What has
no marker is plain, from before a key was set.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken

from bot.language import mark, tr
from bot.store.engine import StoreError

SEALED = "lawspeaker:sealed:"
"""How a sealed text begins; the id of its key and a colon follow, then the token."""
_PLAIN = "lawspeaker:plain:"
"""Stands before a plain text that itself begins with a marker."""
_ID_CHARACTERS = 8
# Two words of a server have the same token about never, and nobody finds a word by trying without the key.
_TOKEN_BYTES = 10
WITHOUT_ITS_KEY = mark(
    "The database holds words that are sealed with a key which is not there: name in LAWSPEAKER_CONTENT_KEY_FILE the "
    "file with it, and put it back from a backup if need be."
)


class Seal:
    """The first key seals, all of them open; without any, texts stay plain."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        """Take Fernet's keys, 32 bytes in URL-safe Base64 each; ValueError where one is none."""
        self._by_prefix = {_prefix(key): Fernet(key) for key in keys}
        # Of its own for what it is used for: a token says nothing of the key that seals.
        self._words = hmac.digest(keys[0].encode(), b"lawspeaker:words", "sha256") if keys else None

    @property
    def prefixes(self) -> tuple[str, ...]:
        """How texts begin that it opens, what it seals itself first."""
        return tuple(self._by_prefix)

    @property
    def hides_words(self) -> bool:
        """Whether there is a key."""
        return self._words is not None

    def token(self, place: int, word: str) -> str:
        """What stands for a word where words are looked for, the same each time under the first key and in one place.

        TypeError where there is no key: words stand there as they are then.
        """
        if self._words is None:
            raise TypeError("there is no key")
        digest = hmac.digest(self._words, f"{place}:{word}".encode(), "sha256")
        return base64.b32encode(digest[:_TOKEN_BYTES]).decode("ascii").lower()

    def seal(self, text: str) -> str:
        """The text as it is to be kept. An empty one stays empty: that there is nothing is no secret."""
        if not text:
            return text
        for prefix, fernet in self._by_prefix.items():
            return prefix + fernet.encrypt(text.encode()).decode("ascii")
        return _PLAIN + text if text.startswith((SEALED, _PLAIN)) else text

    def open(self, kept: str) -> str:
        """The text that was kept; StoreError where its key is not there, or it is damaged."""
        if kept.startswith(_PLAIN):
            return kept.removeprefix(_PLAIN)
        if not kept.startswith(SEALED):
            return kept
        end = len(SEALED) + _ID_CHARACTERS + 1
        fernet = self._by_prefix.get(kept[:end])
        if fernet is None:
            raise StoreError(tr(WITHOUT_ITS_KEY))
        try:
            return fernet.decrypt(kept[end:]).decode()
        except (InvalidToken, ValueError):  # the latter for what no token can hold
            raise StoreError(tr("Something in the database is damaged: restore a backup.")) from None


def _prefix(key: str) -> str:
    """The marker of what is sealed with a key. A key is random, so that nobody finds it by its digest."""
    return f"{SEALED}{hashlib.sha256(key.encode()).hexdigest()[:_ID_CHARACTERS]}:"
