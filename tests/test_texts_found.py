"""What the source asks to be translated is what `make messages` finds there."""

from __future__ import annotations

import ast
import re

from tests.test_texts import KEYWORDS, ROOT, extracted


def test_every_text_that_is_asked_for_is_found_with_its_plural() -> None:
    """Babel looks into no f-string: a call within one would stay in English."""
    found, lost = extracted(), []
    for path in sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "cogs").rglob("*.py")]):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", "") not in KEYWORDS:
                continue
            texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if texts and (texts[0] not in found or (len(texts) > 1 and found[texts[0]] != texts[1])):
                lost.append(f"{path.relative_to(ROOT)}:{call.lineno}: {texts[0][:60]!r}")
    assert lost == []


TOLD = frozenset({"RefusedError", "NotAllowedError", "PolicyError", "SignInError", "JudgeError"})
"""What is told to whoever asked, in a command or on the console."""
_OF_A_REMOTE_JUDGE = frozenset({"RemoteError", "AnswerError", "_PassingError"})
_FOR_THE_SHELL = ("bot/bench/", "bot/cli/", "bot/judge/remote/server.py")
"""Where the shell alone hears of errors, which speaks English."""


def test_what_somebody_is_refused_with_is_in_the_catalogues() -> None:
    bare = []
    for path in sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "cogs").rglob("*.py")]):
        name = str(path.relative_to(ROOT))
        calls = [one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.Call) and one.args]
        for call in calls:
            said = call.args[0]
            if getattr(call.func, "id", "") not in TOLD | _OF_A_REMOTE_JUDGE or name.startswith(_FOR_THE_SHELL):
                continue
            texts = said.values if isinstance(said, ast.JoinedStr) else [said]
            if any(isinstance(one, ast.Constant) and re.search(r"\w", str(one.value)) for one in texts):
                bare.append(f"{name}:{call.lineno}")
    assert bare == []
