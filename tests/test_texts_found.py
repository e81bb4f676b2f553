"""What the source asks to be translated is what `make messages` finds there."""

from __future__ import annotations

import ast

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
