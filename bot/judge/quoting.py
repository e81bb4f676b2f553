"""How members' words are put into a prompt as data, and what was said before a message apart from it. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.domain.submission import ContextMessage

# A server turns the words of control tokens (<|im_end|>, </s>, [INST]) into the tokens, in a message too. Escaped they
# are none, and still JSON.
_CONTROL = frozenset("<>[]")


def quoted(text: str) -> str:
    """A JSON string that holds `text` and cannot end its own frame.

    No line break, no invisible character, no lone half of a pair and nothing that a server reads as a control token is
    left as it is.
    """
    return f'"{"".join(_escaped(char) for char in text)}"'


def _escaped(char: str) -> str:
    if char in _CONTROL:
        return f"\\u{ord(char):04x}"
    if char in '"\\' or not char.isprintable():
        return json.dumps(char)[1:-1]
    return char


def lines_before(context: Sequence[ContextMessage]) -> list[str]:
    """The messages before the one to be judged, one a line and each quoted, so that none can pass for that one."""
    if not context:
        return []
    told = (f"- {quoted(one.author)}: {quoted(one.text)}" for one in context)
    return ["Messages before it, not to be judged:", *told]
