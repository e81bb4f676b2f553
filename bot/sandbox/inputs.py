"""What a member does with components and modals, held against what the application sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.checks.components import (
    BUTTON,
    FILE_UPLOAD,
    LABEL,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT_INPUT,
    walk,
)
from bot.sandbox.checks.form import Form
from bot.sandbox.errors import invalid_form
from bot.sandbox.model import User
from bot.sandbox.options import Resolver
from bot.sandbox.snowflake import parse

Json = dict[str, Any]


def check_component(components: list[Json], data: Json, resolver: Resolver, viewer: User) -> Json:
    """The `data` of a component interaction as the application gets it.

    Raises `ApiError` 50035 if no enabled component of the message has this `custom_id` and type, or if the values are
    not among its options or too few or many.
    """
    custom_id = data.get("custom_id")
    component = next((one for one in walk(components) if custom_id and one.get("custom_id") == custom_id), None)
    if component is None or component["type"] != data.get("component_type") or component.get("disabled"):
        raise invalid_form("data.custom_id", "Component validation failed", "COMPONENT_VALIDATION_FAILED")
    answer: Json = {"custom_id": custom_id, "component_type": component["type"], "id": component.get("id", 0)}
    if component["type"] == BUTTON:
        return answer
    form = Form()
    _check_values(form, "data.values", component, data.get("values"), resolver, viewer)
    form.refuse()
    return {**answer, "values": data["values"], **resolver.shown()}


def check_submission(modal: Json, data: Json, resolver: Resolver, viewer: User) -> Json:
    """The `data` of a modal's submission as the application gets it; `ApiError` 50035 for what does not suit it.

    Files are named by their numbers in the request, and given to the application by their ids.
    """
    if data.get("custom_id") != modal["custom_id"]:
        raise invalid_form("data.custom_id", "Component validation failed", "COMPONENT_VALIDATION_FAILED")
    inputs = {one["custom_id"]: one for one in walk(modal["components"]) if "custom_id" in one}
    form = Form()
    given: set[str] = set()
    files: dict[str, list[str]] = {}
    for index, child in enumerate(one for one in walk(data.get("components")) if "custom_id" in one):
        path = f"data.components.{index}"
        known = inputs.get(str(child["custom_id"]))
        # An input given twice would leave it open which value counts.
        known = None if known is not None and known["custom_id"] in given else known
        if known is None or known["type"] != child.get("type"):
            form.wrong(path, "COMPONENT_VALIDATION_FAILED", "The modal has no such input")
            continue
        given.add(known["custom_id"])
        if known["type"] == TEXT_INPUT:
            _check_text(form, f"{path}.value", known, child.get("value"))
        elif known["type"] in SELECTS:
            _check_values(form, f"{path}.values", known, child.get("values"), resolver, viewer)
        elif known["type"] == FILE_UPLOAD:
            files[known["custom_id"]] = _files(form, f"{path}.values", known, child.get("values"), resolver)
    for index, part in enumerate(form.items(data.get("components"), "data.components", 5)):
        _check_part(form, f"data.components.{index}", part)
    for custom_id in inputs.keys() - given:
        form.wrong("data.components", "BASE_TYPE_REQUIRED", f"The input {custom_id} is missing")
    form.refuse()
    parts = [_with_ids(part, files) for part in form.items(data.get("components"), "data.components", 5)]
    return {"custom_id": modal["custom_id"], "components": parts, **resolver.shown()}


def _with_ids(part: Json, files: Mapping[str, list[str]]) -> Json:
    """A part of a submission as the application gets it; the numbers tell components apart, nothing else."""
    if part["type"] == LABEL:
        child = part["component"]
        taken = {"values": files[child["custom_id"]]} if child.get("custom_id") in files else {}
        return {"type": LABEL, "id": 0, "component": {"id": 0, **child, **taken}}
    return {"type": ROW, "id": 0, "components": [{"id": 0, **one} for one in part["components"]]}


def _check_part(form: Form, path: str, part: Any) -> None:
    """Check that a part of a submission is a label with its input or a row of inputs."""
    if not form.record(part, path) or not form.choice(part.get("type"), f"{path}.type", frozenset({ROW, LABEL})):
        return
    if part["type"] == LABEL:
        form.record(part.get("component"), f"{path}.component")
        return
    for index, child in enumerate(form.items(part.get("components"), f"{path}.components", 5, 1)):
        form.record(child, f"{path}.components.{index}")


def _check_text(form: Form, path: str, text_input: Json, value: Any) -> None:
    required = text_input.get("required", True)
    low = text_input.get("min_length") or (1 if required else 0)
    if not required and value == "":
        return
    form.text(value, path, text_input.get("max_length") or 4_000, low)


def _check_values(form: Form, path: str, select: Json, values: Any, resolver: Resolver, viewer: User) -> None:
    for index, value in enumerate(_as_many(form, path, select, values)):
        if not isinstance(value, str) or not _picks(select, value, resolver, viewer):
            form.wrong(f"{path}.{index}", "SELECT_COMPONENT_INVALID_VALUE", "The value is none of the options")
    if isinstance(values, list) and len(set(map(str, values))) != len(values):
        form.wrong(path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")


def _files(form: Form, path: str, upload: Json, values: Any, resolver: Resolver) -> list[str]:
    """The ids of the files that came along under these numbers, each of which is given once."""
    found: list[str] = []
    for index, value in enumerate(_as_many(form, path, upload, values)):
        file_id = resolver.file(value) if isinstance(value, str) else None
        if file_id is None or file_id in found:
            form.wrong(f"{path}.{index}", "COMPONENT_VALIDATION_FAILED", "No such file")
        else:
            found.append(file_id)
    return found


def _as_many(form: Form, path: str, component: Json, values: Any) -> list[Any]:
    """The values of a select or a file upload, checked for their number; none may be given where none are required."""
    low, high = (1 if component.get(key) is None else component[key] for key in ("min_values", "max_values"))
    may_be_none = component.get("required") is False and values == []
    return [] if may_be_none else form.items(values, path, high, low)


def _picks(select: Json, value: str, resolver: Resolver, viewer: User) -> bool:
    if select["type"] == STRING_SELECT:
        return any(option["value"] == value for option in select["options"])
    snowflake = parse(value)
    if snowflake is None:
        return False
    match select["type"]:
        case 5:
            return resolver.user(snowflake)
        case 6:
            return resolver.role(snowflake)
        case 8:
            return resolver.channel(snowflake, viewer, select.get("channel_types") or ())
        case _:
            return resolver.user(snowflake) or resolver.role(snowflake)
