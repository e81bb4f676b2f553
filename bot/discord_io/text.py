"""Text for display: what members wrote made harmless (no pings, formatting, links or control characters), and lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.discord_io.limits import clip
from bot.language import tr

_MORE = 40
_MARKUP = re.compile(r"([\\*_~`|<>\[\]()#:@-])")


def plain(text: str) -> str:
    """`text` without control and invisible characters, line breaks kept."""
    return "".join(
        char for char in text if char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cn", "Cs"}
    )


def inert(text: str, most: int) -> str:
    """`text` escaped so that Discord shows it as it stands: mentions, markup and links do nothing.

    The result has at most `most` characters; an escape is never cut in two.
    """
    escaped = _MARKUP.sub(r"\\\1", plain(text).replace("@", "@\u200b"))
    if len(escaped) <= most:
        return escaped
    cut = escaped[: most - 1]
    trailing = len(cut) - len(cut.rstrip("\\"))
    return (cut[:-1] if trailing % 2 else cut) + "…"


def spoiler(text: str, most: int) -> str:
    """`text` made inert and hidden behind a spoiler, in at most `most` characters."""
    return f"||{inert(text, most - 4)}||" if text else ""


def terminal(text: str, most: int = 200) -> str:
    """`text` on one line for a terminal: no escape sequences, no line breaks."""
    return clip(" ".join(plain(text).split()), most)


def listed(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    return names[0] if len(names) == 1 else tr("{names} and {last}", names=", ".join(names[:-1]), last=names[-1])


def within(lines: Sequence[str], most: int) -> str:
    """As many whole lines as fit `most` characters, and how many more there are."""
    kept: list[str] = []
    room = most - _MORE
    for line in lines:
        if len(line) + 1 > room:
            break
        kept.append(line)
        room -= len(line) + 1
    left = len(lines) - len(kept)
    return "\n".join([*kept, tr("… and {number:,} more", number=left)] if left else kept)
