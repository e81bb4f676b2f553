"""What Discord refuses in a modal."""

from __future__ import annotations

from typing import Any

from bot.sandbox.checks.components import (
    FILE_UPLOAD,
    LABEL,
    ROW,
    SELECTS,
    TEXT_DISPLAY,
    TEXT_INPUT,
    check_select,
    check_unique_ids,
)
from bot.sandbox.checks.form import Form

# Radio group, checkbox group and checkbox came with labels; the library can send them.
_GROUPS = frozenset({21, 22, 23})
MOST_FILES = 10
_IN_LABEL = SELECTS | _GROUPS | {TEXT_INPUT, FILE_UPLOAD}


def check_modal(data: dict[str, Any]) -> None:
    """Refuse a modal (the `data` of a callback of type 9) that Discord would refuse, with `ApiError` 50035."""
    form = Form()
    form.text(data.get("custom_id"), "data.custom_id", 100, 1)
    form.text(data.get("title"), "data.title", 45, 1)
    for index, component in enumerate(form.items(data.get("components"), "data.components", 5, 1)):
        path = f"data.components.{index}"
        allowed = frozenset({ROW, TEXT_DISPLAY, LABEL})
        if form.record(component, path) and form.choice(component.get("type"), f"{path}.type", allowed):
            _check_part(form, path, component)
    check_unique_ids(form, "data.components", data.get("components"))
    form.refuse()


def _check_part(form: Form, path: str, part: dict[str, Any]) -> None:
    if part["type"] == ROW:
        for index, child in enumerate(form.items(part.get("components"), f"{path}.components", 1, 1)):
            where = f"{path}.components.{index}"
            only = frozenset({TEXT_INPUT})
            if form.record(child, where) and form.choice(child.get("type"), f"{where}.type", only):
                form.text(child.get("label"), f"{where}.label", 45, 1)
                _check_text_input(form, where, child)
    elif part["type"] == LABEL:
        form.text(part.get("label"), f"{path}.label", 45, 1)
        form.text(part.get("description"), f"{path}.description", 100)
        child = part.get("component")
        where = f"{path}.component"
        if form.record(child, where) and form.choice(child.get("type"), f"{where}.type", _IN_LABEL):
            if child["type"] == TEXT_INPUT:
                _check_text_input(form, where, child)
            elif child["type"] in SELECTS:
                check_select(form, where, child)
            elif child["type"] == FILE_UPLOAD:
                _check_file_upload(form, where, child)
    else:
        form.text(part.get("content"), f"{path}.content", 4_000, 1)


def _check_file_upload(form: Form, path: str, upload: dict[str, Any]) -> None:
    form.text(upload.get("custom_id"), f"{path}.custom_id", 100, 1)
    form.integer(upload.get("min_values"), f"{path}.min_values", 0, MOST_FILES)
    form.integer(upload.get("max_values"), f"{path}.max_values", 1, MOST_FILES)
    form.flag(upload.get("required"), f"{path}.required")


def _check_text_input(form: Form, path: str, text_input: dict[str, Any]) -> None:
    form.text(text_input.get("custom_id"), f"{path}.custom_id", 100, 1)
    form.choice(text_input.get("style"), f"{path}.style", frozenset({1, 2}))
    form.text(text_input.get("placeholder"), f"{path}.placeholder", 100)
    form.text(text_input.get("value"), f"{path}.value", 4_000)
    form.integer(text_input.get("min_length"), f"{path}.min_length", 0, 4_000)
    form.integer(text_input.get("max_length"), f"{path}.max_length", 1, 4_000)
