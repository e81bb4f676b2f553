"""Every text that members and moderators read goes through the catalogues, and every catalogue has them all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from bot.language import LANGUAGES, SOURCE
from bot.resources import resource_dir

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = {"tr": None, "trn": (1, 2), "mark": None}
with (ROOT / "bot/locales/babel.cfg").open() as mapping:
    METHODS, _ = parse_mapping_cfg(mapping)
SPOKEN = ("cogs", "bot/discord_io")
"""Folders in which every text is for members and moderators."""
_WORDS = re.compile(r"[A-Za-z]{2,}[,.:;]? [A-Za-z]{2,}")
_NOT_SPOKEN = frozenset({"tr", "trn", "mark", "compile", "fullmatch", "legend"})
"""Calls whose texts are translated already, are patterns, or say where a chart's legend stands."""


@cache
def extracted() -> dict[str, str | None]:
    """Every text in the source that is to be translated, with its plural if it has one."""
    found: dict[str, str | None] = {}
    for folder in ("bot", "cogs"):
        for _, _, message, _, _ in extract_from_dir(str(ROOT / folder), method_map=METHODS, keywords=KEYWORDS):
            one, many = message if isinstance(message, tuple) else (message, None)
            found[one] = many or found.get(one)
    return found


def held(language: str) -> Catalog:
    """A language's catalogue."""
    with (resource_dir("locales") / language / "LC_MESSAGES" / "lawspeaker.po").open("rb") as file:
        return read_po(file, locale=language)


def unmarked(path: Path) -> Iterator[str]:
    """Texts of several words in a module that are neither translated nor docstrings, patterns or for the log."""

    def walk(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            if name in _NOT_SPOKEN or (isinstance(owner, ast.Name) and owner.id == "log"):
                return
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORDS.search(node.value):
            yield f"{path.relative_to(ROOT)}:{node.lineno}: {node.value[:60]!r}"
        for child in ast.iter_child_nodes(node):
            if child is not getattr(node, "annotation", None) and child is not getattr(node, "returns", None):
                yield from walk(child)

    yield from walk(ast.parse(path.read_text("utf-8")))


def names_in(text: str) -> list[str]:
    """The `{names}` of a text with how they are written, in alphabetical order."""
    return sorted(f"{name}:{spec}" for _, name, spec, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("folder", SPOKEN)
def test_every_text_for_members_and_moderators_goes_through_the_catalogues(folder: str) -> None:
    assert [one for path in sorted((ROOT / folder).glob("*.py")) for one in unmarked(path)] == []


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != SOURCE])
def test_every_catalogue_has_every_text_and_no_other(language: str) -> None:
    wanted = extracted()
    catalogue = {one.id[0] if one.pluralizable else one.id: one for one in held(language) if one.id}
    assert sorted(wanted.keys() - catalogue.keys()) == [], "run make messages, then translate"
    assert sorted(catalogue.keys() - wanted.keys()) == [], "run make messages"
    empty = [key for key, one in catalogue.items() if not all(one.string if one.pluralizable else [one.string])]
    assert empty == []
    assert [key for key, one in catalogue.items() if one.fuzzy] == []
    assert [key for key, many in wanted.items() if bool(many) != bool(catalogue[key].pluralizable)] == []


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != SOURCE])
def test_a_translation_names_what_its_text_names(language: str) -> None:
    wrong = []
    for one in held(language):
        if not one.id:
            continue
        if one.pluralizable:
            allowed = names_in(one.id[1])
            wrong += [form for form in one.string if names_in(form) not in (allowed, names_in(one.id[0]))]
        elif re.search(r"\{\w+(:[^}]*)?\}", one.id) and names_in(one.string) != names_in(one.id):
            wrong.append(one.string)
    assert wrong == []
