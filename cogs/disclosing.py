"""What is on record about a member, as files within Discord's limit. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from bot.discord_io.refusal import RefusedError
from bot.language import tr

MOST_FILES = 10
_SECTIONS = ("messages", "in_context_of_others", "learned_examples", "as_moderator", "reports", "settings")
# What a file holds besides its records.
_FRAME_BYTES = 1_000


class Files:
    """Gathers records into JSON files of at most `most_bytes` each; every file can be read by itself."""

    def __init__(self, guild_id: int, member_id: int, at: datetime, most_bytes: int) -> None:
        """For what is held about a member as of a time."""
        self._head = {"server_id": str(guild_id), "member_id": str(member_id), "exported_at": at.isoformat()}
        self._room = most_bytes - _FRAME_BYTES
        self._parts: list[dict[str, list[str]]] = [{}]
        self._size = 0
        self.counts = dict.fromkeys(_SECTIONS, 0)

    def add(self, section: str, record: dict[str, Any]) -> None:
        """Take a record in; RefusedError where it does not fit MOST_FILES any more."""
        line = json.dumps(record, ensure_ascii=False)
        size = len(line.encode("utf-8", "replace")) + len(",\n")
        if self._size + size > self._room:
            if len(self._parts) == MOST_FILES:
                raise RefusedError(
                    tr(
                        "More is on record about them than fits {number} files on Discord: ask whoever runs the bot to "
                        "read it from the database.",
                        number=MOST_FILES,
                    )
                )
            self._parts.append({})
            self._size = 0
        self._parts[-1].setdefault(section, []).append(line)
        self._size += size
        self.counts[section] += 1

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on record."""
        return not any(self.counts.values())

    def texts(self) -> list[str]:
        """The files' texts, the first one first."""
        return [self._text(part, number) for number, part in enumerate(self._parts, 1)]

    def _text(self, part: dict[str, list[str]], number: int) -> str:
        head = json.dumps({**self._head, "part": number, "parts": len(self._parts)})[:-1]
        body = (f',\n"{section}": [\n' + ",\n".join(part.get(section, ())) + "\n]" for section in _SECTIONS)
        return head + "".join(body) + "\n}\n"
